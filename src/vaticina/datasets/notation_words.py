"""The words of ``[data]`` by which every table of a project is read, from what its columns showed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from vaticina.contract.notation import ColumnNotation, DateOrder, DecimalMark, TableNotation, ThousandsMark
from vaticina.datasets.column_reading import ColumnReading
from vaticina.tables.numbers import NUMBER
from vaticina.tables.plain_text import PlainText


def notation_of(readings: Mapping[str, ColumnReading], encoding: str | None) -> TableNotation:
    """The words for the table; columns that differ from most others have their own. Plain tables need none."""
    needed: dict[str, ColumnNotation] = {}
    numbers: dict[str, ColumnNotation] = {}
    for name, reading in readings.items():
        words = _number_words(reading)
        if words is not None:
            numbers[name] = words
        if words is not None and _needs_words(reading):
            needed[name] = words
    dates = {name: reading.dates for name, reading in readings.items() if reading.dates is not None}
    usual = _usual_numbers(needed.values())
    usual_dates: DateOrder | None = _most_common(dates.values())
    columns: dict[str, ColumnNotation] = {}
    for name, words in numbers.items():
        if not _reads(usual, words, readings[name]):
            columns[name] = words
    for name, reading in readings.items():
        if reading.times:
            columns[name] = ColumnNotation(times="minutes")
    for name, order in dates.items():
        if order != usual_dates:
            columns[name] = ColumnNotation(dates=order)
    return TableNotation(
        decimal=usual.decimal,
        thousands=usual.thousands,
        dates=usual_dates,
        units=_sorted(reading.units for reading in readings.values()),
        missing=_sorted(reading.texts.missing for reading in readings.values()),
        yes=_sorted(reading.yes for reading in readings.values()),
        no=_sorted(reading.no for reading in readings.values()),
        encoding=encoding,
        columns=columns,
    )


def _number_words(reading: ColumnReading) -> ColumnNotation | None:
    if reading.numbers is None:
        return None
    return ColumnNotation(decimal=reading.numbers.decimal, thousands=reading.numbers.thousands)


def _needs_words(reading: ColumnReading) -> bool:
    """Whether a number of the column is not in plain notation, or would mean something else in it."""
    if reading.numbers is not None and reading.numbers.decimal == "," and _has_marks(reading):
        return True
    return not all(map(NUMBER.fullmatch, reading.texts.counts.keys() - reading.mistakes))


def _has_marks(reading: ColumnReading) -> bool:
    return any("," in text or "." in text for text in reading.texts.counts if not isinstance(text, PlainText))


def _usual_numbers(needed: Iterable[ColumnNotation]) -> ColumnNotation:
    """The decimal mark of most columns, with the mark between thousands that some of them have, if all agree."""
    columns = list(needed)
    decimal: DecimalMark | None = _most_common([column.decimal for column in columns])
    if decimal is None:
        return ColumnNotation()
    thousands: ThousandsMark | None = _most_common(
        [column.thousands for column in columns if column.decimal == decimal]
    )
    return ColumnNotation(decimal=decimal, thousands=thousands)


def _reads(usual: ColumnNotation, words: ColumnNotation, reading: ColumnReading) -> bool:
    """Whether the table's words read the column rightly."""
    if usual.decimal is None or not _has_marks(reading):
        return words.thousands in (None, usual.thousands)
    return words.decimal == usual.decimal and words.thousands in (None, usual.thousands)


Choice = TypeVar("Choice")


def _most_common(values: Iterable[Choice | None]) -> Choice | None:
    """The most frequent of ``values`` that is not None."""
    counts: Counter[Choice] = Counter()
    for value in values:
        if value is not None:
            counts[value] += 1
    return max(counts, key=counts.__getitem__, default=None)


def _sorted(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    words: set[str] = set()
    for group in groups:
        words.update(group)
    return tuple(sorted(words))
