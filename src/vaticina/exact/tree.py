"""A decision tree as arrays, whichever library grew it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Integers, Matrix

LEAF = -1


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as parallel arrays over its nodes; the root is node 0.

    A row goes left where its ``feature`` is at most ``threshold``, or is one of ``members``; ``left`` is LEAF (-1) at a
    leaf. ``missing_left`` says whether a missing value goes left. ``weights`` (nodes, targets) are added by leaves
    only, to the targets from ``target`` on.
    """

    feature: Integers
    threshold: Matrix
    left: Integers
    right: Integers
    missing_left: NDArray[np.bool_]
    weights: Matrix
    target: int = 0
    members: Mapping[int, Sequence[float]] | None = None

    @property
    def inner(self) -> Integers:
        """The nodes that are no leaves."""
        return np.flatnonzero(self.left != LEAF)

    @property
    def sets(self) -> Mapping[int, Sequence[float]]:
        """The categories that go left, by node; empty for a tree of numbers."""
        return self.members or {}


EMPTY_TREE = Tree(
    feature=np.zeros(1, dtype=np.int64),
    threshold=np.zeros(1),
    left=np.full(1, LEAF),
    right=np.full(1, LEAF),
    missing_left=np.zeros(1, dtype=np.bool_),
    weights=np.zeros((1, 1)),
)
"""A leaf that adds nothing."""


def last_visitors(tree: Tree, rows: Matrix) -> Integers:
    """For each node the number of the last of ``rows`` (n, features) that passes it; -1 where none does."""
    visitors = np.full(len(tree.left), -1)
    walking = np.arange(len(rows))
    nodes = np.zeros(len(rows), dtype=np.int64)
    while len(walking):
        visitors[nodes] = walking
        is_inner = tree.left[nodes] != LEAF
        walking, nodes = walking[is_inner], nodes[is_inner]
        is_left = goes_left(tree, nodes, rows[walking, tree.feature[nodes]])
        nodes = np.where(is_left, tree.left[nodes], tree.right[nodes])
    return visitors


def goes_left(tree: Tree, nodes: Integers, values: Matrix) -> NDArray[np.bool_]:
    """Whether each of ``values`` (n,) goes left at its node of ``nodes`` (n,)."""
    is_left: NDArray[np.bool_] = values <= tree.threshold[nodes]
    for node, members in tree.sets.items():
        is_here = nodes == node
        is_left[is_here] = np.isin(values[is_here], members)
    return np.where(np.isnan(values), tree.missing_left[nodes], is_left)


def fork(column: int, branches: Sequence[Tree], first: int = 0) -> Tree:
    """A tree that continues as the branch whose number, counted from ``first``, stands in ``column``."""
    if len(branches) == 1:
        return branches[0]
    half = len(branches) // 2
    left, right = fork(column, branches[:half], first), fork(column, branches[half:], first + half)
    left_root, right_root = 1, 1 + len(left.left)
    return Tree(
        feature=np.concatenate([[column], left.feature, right.feature]),
        threshold=np.concatenate([[first + half - 0.5], left.threshold, right.threshold]),
        left=np.concatenate([[left_root], _shifted(left.left, left_root), _shifted(right.left, right_root)]),
        right=np.concatenate([[right_root], _shifted(left.right, left_root), _shifted(right.right, right_root)]),
        missing_left=np.concatenate([[False], left.missing_left, right.missing_left]),
        weights=np.concatenate([np.zeros((1, left.weights.shape[1])), left.weights, right.weights]),
    )


def _shifted(children: Integers, shift: int) -> Integers:
    return np.where(children == LEAF, LEAF, children + shift)
