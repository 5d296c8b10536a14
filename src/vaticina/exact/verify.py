"""Verification: a compiled model is served only if it answers what the original answers."""

import warnings
from collections.abc import Callable, Mapping
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

    rows: int
    flips: int
    ties: int
    difference: float
    is_within: bool


def verify(original: Ask, compiled: Ask, rows: Mapping[str, Matrix], ties: Ties) -> dict[str, Any]:
    """The report on ``compiled`` against ``original``: whether it is ``verified``, and on which rows.

    Labels, clusters and anomalies must be equal but where the original itself stands at a tie (``near_ties``); numbers
    may differ by ``TOLERANCE``. A ``reason`` says what differed. Raises OriginalRefuses.
    """
    comparisons = {}
    for kind, matrix in rows.items():
        if len(matrix):
            comparisons[kind] = _compare(kind, original, compiled, matrix, ties)
    report = _totals(comparisons)
    wrong = [_sentence(kind, comparison) for kind, comparison in comparisons.items() if _is_wrong(comparison)]
    if wrong:
        report["reason"] = f"the graph answers otherwise: {'; '.join(wrong)}"
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


def _totals(comparisons: Mapping[str, Comparison]) -> dict[str, Any]:
    near = comparisons.get(NEAR)
    each = comparisons.values()
    return {
        "verified": not any(map(_is_wrong, each)),
        "rows": sum(comparison.rows for comparison in each),
        "near_rows": near.rows if near else 0,
        "near_ties": sum(comparison.ties for comparison in each),
        "flips": sum(comparison.flips for comparison in each),
        "largest_difference": max((comparison.difference for comparison in each), default=0.0),
    }


def _is_wrong(comparison: Comparison) -> bool:
    return comparison.flips > 0 or not comparison.is_within


def _sentence(kind: str, comparison: Comparison) -> str:
    return (
        f"{comparison.flips} of {comparison.rows} {kind} rows flip, numbers differ by up to {comparison.difference:.1e}"
    )


def _compare(kind: str, original: Ask, compiled: Ask, matrix: Matrix, ties: Ties) -> Comparison:
    expected = _expected(kind, original, matrix)
    answers = _in_batches(compiled, matrix, 1 if kind == SINGLE else BATCH)
    is_tie = ties(matrix, expected)
    is_unequal = np.zeros(len(matrix), dtype=bool)
    for name, column in expected.items():
        if not _is_number(column):
            is_unequal |= answers[name] != column
    differences = {}
    for name, column in expected.items():
        if _is_number(column):
            differences[name] = _difference(name, answers[name], column, is_unequal & is_tie)
    return Comparison(
        rows=len(matrix),
        flips=int((is_unequal & ~is_tie).sum()),
        ties=int(is_tie.sum()),
        difference=max(differences.values(), default=0.0),
        is_within=all(difference <= TOLERANCE[name] for name, difference in differences.items()),
    )


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
    batches = [ask(matrix[start : start + size]) for start in range(0, len(matrix), size)]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def _is_number(column: NDArray[Any]) -> bool:
    """Whether it holds floats, which are compared by size; integers are labels, clusters or anomalies."""
    return column.dtype.kind == "f"


def _difference(name: str, answer: Matrix, expected: Matrix, is_excused: NDArray[np.bool_]) -> float:
    """The largest; a score of another cluster, at a tie between clusters, is no difference. NaN where one is NaN."""
    is_equal = answer == expected  # infinite ones too
    differences = np.abs(np.where(is_equal, 0.0, answer) - np.where(is_equal, 0.0, expected))
    if name in RELATIVE:
        sizes = np.abs(expected)
        is_finite = np.isfinite(sizes)
        usual = sizes[is_finite].mean() if is_finite.any() else 1.0
        differences /= np.where(is_equal, 1.0, np.maximum(sizes, usual))
    if name == "score":
        differences[is_excused] = 0.0
    return float(differences.max())
