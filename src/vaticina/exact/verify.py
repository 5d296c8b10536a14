"""Verification: a compiled model is served only if it answers what the original answers."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix, Outputs
from vaticina.exact.verification_rows import NEAR, SINGLE

MARGIN = 1e-6
"""Where the original's own two best answers are closer than this, either will do: such rows are counted apart."""

RELATIVE = frozenset({"value", "interval", "forecast"})
"""Numbers whose difference is told relative to their size, or to the usual size where that is larger."""

TOLERANCE = dict.fromkeys(("probabilities", "score", "confidence", *RELATIVE), 1e-6)
"""Largest difference of a number."""

BATCH = 4_096

Ask = Callable[[Matrix], Outputs]

Ties = Callable[[Matrix, Outputs], NDArray[np.bool_]]
"""For which rows (n, columns) the original's outputs stand at a tie."""


class OriginalRefuses(Exception):
    """The original refuses rows that the contract allows, so there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found on one kind of rows."""

    rows: int
    flips: int
    ties: int
    difference: float
    is_within: bool
    """Whether all numbers are within ``TOLERANCE``."""


def verify(original: Ask, compiled: Ask, rows: Mapping[str, Matrix], ties: Ties) -> dict[str, Any]:
    """The report on ``compiled`` against ``original``: whether it is ``verified``, and on which rows.

    Labels, clusters and anomalies must be equal but where the original itself stands at a tie (``near_ties``); numbers
    may differ by ``TOLERANCE``. A ``reason`` tells what differed. Raises OriginalRefuses.
    """
    found = {kind: _compared(kind, original, compiled, matrix, ties) for kind, matrix in rows.items() if len(matrix)}
    wrong = [_told(kind, one) for kind, one in found.items() if one.flips or not one.is_within]
    return {
        "verified": not wrong,
        "rows": sum(one.rows for one in found.values()),
        "near_rows": found[NEAR].rows if NEAR in found else 0,
        "near_ties": sum(one.ties for one in found.values()),
        "flips": sum(one.flips for one in found.values()),
        "largest_difference": max((one.difference for one in found.values()), default=0.0),
        **({"reason": f"the graph answers otherwise: {'; '.join(wrong)}"} if wrong else {}),
    }


def _told(kind: str, one: Comparison) -> str:
    return f"{one.flips} of {one.rows} {kind} rows flip, numbers differ by up to {one.difference:.1e}"


def _compared(kind: str, original: Ask, compiled: Ask, matrix: Matrix, ties: Ties) -> Comparison:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unknown categories and huge numbers are asked on purpose
            expected = _asked(original, matrix, BATCH)
    except Exception as error:
        raise OriginalRefuses(f"the original itself refuses {kind} rows that the contract allows: {error}") from error
    found = _asked(compiled, matrix, 1 if kind == SINGLE else BATCH)
    tie = ties(matrix, expected)
    unequal = np.zeros(expected.size, dtype=bool)
    for name, column in expected.columns.items():
        if column.dtype.kind != "f":
            unequal |= found.columns[name] != column
    worst = {
        name: _difference(name, found.columns[name], column, unequal & tie)
        for name, column in expected.columns.items()
        if column.dtype.kind == "f"
    }
    return Comparison(
        rows=expected.size,
        flips=int((unequal & ~tie).sum()),
        ties=int(tie.sum()),
        difference=max(worst.values(), default=0.0),
        is_within=all(difference <= TOLERANCE[name] for name, difference in worst.items()),
    )


def _asked(ask: Ask, matrix: Matrix, size: int) -> Outputs:
    """The answers, asked for ``size`` rows at a time."""
    parts = list(_batches(ask, matrix, size))
    return Outputs(
        len(matrix), {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    )


def _batches(ask: Ask, matrix: Matrix, size: int) -> Iterator[Outputs]:
    for at in range(0, len(matrix), size):
        yield ask(matrix[at : at + size])


def _difference(name: str, found: Matrix, expected: Matrix, excused: NDArray[np.bool_]) -> float:
    """The largest; a score of another cluster, at a tie between clusters, is no difference. NaN where one is NaN."""
    equal = found == expected  # infinite ones too
    apart = np.abs(np.where(equal, 0.0, found) - np.where(equal, 0.0, expected))
    if name in RELATIVE:
        sizes = np.abs(expected)
        usual = sizes[np.isfinite(sizes)].mean() if np.isfinite(sizes).any() else 1.0
        apart /= np.where(equal, 1.0, np.maximum(sizes, usual))
    if name == "score":
        apart[excused] = 0.0
    return float(apart.max())
