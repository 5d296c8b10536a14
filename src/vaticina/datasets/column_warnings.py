"""Warnings about a column: what a person should look at."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vaticina.datasets.column_fits import MANY, DateFit, NumberFit, OtherTexts
from vaticina.datasets.column_texts import ColumnTexts
from vaticina.datasets.table_conventions import TableConventions
from vaticina.datasets.unread_measures import unread_measures
from vaticina.tables.dates import plain_letters
from vaticina.tables.numbers import PERCENT, NumberNotation, plain_number

DIGITS_WITH_MARKS = re.compile(r"\W{0,5}\d{1,20}[.,'’][\d.,'’]{1,20}\W{0,5}")

LOOKS_LIKE = 0.5
LARGE_PART = 0.1
"""Shares of the cells that fit from which it is said that a column of texts looks like numbers or dates; the smaller
one is enough where they are many different ones."""

SENTINELS = (-1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999)
"""Numbers by which some programs say that there is no value."""

FAR = 2
"""A sentinel is further from all other numbers than twice their span."""


@dataclass(frozen=True, slots=True)
class ColumnWarning:
    """What a person should know about a column; ``text`` is a cell that shows it, if there is one."""

    message: str
    text: str | None = None


def refused_units(fit: NumberFit) -> ColumnWarning | None:
    """Why numbers with these units cannot be compared; None if they can."""
    if fit.differ:
        units = ", ".join(sorted(fit.differ))
        return ColumnWarning(
            f"it holds numbers in different units ({units}), which are not compared; write it in one unit"
        )
    return None


def looks_like(texts: ColumnTexts, numbers: NumberFit, dates: DateFit) -> ColumnWarning | None:
    """What is said of a column of texts of which many are numbers or dates."""
    mixed = _mixed(texts)
    if mixed is not None:
        return mixed
    for kind, others in (("numbers", numbers.others), ("dates", dates.others)):
        fitting = texts.filled - texts.cells_with(others)
        different = len(texts.counts) - len(others)
        is_part = different > MANY and fitting >= LARGE_PART * texts.filled
        if is_part or fitting >= LOOKS_LIKE * texts.filled:
            first = next(text for text in texts.counts if text in others)
            return ColumnWarning(
                f"it looks like {kind}, but {texts.cells_with(others)} of {texts.filled} cells are written otherwise, "
                f"so it is read as text: correct them, or say --missing '{first}' if it means that there is no value; "
                f"the first is {first!r}",
                first,
            )
    return unread_notation(texts)


def unread_notation(texts: ColumnTexts) -> ColumnWarning | None:
    """What is said of texts that look like numbers, dates or durations of a notation that is not read."""
    return _unknown_notation(texts) or _unread_measure(texts)


def _unknown_notation(texts: ColumnTexts) -> ColumnWarning | None:
    """What is said of digits with points and commas that are numbers of no notation, such as 1,23,456."""
    marked = [text for text in texts.counts if DIGITS_WITH_MARKS.fullmatch(text)]
    if texts.cells_with(marked) < LOOKS_LIKE * texts.filled:
        return None
    first = marked[0]
    return ColumnWarning(f"it looks like numbers in a notation that is not understood, such as {first!r}", first)


def _unread_measure(texts: ColumnTexts) -> ColumnWarning | None:
    """What is said of texts in which a person sees a measure, such as 12 por ciento."""
    look = unread_measures(texts)
    if look is None:
        return None
    example = texts.typical()
    return ColumnWarning(
        f"it looks like {look}, in a notation that is not read, such as {example!r}, so it is read as text: "
        "write plain numbers, or dates as 2026-01-31",
        example,
    )


def _mixed(texts: ColumnTexts) -> ColumnWarning | None:
    """What is said of numbers of which some have a decimal point and some a decimal comma."""
    points: list[str] = []
    commas: list[str] = []
    for text in texts.counts:
        has_point = plain_number(text, NumberNotation(".", ",")) is not None
        has_comma = plain_number(text, NumberNotation(",", ".")) is not None
        if has_point and not has_comma:
            points.append(text)
        elif has_comma and not has_point:
            commas.append(text)
    either = texts.cells_with(points) + texts.cells_with(commas)
    if points and commas and either >= LOOKS_LIKE * texts.filled:
        return ColumnWarning(
            f"some of its numbers have a decimal point ({points[0]!r}) and some a decimal comma ({commas[0]!r}), "
            "so it is read as text: write them in one way",
            commas[0],
        )
    return None


def ambiguous_number(
    texts: ColumnTexts, fit: NumberFit, notation: NumberNotation, conventions: TableConventions
) -> Iterable[ColumnWarning]:
    """What is said of numbers whose mark is a decimal one or one between thousands; nothing when a person said it."""
    example = next(text for text in texts.counts if text not in fit.others and re.search(r"[.,]", text))
    if conventions.decimal.is_stated:
        return
    other = "," if notation.decimal == "." else "."
    yield ColumnWarning(
        f"{example!r} is read as {plain_number(example, notation)}, {conventions.decimal.evidence}; "
        f"if that is wrong, say --decimal '{other}'",
        example,
    )


def partial_percent(texts: ColumnTexts) -> Iterable[ColumnWarning]:
    """What is said of numbers of which some have a percent sign and some have none."""
    without = [text for text in texts.counts if PERCENT not in text]
    if without:
        yield ColumnWarning(
            f"{texts.cells_with(without)} of {texts.filled} cells have no percent sign, such as {without[0]!r}; "
            "every cell is read as the number that stands in it",
            without[0],
        )


def sentinels(texts: ColumnTexts, plain: dict[str, str | None]) -> Iterable[ColumnWarning]:
    """Numbers that may mean that there is no value: -1 among others that are not negative, 9999 far from all others."""
    values = {float(number): text for text, number in plain.items() if number is not None}
    for sentinel in SENTINELS:
        others = [value for value in values if value != sentinel]
        if sentinel not in values or len(others) < 2:
            continue
        low, high = min(others), max(others)
        is_far = min(abs(sentinel - low), abs(sentinel - high)) > FAR * (high - low)
        if (sentinel < 0 <= low) or (sentinel > high and is_far):
            text = values[sentinel]
            yield ColumnWarning(
                f"{text} stands in {texts.counts[text]} cells, the other values are from {low:g} to {high:g}; "
                f"if it means that there is no value, say --missing '{text}'",
                text,
            )


def rest_warnings(texts: ColumnTexts, rest: OtherTexts, what: str) -> Iterable[ColumnWarning]:
    """What is said of the texts that do not fit, where the others are each a ``what``."""
    for text in sorted(rest.missing):
        yield ColumnWarning(f"{text!r} stands in {texts.counts[text]} cells and is read as no value", text)
    if rest.mistakes:
        first = next(text for text in texts.counts if text in rest.mistakes)
        count = texts.cells_with(rest.mistakes)
        cells = "1 cell is" if count == 1 else f"{count} cells are"
        yield ColumnWarning(
            f"{cells} no {what}, the other {texts.filled - count} are: correct them, or say --missing '{first}' "
            f"if it means that there is no value; the first is {first!r}",
            first,
        )


def variants(texts: ColumnTexts) -> tuple[ColumnWarning, ...]:
    """Categories that differ only in case, accents or inner spaces."""
    if not texts.are_few:
        return ()
    spellings: dict[str, list[str]] = {}
    for text in texts.counts:
        spellings.setdefault(" ".join(plain_letters(text).split()), []).append(text)
    several = [same for same in spellings.values() if len(same) > 1]
    if not several:
        return ()
    shown = "; ".join(_listed(same) for same in several[:3])
    return (ColumnWarning(f"{shown} differ only in case or accents", several[0][0]),)


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(map(repr, texts[:5]))
