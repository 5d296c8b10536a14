"""Numbers in the notations of people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaticina.contract.notation import ColumnNotation
from vaticina.tables.numbers import UNITS, NumberReader, looks_numeric

POINT = ColumnNotation(decimal=".", thousands=",")
COMMA = ColumnNotation(decimal=",", thousands=".")
SPACE = ColumnNotation(decimal=",", thousands=" ")
SWISS = ColumnNotation(decimal=".", thousands="'")
NO_GROUPS = ColumnNotation(decimal=",")


@pytest.mark.parametrize(
    ("notation", "text", "number"),
    [
        (COMMA, "1.366,13", 1366.13),
        (COMMA, "-1.366,13", -1366.13),
        (COMMA, "12,5", 12.5),
        (COMMA, "1.234", 1234),
        (COMMA, "1.234.567", 1234567),
        (COMMA, ",5", 0.5),
        (COMMA, "7", 7),
        (COMMA, "1,5E-05", 1.5e-5),
        (COMMA, "12,50 €", 12.5),
        (COMMA, "€ -12,50", -12.5),
        (COMMA, "-€12,50", -12.5),
        (COMMA, "R$ 1.234,50", 1234.5),
        (COMMA, "12,5\u00a0%", 12.5),
        (COMMA, "1.234,50-", -1234.5),
        (COMMA, "1.234,50 EUR", 1234.5),
        (COMMA, "32,5 m2", 32.5),
        (POINT, "$1,108.88", 1108.88),
        (POINT, "($1,108.88)", -1108.88),
        (POINT, "$.50", 0.5),
        (POINT, "S/ 35.00", 35),
        (POINT, "S/. 35.00", 35),
        (POINT, "10%", 10),
        (POINT, "\u22124.5", -4.5),
        (POINT, "+3", 3),
        (SPACE, "1 366,13", 1366.13),
        (SPACE, "1\u202f366,13\u00a0€", 1366.13),
        (SWISS, "1’366.13", 1366.13),
        (SWISS, "CHF 1'366.13", 1366.13),
    ],
)
def test_a_number_is_read_in_its_notation(notation: ColumnNotation, text: str, number: float) -> None:
    plain = NumberReader(notation, UNITS).plain(text)
    assert plain is not None
    assert float(plain) == number


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        (COMMA, "1.5"),
        (COMMA, "12.34"),
        (COMMA, "1.23.456"),
        (COMMA, "0.123"),
        (COMMA, "1,234,567"),
        (POINT, "1,5"),
        (POINT, "1.366,13"),
        (NO_GROUPS, "1.366"),
        (SPACE, "12 34"),
        (COMMA, "007"),
        (COMMA, "12 kilos de pan"),
        (COMMA, "12,5 € 3"),
        (COMMA, "--5"),
        (COMMA, "٣"),
        (COMMA, "l2"),
        (COMMA, "€"),
        (COMMA, ""),
        (COMMA, "1" * 60 + " €"),
    ],
)
def test_what_is_no_number_of_the_notation_stays_unread(notation: ColumnNotation, text: str) -> None:
    assert NumberReader(notation, UNITS).plain(text) is None


def test_a_unit_that_was_not_listed_is_not_read() -> None:
    assert NumberReader(COMMA, ["€"]).plain("12,5 €") == "12.5"
    assert NumberReader(COMMA, ["€"]).plain("12,5 $") is None


@given(
    value=st.integers(-(10**14), 10**14),
    digits=st.integers(0, 6),
    notation=st.sampled_from([POINT, COMMA, SPACE, SWISS]),
    unit=st.sampled_from(["", "$", "€", "%", "kg"]),
)
def test_every_number_comes_back(value: int, digits: int, notation: ColumnNotation, unit: str) -> None:
    number = value / 10**digits
    written = f"{number:,.{digits}f}".replace(".", "\0").replace(",", notation.thousands or "")
    text = f"{written} {unit}".replace("\0", notation.decimal or ".").strip()
    plain = NumberReader(notation, UNITS).plain(text)
    assert plain is not None
    assert float(plain) == float(f"{number:.{digits}f}")


@pytest.mark.parametrize(("text", "looks"), [("1.5", True), ("12/03/2024", True), ("12 kg", True), ("A12", False)])
def test_what_looks_numeric(text: str, looks: bool) -> None:
    assert looks_numeric(text) == looks
