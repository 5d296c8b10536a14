"""The meaning of the text in a table's cell: the JSON value that a client would send for it."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from vaticina.contract.fields import AnyInput, Category, Flag, Integer, Number
from vaticina.contract.text_values import MISSING, text_reader

Cell = str | None
"""A stripped text, ``None`` where there is no value."""

Reader = Callable[[Cell], Any]
"""What the text of a cell means for one input."""

INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]{0,14})")
"""A whole number. Up to 15 digits, which a double holds exactly. No leading zeros: 007 is a code, not a quantity."""

NUMBER = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""A number in decimal or scientific notation, with a decimal point."""

FLAGS = {"true": True, "false": False}
"""Texts in lower case that are true or false in every column."""


def cell_text(value: object) -> Cell:
    """The stripped text of a cell; None where there is no value. A value of a Parquet file is written as text."""
    text = written_text(value)
    if text is None:
        return None
    text = text.strip()
    return None if text in MISSING else text


def cell_reader(field: AnyInput) -> Callable[[object], Cell]:
    """``cell_text`` for the column of an input: a text that is one of its own categories is taken as it stands."""
    read_text = text_reader(field)

    def read_cell(value: object) -> Cell:
        if type(value) is str:
            return read_text(value)
        text = written_text(value)
        return None if text is None else read_text(text)

    return read_cell


def written_text(value: object) -> Cell:
    """The text of a cell as it stands; None where a Parquet file holds no value, or NaN."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # NaN and NaT are not equal to themselves
        return None
    return str(value)


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
