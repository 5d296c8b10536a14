"""The JSON value of a table's cell, of the type that the input asks for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from vaticina.contract.fields import AnyInput, Category, Flag, Identifier, Instant, Integer
from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.tables.cell_values import cell_reader, reader

Row = Mapping[str, Any]


def body_writer(
    inputs: Mapping[str, AnyInput], columns: Sequence[str], notation: TableNotation = PLAIN
) -> Callable[[Row], dict[str, Any]]:
    """The function that makes a request's body from a row of a table with ``columns``, written in ``notation``.

    The body holds the inputs among the columns, and null where a value is missing. An input that has a default is left
    out instead, as ``score`` leaves it out.
    """
    writers: dict[str, Callable[[Any], Any]] = {}
    never_null: set[str] = set()
    for name, field in inputs.items():
        if name in columns:
            writers[name] = cell_writer(field, name, notation)
        if field.default is not None:
            never_null.add(name)

    def write_body(row: Row) -> dict[str, Any]:
        body = {}
        for name, write in writers.items():
            value = write(row.get(name))
            if value is not None or name not in never_null:
                body[name] = value
        return body

    return write_body


def cell_writer(field: AnyInput, name: str = "", notation: TableNotation = PLAIN) -> Callable[[Any], Any]:
    """The function that makes the JSON value of a cell in the column ``name`` of an input.

    What does not fit the type is sent as it is, so that the server says what is wrong with it.
    """
    as_cell, read, convert = cell_reader(field), reader(field, name, notation), _converter(field)

    def write_cell(value: Any) -> Any:
        if isinstance(value, str):
            value = read(as_cell(value))
        if is_missing(value):
            return None
        return convert(value)

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
    if isinstance(field, Integer | Category):
        return _whole
    return _number


def _flag(value: Any) -> Any:
    if value in (0, 1):
        return bool(value)
    return value


def _instant(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value


def _whole(value: Any) -> Any:
    number = _number(value)
    if isinstance(number, float) and number.is_integer():
        return int(number)
    return number


def _number(value: Any) -> Any:
    if isinstance(value, bool | Decimal):
        return float(value)
    return value
