from typing import Any

import pytest
from pydantic import TypeAdapter

from vaticina.contract.fields import AnyInput
from vaticina.tables.cell_values import reader
from vaticina.tables.dates import is_instant
from vaticina.tables.numbers import INTEGER, NUMBER


@pytest.mark.parametrize("text", ["0", "-7", "+12", "123456789012345"])
def test_integers(text: str) -> None:
    assert INTEGER.fullmatch(text)
    assert NUMBER.fullmatch(text)


@pytest.mark.parametrize("text", ["1.5", "-.5", "3.", "1e-3", "6.02E23"])
def test_numbers(text: str) -> None:
    assert NUMBER.fullmatch(text)
    assert not INTEGER.fullmatch(text)


@pytest.mark.parametrize("text", ["007", "1_000", "1,5", "inf", "0x10", "٣", "", ".", "12 kg", "-"])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert not NUMBER.fullmatch(text)
    assert not INTEGER.fullmatch(text)


def test_instants_have_dashes() -> None:
    assert is_instant("2011-01-31")
    assert is_instant("2022-03-20T11:00:00+01:00")
    assert not any(map(is_instant, ["20110131", "31/01/2011", "2011-13-01", "may", ""]))


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ({"type": "number"}, "45", 45.0),
        ({"type": "number"}, "many", "many"),
        ({"type": "integer"}, "45.0", 45.0),
        ({"type": "flag"}, "TRUE", True),
        ({"type": "flag"}, "0", False),
        ({"type": "flag"}, "maybe", "maybe"),
        ({"type": "category", "categories": [1, 2]}, "2", 2.0),
        ({"type": "category", "categories": ["1", "2"]}, "2", "2"),
        ({"type": "identifier"}, "12", "12"),
        ({"type": "number"}, None, None),
        ({"type": "flag"}, None, None),
    ],
)
def test_a_cell_becomes_what_a_client_would_send(field: dict[str, Any], cell: str | None, value: Any) -> None:
    read = reader(TypeAdapter(AnyInput).validate_python(field))(cell)
    assert read == value
    assert type(read) is type(value)
