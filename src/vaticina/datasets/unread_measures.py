"""Columns that a person sees numbers, dates or durations in, though no notation that is read fits them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

from vaticina.datasets.column_texts import ColumnTexts
from vaticina.tables.dates import MONTH_NUMBERS, plain_letters
from vaticina.tables.numbers import NOTATIONS

SHARE = 0.5
"""Share of the cells of which more must look so."""

LONGEST = 48
"""Characters of a text that is a measure and no sentence."""

MANY = 20
"""More different texts than a column of fractions or marks, such as 7/10, usually has."""

AROUND_A_NUMBER = re.compile(r"(\D*?)([+-]?\d(?:[\d.,'’\s]*\d)?)(\D*)")
"""Groups: what stands before a number, the number, and what stands behind it."""

GROUPED = re.compile(r"\d[.,'’\s]\d")
YEAR_AT_THE_END = re.compile(r"\D(19|20)\d\d")

DURATION = re.compile(
    r"-?\d{1,5}:\d\d(:\d\d)?([.,]\d+)?|(\d+([.,]\d+)? ?(d|h|hs|hrs?|m|min|s|seg|sec)\b\.? ?)+", re.IGNORECASE
)
YEAR = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
DATE = re.compile(r"(?<!\d)((19|20)\d\d([-/.])\d{1,2}\3\d{1,2}|\d{1,2}([-/.])\d{1,2}\4(19|20)\d\d)(?!\d)")
DAY_AND_MONTH = re.compile(r"(0?[1-9]|[12]\d|3[01])/(0?[1-9]|1[0-2])")
WORD = re.compile(r"[^\W\d_]+")
POSITION = re.compile(r"\(?-?\d{1,3}([.,]\d+)?\s*°.*|\(?-?\d{1,3}[.,]\d+\s*[,;\s]\s*-?\d{1,3}[.,]\d+\)?")


def unread_measures(texts: ColumnTexts) -> str | None:
    """What a column of texts looks like to a person, in words; None if it does not look like a measure."""
    unit = _common_unit(texts)
    if unit is not None:
        return f"numbers with {unit!r} beside them"
    looks: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("dates", _holds_a_date),
        ("durations", DURATION.fullmatch),
        ("positions, which are two numbers", POSITION.fullmatch),
    )
    for what, fits in looks:
        if _share(texts, filter(fits, texts.counts)) > SHARE:
            return what
    if len(texts.counts) > MANY and _share(texts, filter(DAY_AND_MONTH.fullmatch, texts.counts)) > SHARE:
        return "dates without a year, or fractions"
    return None


def _share(texts: ColumnTexts, some: Iterable[str]) -> float:
    """The share of the cells that hold one of ``some`` texts."""
    return texts.cells_with(some) / max(texts.filled, 1)


def _common_unit(texts: ColumnTexts) -> str | None:
    """What stands beside the number in most cells; None if they hold no numbers, or nothing else, or name the rows."""
    cells = Counter[str]()
    for text, count in texts.counts.items():
        unit = _unit(text)
        if unit is not None:
            cells[unit] += count
    unit, count = max(cells.items(), key=lambda item: item[1], default=("", 0))
    return unit if count > SHARE * texts.filled else None


def _unit(text: str) -> str | None:
    """What stands beside the number in ``text``; None if that is nothing, or ``text`` may name a row, as F-123 does."""
    match = AROUND_A_NUMBER.fullmatch(text)
    if match is None or len(text) > LONGEST:
        return None
    before, number, behind = (part.strip() for part in match.groups())
    core = re.sub(r"\s", " ", number).replace("’", "'")
    if not (before or behind) or all(notation.plain(core) is None for notation in NOTATIONS):
        return None
    if before and (GROUPED.search(core) is None or YEAR_AT_THE_END.search(core)):
        return None
    return f"{before} {behind}".strip()


def _holds_a_date(text: str) -> bool:
    """Whether ``text`` is hardly more than a date: a year with a day and a month, or with the name of a month."""
    if len(text) > LONGEST:
        return False
    if DATE.search(text):
        return True
    words = WORD.findall(plain_letters(text))
    return YEAR.search(text) is not None and not MONTH_NUMBERS.keys().isdisjoint(words)
