"""The meaning of the text in a table's cell: the JSON value that a client would send for it."""

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
"""A whole number. Up to 15 digits, which a double holds exactly. No leading zeros: 007 is a code, not a quantity."""

NUMBER = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""A number in decimal or scientific notation, with a decimal point."""

FLAGS = {"true": True, "false": False}
"""Texts in lower case that are true or false in every column."""


def cell_text(value: object) -> Cell:
    """The stripped text of a cell; None where there is no value. A value of a Parquet file is written as text."""
    if value is None:
        return None
    text = str(value).strip()
    return None if text in MISSING else text


def is_instant(text: str) -> bool:
    """Whether ``text`` is an ISO 8601 date or time with dashes: 20110101 is rather an integer."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "-" in text


def reader(field: AnyInput) -> Reader:
    """The function that reads the cells of an input's column.

    A text that does not fit the type stays a text, so that the contract's validator refuses it and says why.
    """
    if isinstance(field, Number | Integer) or (isinstance(field, Category) and field.whole):
        return _number
    if isinstance(field, Flag):
        return _flag
    return _text


def _text(cell: Cell) -> Cell:
    return cell


def _number(cell: Cell) -> float | Cell:
    if cell is not None and NUMBER.fullmatch(cell):
        return float(cell)
    return cell


def _flag(cell: Cell) -> bool | Cell:
    if cell is None:
        return None
    return {**FLAGS, "1": True, "0": False}.get(cell.lower(), cell)
