"""In which notations the texts of a column are numbers or dates, and which of its texts are not."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from vaticina.contract.notation import DateOrder
from vaticina.datasets.column_texts import MISSING_AMONG_NUMBERS, ColumnTexts
from vaticina.tables.dates import ORDERS, iso_date, minutes_of_day
from vaticina.tables.numbers import (
    MEASURES,
    NOTATIONS,
    NUMBER,
    PERCENT,
    THOUSANDS_OR_FRACTION,
    NumberNotation,
    SplitNumber,
    looks_numeric,
    plain_number,
    split_number,
)
from vaticina.tables.plain_text import PlainText

NEARLY_ALL = 0.95
"""Share of the cells that fit from which the others are mistakes."""

TYPO_CELLS = 2
"""Cells of a mistake; a text that stands in more was meant."""

MANY = 20
"""A column of more different numbers measures something; a few other words in it stand for missing values."""

FEW_WORDS = 2

SAMPLE = 2_000
RARELY = 0.02
"""Of so many different texts, a share that is too small to be worth a word."""


@dataclass(frozen=True, slots=True)
class NumberFit:
    """The notations in which most texts are numbers, ``units`` around them, and the ``others``, which are none."""

    notations: tuple[NumberNotation, ...]
    units: frozenset[str]
    others: frozenset[str]
    differ: frozenset[str]
    """Units that are no percent sign, where some cells have one and others another."""
    has_marks: bool
    """Whether a point or a comma stands in a number."""

    @property
    def is_ambiguous(self) -> bool:
        """Whether the decimal mark may be a point or a comma, and it matters: 1.234."""
        return self.has_marks and len({notation.decimal for notation in self.notations}) > 1


@dataclass(frozen=True, slots=True)
class DateFit:
    """The orders of day, month and year in which most texts are dates, and the ``others``, which are none."""

    orders: tuple[DateOrder, ...]
    others: frozenset[str]
    month_starts: DateOrder | None = None
    """The order by which every date is the first day of a month, where another order is possible too."""

    @property
    def is_ambiguous(self) -> bool:
        """Whether day or month may come first, and it matters: 08/11/2024."""
        return "year-first" not in self.orders and len(self.orders) > 1


@dataclass(frozen=True, slots=True)
class OtherTexts:
    """The texts that do not fit: those that stand for ``missing`` values, and the ``mistakes``."""

    missing: frozenset[str] = frozenset()
    mistakes: frozenset[str] = frozenset()


def fit_numbers(column: ColumnTexts) -> NumberFit:
    """How the texts of ``column`` are numbers."""
    texts = column.counts.keys()
    if all(map(NUMBER.fullmatch, texts)):
        return _plain_fit(texts)
    split = _split_numbers(texts)
    fitting: dict[NumberNotation, frozenset[str]] = {}
    for notation in NOTATIONS:
        fitting[notation] = frozenset(text for text, number in split.items() if _fits(text, number, notation))
    cells = {notation: column.cells_with(texts_that_fit) for notation, texts_that_fit in fitting.items()}
    most = max(cells.values())
    best = tuple(notation for notation in NOTATIONS if cells[notation] == most)
    numbers = {text: number for text, number in split.items() if text in fitting[best[0]]}
    rare = _rare_measures(column, numbers)
    units: set[str] = set()
    kinds: set[frozenset[str]] = set()
    has_marks = False
    for text in rare:
        del numbers[text]
    for text, number in numbers.items():
        units.update(number.units)
        kinds.add(frozenset(number.units) - {PERCENT})
        is_marked = "." in number.core or "," in number.core
        has_marks = has_marks or (is_marked and not isinstance(text, PlainText))
    differ = frozenset[str]().union(*kinds) if len(kinds - {frozenset()}) > 1 else frozenset[str]()
    return NumberFit(best, frozenset(units), frozenset(texts) - numbers.keys(), differ, has_marks)


def may_be_measured(column: ColumnTexts) -> bool:
    """Whether a sample of the different texts holds numbers, dates or times, which are slow to tell from others."""
    texts = list(column.counts)
    sample = texts[:: len(texts) // SAMPLE + 1]
    measured = 0
    for text in sample:
        is_number = any(plain_number(text, notation) is not None for notation in NOTATIONS)
        is_date = any(iso_date(text, order) is not None for order in ORDERS)
        measured += is_number or is_date or looks_numeric(text) or minutes_of_day(text) is not None
    return measured >= RARELY * len(sample)


def _split_numbers(texts: Iterable[str]) -> dict[str, SplitNumber]:
    """The numbers that ``texts`` may be; of a value that has a type, the core is its text."""
    numbers: dict[str, SplitNumber] = {}
    for text in texts:
        number = SplitNumber(text, ()) if isinstance(text, PlainText) else split_number(text)
        if number is not None:
            numbers[text] = number
    return numbers


def _fits(text: str, number: SplitNumber, notation: NumberNotation) -> bool:
    if isinstance(text, PlainText):
        return NUMBER.fullmatch(text) is not None
    return notation.plain(number.core) is not None


def _rare_measures(column: ColumnTexts, numbers: Mapping[str, SplitNumber]) -> list[str]:
    """The texts with a unit of measure, where most of the numbers have none: 35 years among 34 and 36 is a mistake."""
    measured = [text for text, number in numbers.items() if not MEASURES.isdisjoint(number.units)]
    if column.cells_with(measured) >= NEARLY_ALL * column.cells_with(numbers):
        return []
    return measured


def _plain_fit(texts: Collection[str]) -> NumberFit:
    """The fit of numbers with decimal points. Where all have three digits behind it, it may stand between thousands."""
    marked = [text for text in texts if "." in text and not isinstance(text, PlainText)]
    notations: tuple[NumberNotation, ...] = (NumberNotation("."),)
    if marked and all(map(THOUSANDS_OR_FRACTION.fullmatch, marked)):
        notations = (NumberNotation("."), NumberNotation(",", "."))
    return NumberFit(notations, frozenset(), frozenset(), frozenset(), bool(marked))


def fit_dates(column: ColumnTexts) -> DateFit:
    """How the texts of ``column`` are dates."""
    fitting: dict[DateOrder, frozenset[str]] = {}
    for order in ORDERS:
        fitting[order] = frozenset(text for text in column.counts if iso_date(text, order) is not None)
    cells = {order: column.cells_with(texts_that_fit) for order, texts_that_fit in fitting.items()}
    most = max(cells.values())
    best = tuple(order for order in ORDERS if cells[order] == most)
    dates = fitting[best[0]]
    return DateFit(best, frozenset(column.counts) - dates, _month_starts(best, dates))


def _month_starts(orders: Collection[DateOrder], texts: Collection[str]) -> DateOrder | None:
    """The one of several ``orders`` by which all dates are first days of several months."""
    if "year-first" in orders or len(orders) < 2:
        return None
    for order in orders:
        dates = {iso_date(text, order) or "" for text in texts}
        if len({date[5:7] for date in dates}) > 1 and all(date[8:10] == "01" for date in dates):
            return order
    return None


def fit_times(column: ColumnTexts) -> frozenset[str]:
    """The texts of ``column`` that are no time of day."""
    return frozenset(text for text in column.counts if minutes_of_day(text) is None)


def judge_rest(column: ColumnTexts, others: Collection[str]) -> OtherTexts | None:
    """What the ``others`` are if the rest of ``column`` are numbers or dates; None if the column holds something else.

    Texts such as ``none`` stand for missing values; one or two words do so among many different numbers. A few texts
    that stand there once or twice are mistakes.
    """
    missing = {text for text in others if text.casefold() in MISSING_AMONG_NUMBERS}
    rest = set(others) - missing
    different = len(column.counts) - len(others)
    if not different:
        return None
    fitting = column.filled - column.cells_with(others)
    if len(rest) <= FEW_WORDS and different > MANY and _are_repeated_words(column, rest):
        missing |= rest
        rest.clear()
    if not rest:
        is_typed = different > MANY or fitting >= column.cells_with(missing)
        return OtherTexts(missing=frozenset(missing)) if is_typed else None
    are_rare = different > MANY or all(column.counts[text] <= TYPO_CELLS for text in rest)
    if are_rare and fitting >= NEARLY_ALL * (fitting + column.cells_with(rest)):
        return OtherTexts(frozenset(missing), frozenset(rest))
    return None


def _are_repeated_words(column: ColumnTexts, texts: Iterable[str]) -> bool:
    """Whether each of ``texts`` has no digit, and stands in more cells than a mistake would."""
    return all(not _has_digit(text) and column.counts[text] > TYPO_CELLS for text in texts)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))
