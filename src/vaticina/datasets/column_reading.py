"""What a column of texts holds: the type that a person would give it, and how it is written."""

from dataclasses import dataclass, replace
from typing import Literal

from vaticina.contract.notation import DateOrder
from vaticina.datasets.column_fits import (
    DateFit,
    NumberFit,
    OtherTexts,
    fit_dates,
    fit_numbers,
    fit_times,
    judge_rest,
    may_be_measured,
)
from vaticina.datasets.column_texts import ColumnTexts
from vaticina.datasets.column_warnings import (
    ColumnWarning,
    ambiguous_number,
    looks_like,
    partial_percent,
    refused_units,
    rest_warnings,
    sentinels,
    unread_notation,
    variants,
)
from vaticina.datasets.digit_codes import why_codes
from vaticina.datasets.flag_words import find_flag_words
from vaticina.datasets.table_conventions import TableConventions
from vaticina.tables.cell_values import FLAGS
from vaticina.tables.dates import COMPACT, is_instant
from vaticina.tables.numbers import INTEGER, PERCENT, NumberNotation, plain_number

ReadAs = Literal["flag", "integer", "number", "instant", "text"]


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
    warnings: tuple[ColumnWarning, ...] = ()
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
    numbers: tuple[NumberFit, OtherTexts] | None
    dates: tuple[DateFit, OtherTexts] | None
    times: OtherTexts | None = None
    partial: ColumnWarning | None = None


def gather_evidence(texts: ColumnTexts) -> ColumnEvidence:
    """What speaks for numbers and for dates in a column."""
    if not texts.counts or why_codes(texts) is not None:
        return ColumnEvidence(texts, None, None)
    if not may_be_measured(texts):
        return ColumnEvidence(texts, None, None, partial=unread_notation(texts))
    compact = frozenset(text for text in texts.counts if COMPACT.fullmatch(text))
    compact_rest = judge_rest(texts, texts.counts.keys() - compact)
    if compact_rest is not None:
        return ColumnEvidence(texts, None, (fit_dates(texts), compact_rest))
    fit = fit_numbers(texts)
    rest = judge_rest(texts, fit.others)
    refusal = refused_units(fit)
    if rest is not None and refusal is None:
        return ColumnEvidence(texts, (fit, rest), None)
    dates = fit_dates(texts)
    date_rest = judge_rest(texts, dates.others)
    if date_rest is not None:
        return ColumnEvidence(texts, None, (dates, date_rest))
    times = judge_rest(texts, fit_times(texts))
    if times is not None:
        return ColumnEvidence(texts, None, None, times)
    return ColumnEvidence(texts, None, None, partial=refusal or looks_like(texts, fit, dates))


def read_column(evidence: ColumnEvidence, conventions: TableConventions) -> ColumnReading:
    """What the column holds, its ambiguous texts read as is usual in the table."""
    texts = evidence.texts
    lowered = set(map(str.lower, texts.counts))
    if lowered and lowered <= FLAGS.keys():
        return ColumnReading(texts, "flag", "true and false")
    words = find_flag_words(texts.counts)
    if words is not None:
        return ColumnReading(texts, "flag", words.how, yes=words.yes, no=words.no)
    if evidence.numbers is not None:
        return _read_numbers(texts, *evidence.numbers, conventions)
    if evidence.dates is not None:
        return _read_dates(texts, *evidence.dates, conventions)
    if evidence.times is not None:
        return _read_times(texts, evidence.times)
    warnings = (*filter(None, (evidence.partial,)), *variants(texts))
    return ColumnReading(texts, "text", why_codes(texts) or "texts", warnings=warnings)


def read_target_column(evidence: ColumnEvidence, conventions: TableConventions) -> ColumnReading:
    """What the target holds: numbers, or texts. A mistake among numbers is no value: its row has no target."""
    texts = evidence.texts
    if evidence.numbers is None:
        return ColumnReading(texts, "text", "texts", warnings=(*filter(None, (evidence.partial,)), *variants(texts)))
    reading = _read_numbers(texts, *evidence.numbers, conventions)
    return replace(reading, texts=reading.texts.without(reading.mistakes), mistakes=frozenset())


def _read_numbers(texts: ColumnTexts, fit: NumberFit, rest: OtherTexts, conventions: TableConventions) -> ColumnReading:
    warnings = list(rest_warnings(texts, rest, "number"))
    notation = fit.notations[0]
    for candidate in fit.notations:
        if candidate.decimal == conventions.decimal.choice:
            notation = candidate
            break
    if fit.is_ambiguous:
        warnings += ambiguous_number(texts, fit, notation, conventions)
    filled = texts.without(rest.missing)
    plain = {text: plain_number(text, notation) for text in filled.counts if text not in rest.mistakes}
    if PERCENT in fit.units:
        warnings += partial_percent(filled)
    warnings += sentinels(filled, plain)
    is_whole = not fit.units and all(INTEGER.fullmatch(number or "") for number in plain.values())
    return ColumnReading(
        filled,
        "integer" if is_whole else "number",
        _how_numbers(fit, notation, is_whole),
        numbers=notation,
        units=fit.units,
        mistakes=rest.mistakes,
        warnings=tuple(warnings),
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


def _read_dates(texts: ColumnTexts, fit: DateFit, rest: OtherTexts, conventions: TableConventions) -> ColumnReading:
    warnings = list(rest_warnings(texts, rest, "date"))
    filled = texts.without(rest.missing)
    order: DateOrder | None = fit.orders[0]
    if fit.is_ambiguous:
        order = conventions.dates.choice if conventions.dates.choice in fit.orders else None
        example = next(text for text in filled.counts if text not in rest.mistakes)
        if order is None:
            reason = f"{example!r} may have the day or the month first; say --dates day-first, or --dates month-first"
            return ColumnReading(
                filled,
                "text",
                "dates of unknown order",
                warnings=(ColumnWarning(reason, example),),
                unreadable=reason,
            )
        if not conventions.dates.is_stated:
            warnings.append(
                ColumnWarning(
                    f"{example!r} is read {order}, {conventions.dates.evidence}; if that is wrong, say --dates", example
                )
            )
    if all(map(is_instant, filled.counts.keys() - rest.mistakes)):
        return ColumnReading(filled, "instant", "ISO 8601", mistakes=rest.mistakes, warnings=tuple(warnings))
    if order == "year-first" and len(fit.orders) > 1 and conventions.dates.choice is not None:
        order = conventions.dates.choice
    return ColumnReading(
        filled,
        "instant",
        f"dates, {order}",
        dates=order,
        mistakes=rest.mistakes,
        warnings=tuple(warnings),
    )


def _read_times(texts: ColumnTexts, rest: OtherTexts) -> ColumnReading:
    filled = texts.without(rest.missing)
    return ColumnReading(
        filled,
        "number",
        "times of day, in minutes from midnight",
        times=True,
        mistakes=rest.mistakes,
        warnings=tuple(rest_warnings(texts, rest, "time of day")),
    )
