"""Reads what another interpreter wrote about the objects of a model file: plain data, checked as they are read.

Nothing of it is trusted, because the process that wrote it had opened a stranger's file. It holds no pickle; every
array must lie within its pool, and the nodes of a tree must lead downwards and end.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.errors import ImportRefused

DTYPE = re.compile(r"[<|][biufSU]\d{1,5}")
"""The types of arrays that a description may hold."""

MOST = 2**30
"""How many bytes a description may have."""


@dataclass(frozen=True, slots=True)
class TreeData:
    """The state of a ``tree_`` of scikit-learn; ``nodes`` has one array for each field of its nodes."""

    features: int
    classes: NDArray[np.intp]
    outputs: int
    depth: int
    nodes: Mapping[str, NDArray[Any]]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Opaque:
    """Stands for an object of class ``name`` that is not described, since predictions do not need it."""

    name: str


class ModelDescription:
    """The files ``objects.json`` and ``arrays.npz`` of a folder.

    Raises:
        ImportRefused: they cannot be read, or are too large.
    """

    def __init__(self, folder: Path) -> None:
        try:
            file = folder / "objects.json"
            if file.stat().st_size > MOST:
                raise ImportRefused("The model's description is larger than 1 GiB; it is not read.")
            self.files: dict[str, Any] = json.loads(file.read_bytes())
            with np.load(folder / "arrays.npz", allow_pickle=False) as pools:
                self._pools = dict(pools)
        except (OSError, ValueError) as error:
            raise ImportRefused(f"The model's description cannot be read: {error}.") from None

    def array(self, place: Any) -> NDArray[Any]:
        """The array at ``place``: [pool, start, shape]."""
        pool, start, shape = place
        size = math.prod(shape)
        if not DTYPE.fullmatch(pool) or start < 0 or min(shape, default=0) < 0:
            raise ImportRefused("The model's description holds an array that is none.")
        flat = np.empty(0, dtype=pool)
        if size:
            flat = self._pools[pool][start : start + size]
        if flat.dtype != np.dtype(pool) or len(flat) != size:
            raise ImportRefused("The model's description holds an array that ends too early.")
        array: NDArray[Any] = flat.reshape(shape).copy()
        return array

    def fields(self, nodes: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """The arrays of a structured array, by field."""
        return {name: self.array(node["array"]) for name, node in nodes.items()}

    def tree(self, node: Any) -> TreeData:
        """A ``tree_``. Raises ImportRefused unless every walk through its nodes ends."""
        tree = TreeData(
            features=int(node["features"]),
            classes=self.array(node["classes"]["array"]).astype(np.intp),
            outputs=int(node["outputs"]),
            depth=int(node["max_depth"]),
            nodes=self.fields(node["nodes"]["fields"]),
            values=self.array(node["values"]["array"]).astype(np.float64),
        )
        if not _is_sound(tree, int(node["node_count"])):
            raise ImportRefused("The model's description holds a tree whose nodes lead nowhere.")
        return tree


def _is_sound(tree: TreeData, count: int) -> bool:
    """Whether each node's children come after it, and each node asks for a feature that there is."""
    left = tree.nodes["left_child"].astype(np.int64)
    right = tree.nodes["right_child"].astype(np.int64)
    feature = tree.nodes["feature"].astype(np.int64)
    lengths = {len(left), len(right), len(feature), len(tree.nodes["threshold"]), len(tree.values)}
    if count < 1 or lengths != {count}:
        return False
    if tree.values.shape != (count, tree.outputs, int(tree.classes.max(initial=1))):
        return False
    inner = np.flatnonzero(left != -1)
    left, right, feature = left[inner], right[inner], feature[inner]
    downwards = (left > inner) & (left < count) & (right > inner) & (right < count)
    return bool((downwards & (feature >= 0) & (feature < tree.features)).all())
