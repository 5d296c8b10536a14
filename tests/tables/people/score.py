"""How much of a table a reader understood, column by column."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.tables.people.reading import Reading
from tests.tables.people.truth import MEASURED, ColumnTruth, Kind, TableTruth, Value

LEFT_OUT = "left out"

TYPES: Mapping[Kind, frozenset[str]] = {
    "number": frozenset({"number", "integer"}),
    "integer": frozenset({"number", "integer"}),
    "instant": frozenset({"instant"}),
    "time of day": frozenset({"instant", "number", "integer", "category"}),
    "yes or no": frozenset({"flag", "category", "integer"}),
    "category": frozenset({"category"}),
    "rating": frozenset({"integer", "number", "category"}),
    "code": frozenset({"category", "identifier", LEFT_OUT}),
    "identifier": frozenset({"identifier", LEFT_OUT}),
    "text": frozenset({"identifier", LEFT_OUT}),
    "nothing": frozenset({LEFT_OUT}),
}
"""The types of a contract that are right for each kind."""

TARGETS: Mapping[Kind, frozenset[str]] = {
    "number": frozenset({"number"}),
    "integer": frozenset({"number"}),
    "yes or no": frozenset({"classes"}),
    "category": frozenset({"classes"}),
    "code": frozenset({"classes"}),
    "rating": frozenset({"classes", "number"}),
}

VALUED = frozenset({"number", "integer", "instant", "flag"})
"""Types whose values are compared with the truth."""

DATE_WORDS = re.compile(r"\bdate|\bday|month|year|\btime", re.IGNORECASE)
NUMBER_WORDS = re.compile(
    r"number|numeric|decimal|comma|thousand|currenc|money|percent|\bunit|sentinel|missing", re.IGNORECASE
)
CLASS_WORDS = re.compile(r"\bcase\b|accent|capital|letters|spell|written|variant|differ|same", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One column: what it was read as, and whether a person would agree.

    ``silent`` marks a measured column that is neither a number nor a date any more, or whose values are others than
    they were, without a word.
    """

    table: str
    column: str
    expected: str
    got: str
    right: bool
    silent: bool = False

    def __str__(self) -> str:
        return f"{self.table}: {self.column!r}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True, slots=True)
class TableScore:
    """A whole file."""

    table: str
    accepted: bool
    refusal: str
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Many files."""

    tables: tuple[TableScore, ...]

    @property
    def verdicts(self) -> list[Verdict]:
        """Those of all columns."""
        verdicts: list[Verdict] = []
        for table in self.tables:
            verdicts += table.verdicts
        return verdicts

    @property
    def share_right(self) -> float:
        """The share of columns that a person would read in the same way."""
        return sum(verdict.right for verdict in self.verdicts) / len(self.verdicts)

    @property
    def silent_losses(self) -> list[Verdict]:
        """Measured columns that were lost without a word."""
        return [verdict for verdict in self.verdicts if verdict.silent]

    @property
    def wrong(self) -> list[Verdict]:
        """Columns that a person would read in another way."""
        return [verdict for verdict in self.verdicts if not verdict.right]

    @property
    def refused(self) -> list[TableScore]:
        """Files that were refused."""
        return [table for table in self.tables if not table.accepted]


def judge(truth: TableTruth, reading: Reading) -> TableScore:
    """The verdict on each column of ``truth``."""
    verdicts = []
    for column in truth.columns:
        if reading.refusal:
            verdicts.append(_refused(truth, column, reading.refusal))
        elif column.name == truth.target:
            verdicts.append(_target(truth, column, reading))
        else:
            verdicts.append(_input(truth, column, reading))
    accepted = not reading.refusal or truth.may_be_refused
    return TableScore(truth.name, accepted, reading.refusal, tuple(verdicts))


def _refused(truth: TableTruth, column: ColumnTruth, refusal: str) -> Verdict:
    """A refusal is right where it may be, or where it names the column that nobody can read."""
    right = truth.may_be_refused or (column.saying == "must" and column.name in refusal)
    return Verdict(truth.name, column.name, _expected(column), f"refused: {refusal}", right)


def _target(truth: TableTruth, column: ColumnTruth, reading: Reading) -> Verdict:
    values_agree = True
    if reading.target == "number" and column.kind in MEASURED:
        values_agree = _agrees(truth, column, reading.labels)
    typed = reading.target in TARGETS[column.kind]
    return _verdict(truth, column, reading, f"target of {reading.target}", typed=typed, values_agree=values_agree)


def _input(truth: TableTruth, column: ColumnTruth, reading: Reading) -> Verdict:
    name = _name_in_contract(truth, column, reading)
    got = reading.types.get(name, LEFT_OUT)
    values_agree = True
    if got in VALUED and column.readings:
        values_agree = _agrees(truth, column, [row[name] for row in reading.rows])
    typed = got in TYPES[column.kind]
    if got == LEFT_OUT:
        got += f" ({reading.left_out.get(name, 'no reason')})"
    return _verdict(truth, column, reading, got, typed=typed, values_agree=values_agree)


def _name_in_contract(truth: TableTruth, column: ColumnTruth, reading: Reading) -> str:
    """The column's name; for one without a header, the name that is no other column's."""
    if column.name:
        return column.name
    names = {other.name for other in truth.columns}
    others = [name for name in (*reading.types, *reading.left_out) if name not in names]
    return others[0] if others else ""


def _verdict(
    truth: TableTruth, column: ColumnTruth, reading: Reading, got: str, *, typed: bool, values_agree: bool
) -> Verdict:
    said = _is_said(column, reading)
    saying = column.saying
    if column.spoilt and column.spoilt <= truth.column(truth.target).missing:
        saying = "free"  # its row is not learnt from
    understood = typed and values_agree
    right = understood
    if saying == "must":
        right = said and (values_agree or not typed)
    elif saying == "may":
        right = understood or said
    if not values_agree:
        got += " with other values"
    if saying == "must" and not said:
        got += ", nothing said"
    is_measured = got.startswith(("number", "integer", "instant", "target of number"))
    is_kept = is_measured and (values_agree or not typed)  # 20230501 is still a measure of time as an integer
    silent = column.kind in MEASURED and not said and not is_kept
    return Verdict(truth.name, column.name, _expected(column), got, right, silent)


def _is_said(column: ColumnTruth, reading: Reading) -> bool:
    """Whether a message names the column and what is special in it."""
    words = CLASS_WORDS
    if column.kind in ("instant", "time of day"):
        words = DATE_WORDS
    elif column.kind in MEASURED:
        words = NUMBER_WORDS
    if words.search(reading.left_out.get(column.name, "")):
        return True
    for message in reading.messages:
        if column.name in message and words.search(message.replace(column.name, "")):
            return True
    return False


def _expected(column: ColumnTruth) -> str:
    if column.saying == "must":
        return f"{column.kind}, with a warning"
    return column.kind


def _agrees(truth: TableTruth, column: ColumnTruth, values: Sequence[Value | str]) -> bool:
    """Whether the rows that were kept have the values of one of the column's readings."""
    labelled = [row for row in range(truth.rows) if row not in truth.column(truth.target).missing]
    spoilt = frozenset[int]()
    for other in truth.columns:
        spoilt |= other.spoilt
    for rows in (labelled, [row for row in labelled if row not in spoilt]):
        for reading in column.readings:
            if len(rows) == len(values) and all(map(_same, [reading[row] for row in rows], values)):
                return True
    return not column.readings


def _same(expected: Value, value: Value | str) -> bool:
    if isinstance(expected, datetime) or isinstance(value, str | datetime) or expected is None or value is None:
        return expected == value
    return math.isclose(expected, value, rel_tol=1e-12)
