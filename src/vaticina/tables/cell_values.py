"""The meaning of the text in a table's cell: the JSON value that a client would send for it."""

from collections.abc import Callable
from typing import Any

from vaticina.contract.fields import AnyInput, Category, Flag, Instant, Integer, Number
from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.contract.text_values import MISSING, text_reader
from vaticina.tables.dates import iso_date, minutes_of_day
from vaticina.tables.numbers import NUMBER, NumberReader
from vaticina.tables.plain_text import PlainText

Cell = str | None
"""A stripped text, ``None`` where there is no value."""

Reader = Callable[[Cell], Any]
"""What the text of a cell means for one input."""


FLAGS = {"true": True, "false": False}
"""Texts in lower case that are true or false in every column."""


FLAG_WORDS = {**FLAGS, "1": True, "0": False}
"""Texts in lower case that are true or false in a column of flags."""

TYPED_NUMBERS = {**FLAG_WORDS, "1.0": True, "0.0": False}
"""The same for values that have a type in their file: where some flags are missing, the others may be numbers."""

TYPED_FLAGS = {"True": True, "False": False}
"""Flags that have a type in their file: in a column of numbers they are 1 and 0."""


def cell_text(value: object) -> Cell:
    """The stripped text of a cell; None where there is no value. A value of a Parquet file is written as text."""
    text = written_text(value)
    if text is None:
        return None
    text = text.strip()
    if text in MISSING:
        return None
    return text if isinstance(value, str) else PlainText(text)


def cell_reader(field: AnyInput) -> Callable[[object], Cell]:
    """``cell_text`` for the column of an input: a text that is one of its own categories is taken as it stands."""
    read_text = text_reader(field)

    def read_cell(value: object) -> Cell:
        if type(value) is str:
            return read_text(value)
        text = written_text(value)
        cell = None if text is None else read_text(text)
        return cell if cell is None or isinstance(value, str) else PlainText(cell)

    return read_cell


def written_text(value: object) -> Cell:
    """The text of a cell as it stands; None where a Parquet file holds no value, or NaN."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # NaN and NaT are not equal to themselves
        return None
    return str(value)


def reader(field: AnyInput, name: str = "", notation: TableNotation = PLAIN) -> Reader:
    """The function that reads the cells of an input's column, which is called ``name`` in a table of this ``notation``.

    A text that does not fit the type stays a text, so that the contract's validator refuses it and says why.
    """
    read = _plain_reader(field)
    if notation == PLAIN:
        return read
    translate = _translator(field, name, notation)
    if translate is not None:
        read = _after(translate, read)
    missing = frozenset(notation.missing) - _own_texts(field)
    if missing:
        read = _without(missing, read)
    return read


def number_reader(name: str, notation: TableNotation) -> Callable[[str], str | None]:
    """The function that gives the number of a text in column ``name`` in plain notation; None if it is no number."""
    column = notation.of_column(name)
    read = _plain_number
    if column.decimal is not None:
        read = NumberReader(column, notation.units).plain
    reads_times = column.times is not None
    if column.decimal is None and not reads_times:
        return read

    def plain(text: str) -> str | None:
        if isinstance(text, PlainText):
            return _plain_number(text)
        number = read(text)
        if number is None and reads_times:
            return minutes_of_day(text)
        return number

    return plain


def date_reader(name: str, notation: TableNotation) -> Callable[[str], str]:
    """The function that gives the date of a text in column ``name`` in ISO 8601; another text stays as it is."""
    order = notation.of_column(name).dates
    if order is None:
        return str

    def read_date(text: str) -> str:
        return iso_date(text, order) or text

    return read_date


def _plain_reader(field: AnyInput) -> Reader:
    if _is_numeric(field):
        return _number
    if isinstance(field, Flag):
        return _flag
    return _text


def _translator(field: AnyInput, name: str, notation: TableNotation) -> Callable[[str], str] | None:
    """What turns a text of the table into plain notation, where that differs for the type of ``field``."""
    column = notation.of_column(name)
    if _is_numeric(field) and (column.decimal is not None or column.times is not None):
        return _number_or_text(number_reader(name, notation))
    if isinstance(field, Instant) and column.dates is not None:
        return date_reader(name, notation)
    if isinstance(field, Flag) and (notation.yes or notation.no):
        return _flag_words(notation)
    return None


def _number_or_text(plain: Callable[[str], str | None]) -> Callable[[str], str]:
    def read_number(text: str) -> str:
        return plain(text) or text

    return read_number


def _is_numeric(field: AnyInput) -> bool:
    return isinstance(field, Number | Integer) or (isinstance(field, Category) and field.whole)


def _own_texts(field: AnyInput) -> frozenset[str | int]:
    """The categories of ``field``: such a text is a value, also where it means elsewhere that there is none."""
    return frozenset(field.known) if isinstance(field, Category) else frozenset()


def _flag_words(notation: TableNotation) -> Callable[[str], str]:
    words = dict.fromkeys(map(str.casefold, notation.yes), "true")
    words.update(dict.fromkeys(map(str.casefold, notation.no), "false"))

    def read_word(text: str) -> str:
        return words.get(text.casefold(), text)

    return read_word


def _after(translate: Callable[[str], str], read: Reader) -> Reader:
    def read_translated(cell: Cell) -> Any:
        return None if cell is None else read(translate(cell))

    return read_translated


def _without(missing: frozenset[str], read: Reader) -> Reader:
    def read_present(cell: Cell) -> Any:
        return None if cell in missing else read(cell)

    return read_present


def _text(cell: Cell) -> Cell:
    return cell


def _number(cell: Cell) -> float | Cell:
    if cell is not None and NUMBER.fullmatch(cell):
        return float(cell)
    if isinstance(cell, PlainText) and cell in TYPED_FLAGS:
        return float(TYPED_FLAGS[cell])
    return cell


def _plain_number(text: str) -> str | None:
    return text if NUMBER.fullmatch(text) else None


def _flag(cell: Cell) -> bool | Cell:
    if cell is None:
        return None
    words = TYPED_NUMBERS if isinstance(cell, PlainText) else FLAG_WORDS
    return words.get(cell.lower(), cell)
