"""What a cell of a table becomes in a JSON body: the type that the input asks for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from vaticina.contract.cell_values import reader
from vaticina.contract.fields import AnyInput, Category, Flag, Identifier, Instant, Integer

Row = Mapping[str, Any]


def shaper(inputs: Mapping[str, AnyInput], columns: Sequence[str]) -> Callable[[Row], dict[str, Any]]:
    """How a row of a table with ``columns`` becomes a body: the inputs among them, null where there is no value.

    What has a default and may not be null is left out instead.
    """
    writers = {name: writer(field) for name, field in inputs.items() if name in columns}
    left_out = {name for name, field in inputs.items() if field.default is not None and not field.optional}

    def shape(row: Row) -> dict[str, Any]:
        body = {name: write(row.get(name)) for name, write in writers.items()}
        return {name: value for name, value in body.items() if value is not None or name not in left_out}

    return shape


def writer(field: AnyInput) -> Callable[[Any], Any]:
    """How the cells of an input's column are written.

    What does not fit the type is sent as it is, so that the server says what is wrong with it.
    """
    read, write = reader(field), _typed(field)

    def cell(value: Any) -> Any:
        if isinstance(value, str):
            value = read(value)
        return None if is_missing(value) else write(value)

    return cell


def is_missing(value: Any) -> bool:
    """Whether there is no value: null, or a number that is none."""
    return value is None or value != value  # unequal to itself: NaN and NaT


def _typed(field: AnyInput) -> Callable[[Any], Any]:
    if isinstance(field, Flag):
        return lambda value: bool(value) if value in (0, 1) else value
    if isinstance(field, Instant):
        return lambda value: value.isoformat() if isinstance(value, date) else value
    if isinstance(field, Identifier) or (isinstance(field, Category) and not field.whole):
        return lambda value: value if isinstance(value, str) else str(value)
    return _whole if isinstance(field, Integer | Category) else _number


def _whole(value: Any) -> Any:
    number = _number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, bool | Decimal) else value
