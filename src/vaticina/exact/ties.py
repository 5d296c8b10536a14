"""Rows at which an original's answer hangs by less than arithmetic can tell."""

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Columns, Matrix
from vaticina.exact.compile import Goal
from vaticina.exact.verify import MARGIN, Ties


def ties_of(goal: Goal) -> Ties:
    """The rule for ties: between classes, at the decision threshold, or none at all for a number or a single class."""
    if goal.classes < 2:
        return _none
    if goal.threshold is None:
        return _between_classes
    positive, threshold = goal.positive, goal.threshold

    def at_threshold(_: Matrix, columns: Columns) -> NDArray[np.bool_]:
        near: NDArray[np.bool_] = np.abs(columns["probabilities"][:, positive] - threshold) <= MARGIN
        return near

    return at_threshold


def _none(rows: Matrix, _: Columns) -> NDArray[np.bool_]:
    return np.zeros(len(rows), dtype=bool)


def _between_classes(_: Matrix, columns: Columns) -> NDArray[np.bool_]:
    best = np.sort(columns["probabilities"], axis=1)
    near: NDArray[np.bool_] = best[:, -1] - best[:, -2] <= MARGIN
    return near
