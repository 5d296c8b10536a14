"""Verification: a compiled model is served only if it answers what the original answers."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix, Outputs

MARGIN = 1e-6
"""Where the original's own two best probabilities are closer than this, either label will do: counted apart."""

TOLERANCE = {"probabilities": 1e-6, "value": 1e-6, "score": 1e-5}
"""Largest difference of a number, relative to its size where that is above one."""

Ask = Callable[[Matrix], Outputs]


def verify(original: Ask, compiled: Ask, rows: Mapping[str, Matrix], threshold: float | None = None) -> dict[str, Any]:
    """The report on ``compiled`` against ``original`` for each kind of rows, and whether it is ``verified``.

    Labels, clusters and anomalies must be equal but where the original itself stands at a tie (``near_ties``); numbers
    may differ by ``TOLERANCE``. With a decision ``threshold`` a tie is a probability at it.
    """
    kinds = {
        name: _compared(original(matrix), compiled(matrix), threshold) for name, matrix in rows.items() if len(matrix)
    }
    flips = sum(kind["flips"] for kind in kinds.values())
    worst = max((kind["largest_difference"] for kind in kinds.values()), default=0.0)
    return {
        "verified": flips == 0 and all(kind["within_tolerance"] for kind in kinds.values()),
        "rows": sum(kind["rows"] for kind in kinds.values()),
        "flips": flips,
        "near_ties": sum(kind["near_ties"] for kind in kinds.values()),
        "largest_difference": worst,
        "kinds": kinds,
    }


def _compared(original: Outputs, compiled: Outputs, threshold: float | None) -> dict[str, Any]:
    ties = _ties(original, threshold)
    unequal = np.zeros(original.size, dtype=bool)
    worst, within = 0.0, True
    for name, expected in original.columns.items():
        found = compiled.columns[name]
        if expected.dtype.kind != "f":
            unequal |= found != expected
            continue
        difference = _difference(found, expected)
        worst, within = max(worst, difference), within and difference <= TOLERANCE[name]
    return {
        "rows": original.size,
        "flips": int((unequal & ~ties).sum()),
        "near_ties": int(ties.sum()),
        "largest_difference": worst,
        "within_tolerance": within,
    }


def _ties(outputs: Outputs, threshold: float | None) -> NDArray[np.bool_]:
    if "probabilities" in outputs.columns:
        if threshold is not None:
            at: NDArray[np.bool_] = (np.abs(outputs.columns["probabilities"] - threshold) <= MARGIN).any(axis=1)
            return at
        best = np.sort(outputs.columns["probabilities"], axis=1)
        ties: NDArray[np.bool_] = best[:, -1] - best[:, -2] <= MARGIN
        return ties
    if "score" in outputs.columns:
        return np.abs(outputs.columns["score"]) <= MARGIN  # type: ignore[no-any-return]
    return np.zeros(outputs.size, dtype=bool)


def _difference(found: NDArray[Any], expected: NDArray[Any]) -> float:
    if not len(expected):
        return 0.0
    return float(np.max(np.abs(found - expected) / np.maximum(1.0, np.abs(expected))))
