"""The JSON value of a table's cell, of the type that the input asks for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from vaticina.contract.fields import AnyInput, Category, Flag, Identifier, Instant, Integer
from vaticina.tables.cell_values import reader

Row = Mapping[str, Any]


def body_writer(inputs: Mapping[str, AnyInput], columns: Sequence[str]) -> Callable[[Row], dict[str, Any]]:
    """The function that makes a request's body from a row of a table with ``columns``.

    The body holds the inputs among the columns, and null where a value is missing. An input that has a default and may
    not be null is left out instead.
    """
    writers = {name: cell_writer(field) for name, field in inputs.items() if name in columns}
    never_null = {name for name, field in inputs.items() if field.default is not None and not field.optional}

    def write_body(row: Row) -> dict[str, Any]:
        body = {name: write(row.get(name)) for name, write in writers.items()}
        return {name: value for name, value in body.items() if value is not None or name not in never_null}

    return write_body


def cell_writer(field: AnyInput) -> Callable[[Any], Any]:
    """The function that makes the JSON value of a cell in the column of an input.

    What does not fit the type is sent as it is, so that the server says what is wrong with it.
    """
    read, convert = reader(field), _converter(field)

    def write_cell(value: Any) -> Any:
        if isinstance(value, str):
            value = read(value)
        return None if is_missing(value) else convert(value)

    return write_cell


def is_missing(value: Any) -> bool:
    """Whether there is no value: None, NaN or NaT."""
    return value is None or value != value  # NaN and NaT are not equal to themselves


def _converter(field: AnyInput) -> Callable[[Any], Any]:
    """What makes a value of a Parquet file, or a text that was read, the type that the input asks for."""
    if isinstance(field, Flag):
        return _flag
    if isinstance(field, Instant):
        return _instant
    if isinstance(field, Identifier) or (isinstance(field, Category) and not field.whole):
        return str
    return _whole if isinstance(field, Integer | Category) else _number


def _flag(value: Any) -> Any:
    return bool(value) if value in (0, 1) else value


def _instant(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _whole(value: Any) -> Any:
    number = _number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, bool | Decimal) else value
