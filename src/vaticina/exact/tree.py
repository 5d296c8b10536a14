"""A decision tree as arrays, whichever library grew it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Matrix

LEAF = -1


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as parallel arrays over its nodes; the root is node 0.

    A node turns left when its ``feature`` is at most ``threshold``, or is one of ``members``; ``left`` is LEAF (-1)
    at a leaf. ``missing_left`` says where a missing value goes. ``weights`` (nodes, targets) counts at leaves only.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    weights: NDArray[np.float64]
    target: int = 0
    members: Mapping[int, Sequence[float]] | None = None

    @property
    def inner(self) -> NDArray[np.int64]:
        """The nodes that are no leaves."""
        return np.flatnonzero(self.left != LEAF)

    @property
    def sets(self) -> Mapping[int, Sequence[float]]:
        """The categories that turn left, by node; empty for a tree of numbers."""
        return self.members or {}


NOTHING = Tree(
    feature=np.zeros(1, dtype=np.int64),
    threshold=np.zeros(1),
    left=np.full(1, LEAF),
    right=np.full(1, LEAF),
    missing_left=np.zeros(1, dtype=np.bool_),
    weights=np.zeros((1, 1)),
)
"""A leaf that adds nothing."""


def visitors(tree: Tree, rows: Matrix) -> NDArray[np.int64]:
    """For each node the last of ``rows`` (n, features) that passes it; -1 where none does."""
    found = np.full(len(tree.left), -1)
    walking, at = np.arange(len(rows)), np.zeros(len(rows), dtype=np.int64)
    while len(walking):
        found[at] = walking
        on = tree.left[at] != LEAF
        walking, at = walking[on], at[on]
        at = np.where(turns_left(tree, at, rows[walking, tree.feature[at]]), tree.left[at], tree.right[at])
    return found


def turns_left(tree: Tree, at: NDArray[np.int64], values: Matrix) -> NDArray[np.bool_]:
    """Whether each of ``values`` (n,) turns left at its node ``at`` (n,)."""
    left: NDArray[np.bool_] = values <= tree.threshold[at]
    for node, members in tree.sets.items():
        here = at == node
        left[here] = np.isin(values[here], members)
    return np.where(np.isnan(values), tree.missing_left[at], left)


def fork(column: int, branches: Sequence[Tree], first: int = 0) -> Tree:
    """A tree that goes on as the branch whose number, from ``first`` on, stands in ``column``."""
    if len(branches) == 1:
        return branches[0]
    half = len(branches) // 2
    left, right = fork(column, branches[:half], first), fork(column, branches[half:], first + half)
    places = 1, 1 + len(left.left)
    return Tree(
        feature=np.concatenate([[column], left.feature, right.feature]),
        threshold=np.concatenate([[first + half - 0.5], left.threshold, right.threshold]),
        left=np.concatenate([[places[0]], _moved(left.left, places[0]), _moved(right.left, places[1])]),
        right=np.concatenate([[places[1]], _moved(left.right, places[0]), _moved(right.right, places[1])]),
        missing_left=np.concatenate([[False], left.missing_left, right.missing_left]),
        weights=np.concatenate([np.zeros((1, left.weights.shape[1])), left.weights, right.weights]),
    )


def _moved(children: NDArray[Any], by: int) -> NDArray[Any]:
    return np.where(children == LEAF, LEAF, children + by)
