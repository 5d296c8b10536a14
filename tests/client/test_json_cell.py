"""Cells of tables as JSON values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from vaticina.client.json_cell import body_writer, cell_writer
from vaticina.contract.fields import AnyInput, Category, Flag, Identifier, Instant, Integer, Number

NAN = float("nan")


@pytest.mark.parametrize(
    ("field", "cell", "sent"),
    [
        (Number(), "1.5", 1.5),
        (Number(), 2, 2),
        (Number(), True, 1.0),
        (Number(), Decimal("2.5"), 2.5),
        (Number(), "many", "many"),
        (Number(), NAN, None),
        (Number(), None, None),
        (Integer(), "45", 45),
        (Integer(), 45.0, 45),
        (Integer(), "45.5", 45.5),
        (Integer(), float("inf"), float("inf")),
        (Integer(), NAN, None),
        (Flag(), "True", True),
        (Flag(), "0", False),
        (Flag(), 1, True),
        (Flag(), 0.0, False),
        (Flag(), False, False),
        (Flag(), "maybe", "maybe"),
        (Flag(), 2, 2),
        (Category(), "SP", "SP"),
        (Category(), 7, "7"),
        (Category(), NAN, None),
        (Category(categories=(1, 2)), "2", 2),
        (Category(categories=(1, 2)), 2.0, 2),
        (Category(categories=(1, 2)), "two", "two"),
        (Identifier(), 12, "12"),
        (Identifier(), "007", "007"),
        (Instant(), "2026-01-31", "2026-01-31"),
        (Instant(), date(2026, 1, 31), "2026-01-31"),
        (Instant(), datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00+00:00"),
    ],
)
def test_a_cell_is_sent_as_its_input_wants_it(field: AnyInput, cell: Any, sent: Any) -> None:
    found = cell_writer(field)(cell)
    assert found == sent
    assert type(found) is type(sent)


def test_what_is_missing_is_null_unless_it_has_a_default() -> None:
    inputs: dict[str, AnyInput] = {"a": Number(optional=True), "b": Number(default=1.0), "c": Number(), "d": Number()}
    write = body_writer(inputs, ["a", "b", "c", "other"])
    assert write({"a": None, "b": NAN, "c": NAN, "other": 3}) == {"a": None, "c": None}
    assert write({"a": 1, "b": 2, "c": 3, "other": 4}) == {"a": 1, "b": 2, "c": 3}


def test_no_body_holds_nan() -> None:
    write = body_writer({"a": Number(), "b": Integer()}, ["a", "b"])
    assert orjson.dumps(write({"a": NAN, "b": float("inf")})) == b'{"a":null,"b":null}'
