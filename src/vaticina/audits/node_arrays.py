"""Checks of trees as parallel arrays over their nodes, whatever library wrote them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.audits.unsound import Unsound

Integers = NDArray[np.int64]

LEAF = -1
"""The child of a node that has none."""


def check_range(values: NDArray[Any], first: int, end: int, name: str) -> None:
    """Raises Unsound unless all of ``values`` are from ``first`` to ``end - 1``; ``name`` is what they are."""
    if not values.size:
        return
    least, most = int(values.min()), int(values.max())
    if least < first or most >= end:
        raise Unsound(f"its {name} leads to {least if least < first else most}, outside {first} to {end - 1}")


def check_tree(left: Integers, right: Integers, features: NDArray[Any], width: int) -> None:
    """Raises Unsound unless each path from node 0 ends at a leaf, and asks for columns that there are.

    ``left`` and ``right`` (nodes,) hold each node's children, ``LEAF`` at a leaf; ``features`` (nodes,) the column that
    it asks for, from 0 to ``width - 1``. Nodes that no path reaches are not looked at.
    """
    if not len(left) or not len(left) == len(right) == len(features):
        raise Unsound("its arrays of nodes have different lengths, or none")
    is_reached = np.zeros(len(left), dtype=np.bool_)
    is_reached[0] = True
    level = np.zeros(1, dtype=np.int64)
    while len(level):
        inner = level[left[level] != LEAF]
        check_range(features[inner], 0, width, "feature")
        level = np.concatenate([left[inner], right[inner]])
        check_range(level, 1, len(left), "child")
        if is_reached[level].any() or len(np.unique(level)) < len(level):
            raise Unsound("a node in it has two parents, or leads back to itself")
        is_reached[level] = True
