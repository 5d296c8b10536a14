"""Trees of neighbours, built anew from the rows that a pickle holds.

The C code that asks such a tree walks where its arrays say, so the arrays of a stranger are never used: of the state
of a tree only the rows, the size of its leaves and the metric are read. This file is also read by interpreters of
other versions, so it imports nothing of ours, and needs no more than Python 3.7.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neighbors import BallTree, KDTree


class DistanceMetric:
    """How far two rows are apart, as a pickle gives it its state: ``p`` is the power of Minkowski's."""

    name = "euclidean"
    p = 2.0

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Keeps the power. The rest is for metrics that are not on the list."""
        self.p = float(state[0])

    def options(self) -> dict[str, float]:
        """The options with which a tree takes this metric."""
        return {}


class Euclidean(DistanceMetric):
    """The root of the sum of squares."""


class Manhattan(DistanceMetric):
    """The sum of absolute differences."""

    name = "manhattan"


class Chebyshev(DistanceMetric):
    """The largest absolute difference."""

    name = "chebyshev"


class Minkowski(DistanceMetric):
    """The root of order p of the sum of absolute differences to the power of p."""

    name = "minkowski"

    def options(self) -> dict[str, float]:
        """The power."""
        return {"p": self.p}


def new_metric(metric_class: Any) -> DistanceMetric:
    """A metric before it is given its state."""
    metric: DistanceMetric = metric_class()
    return metric


class RebuiltKDTree(KDTree):  # type: ignore[misc]  # scikit-learn tells no types
    """A KDTree that is built from the rows of the state that it is given."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Raises ValueError unless the rows are a matrix of finite doubles."""
        rows, leaf_size, metric = tree_parts(state)
        super().__init__(rows, leaf_size=leaf_size, metric=metric.name, **metric.options())


class RebuiltBallTree(BallTree):  # type: ignore[misc]  # scikit-learn tells no types
    """A BallTree that is built from the rows of the state that it is given."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Raises ValueError unless the rows are a matrix of finite doubles."""
        rows, leaf_size, metric = tree_parts(state)
        super().__init__(rows, leaf_size=leaf_size, metric=metric.name, **metric.options())


def new_tree(tree_class: Any) -> Any:
    """A tree before it is given its state."""
    return tree_class.__new__(tree_class)


def tree_parts(state: tuple[Any, ...]) -> tuple[Any, int, DistanceMetric]:
    """The rows (n, columns), the size of the leaves and the metric in the state of a tree. Raises ValueError.

    The state is that of scikit-learn's ``_binary_tree.pxi``: the rows stand first, the size of the leaves fifth, the
    metric twelfth, and weights, which no model of neighbours has, thirteenth.
    """
    rows, leaf_size, metric, *weights = state[0], state[4], state[11], *state[12:]
    if not isinstance(rows, np.ndarray) or rows.dtype != np.float64 or rows.ndim != 2 or not len(rows):
        raise ValueError("a tree of neighbours whose rows are no matrix of doubles")
    is_regular = isinstance(metric, DistanceMetric) and weights in ([], [None])
    if not is_regular or type(leaf_size) is not int or leaf_size < 1:
        raise ValueError("a tree of neighbours in a way scikit-learn does not write it")
    if not np.isfinite(rows).all():
        raise ValueError("a tree of neighbours with rows that are not finite")
    return rows, leaf_size, metric
