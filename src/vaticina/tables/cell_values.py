"""What the text in a table's cell means: the JSON value that a client would send for it."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from vaticina.contract.fields import AnyInput, Category, Flag, Integer, Number

Cell = str | None
"""A stripped text, ``None`` where there is no value."""

Reader = Callable[[Cell], Any]
"""What the text of a cell means for one input."""

MISSING = frozenset({"", "?", "NA", "N/A", "NaN", "nan", "null", "NULL"})
"""Texts that mean that there is no value."""

INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]{0,14})")
"""Up to 15 digits, which a double holds exactly. No leading zeros: 007 is a code, not a quantity."""

NUMBER = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

FLAGS = {"true": True, "false": False}


def cell_text(value: object) -> Cell:
    """The stripped text of a cell; None where there is no value. A value of a Parquet file is written as text."""
    text = value.strip() if isinstance(value, str) else str("" if value is None else value)
    return None if text in MISSING else text


def is_instant(text: str) -> bool:
    """Whether ``text`` is an ISO 8601 date or time with dashes: 20110101 is rather an integer."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "-" in text


def reader(field: AnyInput) -> Reader:
    """How the cells of an input's column are read.

    A text that does not fit the type stays a text, so that the contract's validator refuses it and says why.
    """
    if isinstance(field, Number | Integer) or (isinstance(field, Category) and field.whole):
        return _number
    if isinstance(field, Flag):
        return _flag
    return lambda cell: cell


def _number(cell: Cell) -> float | Cell:
    return float(cell) if cell is not None and NUMBER.fullmatch(cell) else cell


def _flag(cell: Cell) -> bool | Cell:
    return cell if cell is None else {**FLAGS, "1": True, "0": False}.get(cell.lower(), cell)
