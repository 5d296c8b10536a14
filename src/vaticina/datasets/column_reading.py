"""What a column of texts holds: the type that a person would give it, how it is written, and what is odd about it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vaticina.contract.notation import DateOrder
from vaticina.datasets.column_fits import DateFit, NumberFit, Rest, fit_dates, fit_numbers, fit_times, judge_rest
from vaticina.datasets.column_texts import ColumnTexts
from vaticina.datasets.flag_words import find_flag_words
from vaticina.datasets.table_habits import TableHabits, name_words
from vaticina.tables.cell_values import FLAGS
from vaticina.tables.dates import COMPACT, is_instant, plain_letters
from vaticina.tables.numbers import INTEGER, PERCENT, NumberNotation, plain_number

ReadAs = Literal["flag", "integer", "number", "instant", "text"]

LOOKS_LIKE = 0.5
"""Share of the cells that fit from which it is said that a column of texts looks like numbers or dates."""

LONG_CODE = 15
"""Digits of the longest whole number that a double holds exactly whatever its digits are."""

PHONE = 7
"""Digits of the shortest telephone number."""

CODE_WORDS = frozenset(
    {
        *(
            "zip",
            "zipcode",
            "postal",
            "postcode",
            "cp",
            "plz",
            "cep",
            "tel",
            "telefono",
            "phone",
            "telephone",
            "telefon",
        ),
        *("telefone", "movil", "celular", "mobile", "fax", "dni", "ruc", "nif", "cif", "nie", "cedula", "cpf", "cnpj"),
        *("rut", "ssn", "ean", "isbn", "iban"),
    }
)
"""Words in the names of columns whose digits are codes: postal codes, telephones, documents."""

SENTINELS = (-1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999)
"""Numbers by which some programs say that there is no value."""

FAR = 2
"""A sentinel is further from all other numbers than twice their span."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something that a person should know about a column; ``text`` is a cell that shows it, if any does."""

    message: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """What a column was understood as. ``texts`` leaves out the marks of missing values.

    ``mistakes`` are texts that do not fit; ``how`` says in words what the type was read from.
    """

    texts: ColumnTexts
    read_as: ReadAs
    how: str
    numbers: NumberNotation | None = None
    units: frozenset[str] = frozenset()
    dates: DateOrder | None = None
    times: bool = False
    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()
    mistakes: frozenset[str] = frozenset()
    oddities: tuple[Oddity, ...] = ()
    unreadable: str = ""
    """Why the column cannot be read, where that is certain: the order of its dates is not known."""

    def example(self) -> str:
        """The first text that is as the others are; empty if there is none."""
        for text in self.texts.counts:
            if text not in self.mistakes:
                return text
        return ""


@dataclass(frozen=True, slots=True)
class ColumnEvidence:
    """In which notations the texts of a column are numbers or dates; None where it holds something else.

    ``partial`` tells of the column that only looks so.
    """

    texts: ColumnTexts
    numbers: tuple[NumberFit, Rest] | None
    dates: tuple[DateFit, Rest] | None
    times: Rest | None = None
    partial: Oddity | None = None


def gather_evidence(texts: ColumnTexts) -> ColumnEvidence:
    """What speaks for numbers and for dates in a column."""
    if not texts.counts or codes(texts) is not None:
        return ColumnEvidence(texts, None, None)
    compact = frozenset(text for text in texts.counts if COMPACT.fullmatch(text))
    compact_rest = judge_rest(texts, texts.counts.keys() - compact)
    if compact_rest is not None:
        return ColumnEvidence(texts, None, (fit_dates(texts), compact_rest))
    fit = fit_numbers(texts)
    rest = judge_rest(texts, fit.others)
    refusal = _refused_units(texts, fit)
    if rest is not None and refusal is None:
        return ColumnEvidence(texts, (fit, rest), None)
    dates = fit_dates(texts)
    date_rest = judge_rest(texts, dates.others)
    if date_rest is not None:
        return ColumnEvidence(texts, None, (dates, date_rest))
    times = judge_rest(texts, fit_times(texts))
    if times is not None:
        return ColumnEvidence(texts, None, None, times)
    return ColumnEvidence(texts, None, None, partial=refusal or _looks_like(texts, fit, dates))


def read_column(evidence: ColumnEvidence, habits: TableHabits) -> ColumnReading:
    """What the column holds, its ambiguous texts read as is usual in the table."""
    texts = evidence.texts
    lowered = set(map(str.lower, texts.counts))
    if lowered and lowered <= FLAGS.keys():
        return ColumnReading(texts, "flag", "true and false")
    words = find_flag_words(texts.counts)
    if words is not None:
        return ColumnReading(texts, "flag", words.how, yes=words.yes, no=words.no)
    if evidence.numbers is not None:
        return _read_numbers(texts, *evidence.numbers, habits)
    if evidence.dates is not None:
        return _read_dates(texts, *evidence.dates, habits)
    if evidence.times is not None:
        return _read_times(texts, evidence.times)
    oddities = (*filter(None, (evidence.partial,)), *_variants(texts))
    return ColumnReading(texts, "text", codes(texts) or "texts", oddities=oddities)


def read_target_column(evidence: ColumnEvidence, habits: TableHabits) -> ColumnReading:
    """What the target holds: numbers, or texts. A mistake among numbers is no value: its row has no target."""
    texts = evidence.texts
    if evidence.numbers is None:
        return ColumnReading(texts, "text", "texts", oddities=(*filter(None, (evidence.partial,)), *_variants(texts)))
    reading = _read_numbers(texts, *evidence.numbers, habits)
    return replace(reading, texts=reading.texts.without(reading.mistakes), mistakes=frozenset())


def codes(texts: ColumnTexts) -> str | None:
    """Why the digits of a column are codes and no quantities; None if they are not."""
    digits = [text for text in texts.counts if text.isdecimal()]
    padded = [text for text in digits if len(text) > 1 and text.startswith("0")]
    lengths = {len(text) for text in digits}
    if padded and (len(lengths) == 1 or texts.cells_with(padded) > 0.05 * texts.filled):
        return "codes with leading zeros"
    if digits and len(digits) == len(texts.counts) and max(lengths) > LONG_CODE:
        return f"codes of more than {LONG_CODE} digits"
    if digits and len(digits) == len(texts.counts) and not CODE_WORDS.isdisjoint(name_words(texts.name)):
        return "codes, by the name of the column"
    if texts.counts and all(map(_is_spaced_phone, texts.counts)) and len(set(map(_digits, texts.counts))) == 1:
        return "codes in groups of digits, as telephone numbers are"
    return None


def _is_spaced_phone(text: str) -> bool:
    return re.fullmatch(r"\+?[\d\s()-]+", text) is not None and " " in text.strip() and _digits(text) >= PHONE


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _refused_units(texts: ColumnTexts, fit: NumberFit) -> Oddity | None:
    """Why numbers with these units cannot be compared; None if they can."""
    if fit.others != texts.counts.keys() and (len(fit.currencies) > 1 or len(fit.measures) > 1):
        units = ", ".join(sorted(fit.currencies or fit.measures))
        return Oddity(f"it holds numbers in different units ({units}), which are not compared; write it in one unit")
    return None


def _looks_like(texts: ColumnTexts, numbers: NumberFit, dates: DateFit) -> Oddity | None:
    """What is said of a column of texts of which many are numbers or dates."""
    mixed = _mixed(texts)
    if mixed is not None:
        return mixed
    for kind, others in (("numbers", numbers.others), ("dates", dates.others)):
        fitting = texts.filled - texts.cells_with(others)
        if fitting >= LOOKS_LIKE * texts.filled:
            first = next(text for text in texts.counts if text in others)
            return Oddity(
                f"it looks like {kind}, but {texts.cells_with(others)} of {texts.filled} cells are written otherwise, "
                f"so it is read as text: correct them, or list what means no value in [data] missing; one is {first!r}",
                first,
            )
    return None


def _mixed(texts: ColumnTexts) -> Oddity | None:
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
        return Oddity(
            f"some of its numbers have a decimal point ({points[0]!r}) and some a decimal comma ({commas[0]!r}), "
            "so it is read as text: write them in one way",
            commas[0],
        )
    return None


def _read_numbers(texts: ColumnTexts, fit: NumberFit, rest: Rest, habits: TableHabits) -> ColumnReading:
    oddities = list(_rest_oddities(texts, rest, "number"))
    notation = fit.notations[0]
    for candidate in fit.notations:
        if candidate.decimal == habits.decimal.choice:
            notation = candidate
            break
    if fit.is_ambiguous:
        oddities += _ambiguous_number(texts, fit, notation, habits)
    kept = texts.without(rest.missing)
    plain = {text: plain_number(text, notation) for text in kept.counts if text not in rest.mistakes}
    if PERCENT in fit.units:
        oddities += _partial_percent(kept)
    oddities += _sentinels(kept, plain)
    is_whole = not fit.units and all(INTEGER.fullmatch(number or "") for number in plain.values())
    return ColumnReading(
        kept,
        "integer" if is_whole else "number",
        _how_numbers(fit, notation, is_whole),
        numbers=notation,
        units=fit.units,
        mistakes=rest.mistakes,
        oddities=tuple(oddities),
    )


def _ambiguous_number(
    texts: ColumnTexts, fit: NumberFit, notation: NumberNotation, habits: TableHabits
) -> Iterable[Oddity]:
    example = next(text for text in texts.counts if text not in fit.others and re.search(r"[.,]", text))
    if habits.decimal.is_stated:
        return
    other = "," if notation.decimal == "." else "."
    yield Oddity(
        f"{example!r} is read as {plain_number(example, notation)}, {habits.decimal.evidence}; "
        f"if that is wrong, say --decimal '{other}'",
        example,
    )


def _partial_percent(texts: ColumnTexts) -> Iterable[Oddity]:
    without = [text for text in texts.counts if PERCENT not in text]
    if without:
        yield Oddity(
            f"{texts.cells_with(without)} of {texts.filled} cells have no percent sign, such as {without[0]!r}; "
            "every cell is read as the number that stands in it",
            without[0],
        )


def _sentinels(texts: ColumnTexts, plain: dict[str, str | None]) -> Iterable[Oddity]:
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
            yield Oddity(
                f"{text} stands in {texts.counts[text]} cells, the other values are from {low:g} to {high:g}; "
                f'if it means that there is no value, write missing = ["{text}"] into [data]',
                text,
            )


def _how_numbers(fit: NumberFit, notation: NumberNotation, is_whole: bool) -> str:
    if not fit.has_marks and not fit.units and notation.thousands is None:
        return "whole numbers" if is_whole else "numbers"
    names = {".": "point", ",": "comma", " ": "space", "'": "apostrophe"}
    words = [f"decimal {names[notation.decimal]}"]
    if notation.thousands is not None:
        words.append(f"thousands {names[notation.thousands]}")
    words += sorted(fit.units)
    return ", ".join(words)


def _read_dates(texts: ColumnTexts, fit: DateFit, rest: Rest, habits: TableHabits) -> ColumnReading:
    oddities = list(_rest_oddities(texts, rest, "date"))
    kept = texts.without(rest.missing)
    order: DateOrder | None = fit.orders[0]
    if fit.is_ambiguous:
        order = habits.dates.choice if habits.dates.choice in fit.orders else None
        example = next(text for text in kept.counts if text not in rest.mistakes)
        if order is None:
            reason = f"{example!r} may have the day or the month first; say --dates day-first, or --dates month-first"
            return ColumnReading(
                kept, "text", "dates of unknown order", oddities=(Oddity(reason, example),), unreadable=reason
            )
        if not habits.dates.is_stated:
            oddities.append(
                Oddity(f"{example!r} is read {order}, {habits.dates.evidence}; if that is wrong, say --dates", example)
            )
    if all(map(is_instant, kept.counts.keys() - rest.mistakes)):
        return ColumnReading(kept, "instant", "ISO 8601", mistakes=rest.mistakes, oddities=tuple(oddities))
    if order == "year-first" and len(fit.orders) > 1 and habits.dates.choice is not None:
        order = habits.dates.choice
    return ColumnReading(
        kept, "instant", f"dates, {order}", dates=order, mistakes=rest.mistakes, oddities=tuple(oddities)
    )


def _read_times(texts: ColumnTexts, rest: Rest) -> ColumnReading:
    kept = texts.without(rest.missing)
    return ColumnReading(
        kept,
        "number",
        "times of day, in minutes from midnight",
        times=True,
        mistakes=rest.mistakes,
        oddities=tuple(_rest_oddities(texts, rest, "time of day")),
    )


def _rest_oddities(texts: ColumnTexts, rest: Rest, what: str) -> Iterable[Oddity]:
    for text in sorted(rest.missing):
        yield Oddity(f"{text!r} stands in {texts.counts[text]} cells and is read as no value", text)
    if rest.mistakes:
        first = next(text for text in texts.counts if text in rest.mistakes)
        count = texts.cells_with(rest.mistakes)
        cells = "1 cell is" if count == 1 else f"{count} cells are"
        yield Oddity(
            f"{cells} no {what}, the other {texts.filled - count} are: correct "
            f'them, or write missing = ["{first}"] into [data]; the first is {first!r}',
            first,
        )


def _variants(texts: ColumnTexts) -> tuple[Oddity, ...]:
    """Texts that differ only in case, accents or inner spaces."""
    spellings: dict[str, list[str]] = {}
    for text in texts.counts:
        spellings.setdefault(" ".join(plain_letters(text).split()), []).append(text)
    several = [same for same in spellings.values() if len(same) > 1]
    if not several:
        return ()
    shown = "; ".join(_listed(same) for same in several[:3])
    return (Oddity(f"{shown} differ only in case or accents", several[0][0]),)


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(map(repr, texts[:5]))
