"""Verification: a compiled model is served only if it answers what the original answers."""

import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Columns, Matrix

MARGIN = 1e-6
"""Where the original's own two best answers are closer than this, either will do: such rows are counted apart."""

RELATIVE = frozenset({"value", "interval", "forecast"})
"""Outputs whose difference is relative to their size, or to the usual size where that is larger."""

TOLERANCE = dict.fromkeys(("probabilities", "score", "confidence", *RELATIVE), 1e-6)
"""Largest difference of a number, by the name of the output."""

NEAR, SINGLE = "near", "single"
"""Kinds of rows: those at which a tree splits, and those that are asked one at a time, as most requests come."""

BATCH = 4_096

Ask = Callable[[Matrix], Columns]
"""A model, asked for rows (n, columns)."""

Ties = Callable[[Matrix, Columns], NDArray[np.bool_]]
"""For which rows (n, columns) the original's answers stand at a tie: (n,)."""


class OriginalRefuses(Exception):
    """The original refuses rows that may be asked, so there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the answers to one kind of rows compare; ``is_within``: all numbers are within ``TOLERANCE``."""

    kind: str
    rows: int
    flips: int
    ties: int
    difference: float
    is_within: bool

    def __str__(self) -> str:
        return f"{self.flips} of {self.rows} {self.kind} rows flip, numbers differ by up to {self.difference:.1e}"


def verify(original: Ask, compiled: Ask, rows: Mapping[str, Matrix], ties: Ties) -> dict[str, Any]:
    """The report on ``compiled`` against ``original``, as ``compare`` gives it. Raises OriginalRefuses."""
    return compare(expected_answers(original, rows), compiled, rows, ties)


def expected_answers(original: Ask, rows: Mapping[str, Matrix]) -> dict[str, Columns]:
    """What the original answers, by the kind of ``rows``; kinds without rows are left out. Raises OriginalRefuses."""
    expected: dict[str, Columns] = {}
    for kind, matrix in rows.items():
        if len(matrix):
            expected[kind] = _expected(kind, original, matrix)
    return expected


def compare(expected: Mapping[str, Columns], served: Ask, rows: Mapping[str, Matrix], ties: Ties) -> dict[str, Any]:
    """The report on ``served`` against the ``expected`` answers to each kind of ``rows``: whether it is ``verified``.

    Labels, clusters and anomalies must be equal but where the original itself stands at a tie (``near_ties``); numbers
    may differ by ``TOLERANCE``. A ``reason`` says what differed.
    """
    comparisons, reasons = [], []
    for kind, answers in expected.items():
        comparison = _compare(kind, answers, served, rows[kind], ties)
        comparisons.append(comparison)
        if comparison.flips or not comparison.is_within:
            reasons.append(str(comparison))
    report = {"verified": not reasons, **_totals(comparisons)}
    if reasons:
        report["reason"] = "; ".join(reasons)
    return report


def asked_once(ask: Ask, rows: Mapping[str, Matrix]) -> Ask:
    """An original that is slow to ask: it is asked for all ``rows`` at once, and any of them are answered from memory.

    ``rows`` are the matrices (n, columns) that will be asked.
    """
    matrix = np.ascontiguousarray(np.concatenate(list(rows.values())))
    answers = ask(matrix)
    places = {row.tobytes(): place for place, row in enumerate(matrix)}

    def from_memory(rows: Matrix) -> Columns:
        index = [places[row.tobytes()] for row in np.ascontiguousarray(rows)]
        return {name: column[index] for name, column in answers.items()}

    return from_memory


def _totals(comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """What the report says of all rows together."""
    rows, near_rows, ties, flips, largest = 0, 0, 0, 0, 0.0
    for comparison in comparisons:
        rows += comparison.rows
        ties += comparison.ties
        flips += comparison.flips
        largest = _larger(largest, comparison.difference)
        if comparison.kind == NEAR:
            near_rows = comparison.rows
    return {"rows": rows, "near_rows": near_rows, "near_ties": ties, "flips": flips, "largest_difference": largest}


def _larger(first: float, second: float) -> float:
    """The larger of two differences; NaN where one is NaN."""
    return float(np.maximum(first, second))


def _compare(kind: str, expected: Columns, served: Ask, matrix: Matrix, ties: Ties) -> Comparison:
    answers = _answers(kind, served, matrix)
    is_tie = ties(matrix, expected)
    is_unequal = _has_other_label(answers, expected)
    largest, is_within = 0.0, True
    for name in expected.keys() - _labels(expected):
        differences = _differences(name, answers, expected, is_unequal & is_tie)
        largest = _larger(largest, float(differences.max()))
        is_within = is_within and bool((differences <= TOLERANCE[name]).all())
    flips = int((is_unequal & ~is_tie).sum())
    return Comparison(kind, len(matrix), flips, int(is_tie.sum()), largest, is_within)


def first_difference(
    expected: Mapping[str, Columns], served: Ask, rows: Mapping[str, Matrix], ties: Ties
) -> tuple[Matrix, Columns, Columns] | None:
    """The first row (columns,) that ``served`` answers otherwise, with the expected answer and its own; or None.

    The arguments are those of ``compare``.
    """
    for kind, answers in expected.items():
        served_answers = _answers(kind, served, rows[kind])
        differing = np.flatnonzero(_differs(answers, served_answers, rows[kind], ties))
        if len(differing):
            place = int(differing[0])
            return rows[kind][place], _row(answers, place), _row(served_answers, place)
    return None


def _differs(expected: Columns, answers: Columns, matrix: Matrix, ties: Ties) -> NDArray[np.bool_]:
    is_tie = ties(matrix, expected)
    is_unequal = _has_other_label(answers, expected)
    differs: NDArray[np.bool_] = is_unequal & ~is_tie
    for name in expected.keys() - _labels(expected):
        is_beyond = ~(_differences(name, answers, expected, is_unequal & is_tie) <= TOLERANCE[name])
        differs |= is_beyond.reshape(len(matrix), -1).any(axis=1)
    return differs


def _row(columns: Columns, place: int) -> Columns:
    return {name: column[place] for name, column in columns.items()}


def _answers(kind: str, served: Ask, matrix: Matrix) -> Columns:
    return _in_batches(served, matrix, 1 if kind == SINGLE else BATCH)


def _has_other_label(answers: Columns, expected: Columns) -> NDArray[np.bool_]:
    """For which rows a label, cluster or anomaly differs: (n,)."""
    is_unequal = np.zeros(len(next(iter(expected.values()))), dtype=bool)
    for name in _labels(expected):
        is_unequal |= answers[name] != expected[name]
    return is_unequal


def _expected(kind: str, original: Ask, matrix: Matrix) -> Columns:
    """What the original answers. Raises OriginalRefuses."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unknown categories and huge numbers are asked on purpose
            return _in_batches(original, matrix, BATCH)
    except Exception as error:
        raise OriginalRefuses(f"the original itself refuses {kind} rows that the contract allows: {error}") from error


def _in_batches(ask: Ask, matrix: Matrix, size: int) -> Columns:
    """The answers, asked for ``size`` rows at a time."""
    batches: dict[str, list[NDArray[Any]]] = defaultdict(list)
    for start in range(0, len(matrix), size):
        for name, column in ask(matrix[start : start + size]).items():
            batches[name].append(column)
    return {name: np.concatenate(columns) for name, columns in batches.items()}


def _labels(columns: Columns) -> set[str]:
    """The outputs that hold labels, clusters or anomalies: integers, which must be equal."""
    return {name for name, column in columns.items() if column.dtype.kind != "f"}


def _differences(name: str, answers: Columns, expected: Columns, is_excused: NDArray[np.bool_]) -> Matrix:
    """The difference of each number, NaN where one of the two is NaN and infinite where the shapes differ.

    A score of another cluster, at a tie between clusters, is no difference.
    """
    answer, right = answers[name], expected[name]
    if answer.shape != right.shape:
        return np.full(len(right), np.inf)
    is_equal = (answer == right) | (np.isnan(answer) & np.isnan(right))  # infinite ones are equal too
    differences: Matrix = np.abs(np.where(is_equal, 0.0, answer) - np.where(is_equal, 0.0, right))
    if name in RELATIVE:
        sizes = np.abs(right)
        is_finite = np.isfinite(sizes)
        usual = 1.0
        if is_finite.any():
            usual = sizes[is_finite].mean()
        differences /= np.where(is_equal, 1.0, np.maximum(sizes, usual))
    if name == "score":
        differences[is_excused] = 0.0
    return differences
