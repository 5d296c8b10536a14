"""What comes back from an interpreter of another version: plain data that describe objects, checked as they are read.

Nothing of it is trusted: the process that wrote it had opened a stranger's file. No pickle is in it, every array lies
within its pool, and a tree's nodes lead downwards and end.
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
MOST = 2**30
"""Bytes of a description."""


@dataclass(frozen=True, slots=True)
class Trees:
    """A scikit-learn ``tree_``: the state it gave, its nodes as one array for each field."""

    features: int
    classes: NDArray[np.intp]
    outputs: int
    depth: int
    nodes: Mapping[str, NDArray[Any]]
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Booster:
    """LightGBM's own text of a booster, and its best iteration (-1 for all)."""

    text: str
    best: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """An object that is not described, for predictions do not need it."""

    name: str


class Description:
    """``objects.json`` with ``arrays.npz`` beside it."""

    def __init__(self, folder: Path) -> None:
        try:
            file = folder / "objects.json"
            if file.stat().st_size > MOST:
                raise ImportRefused("The model's description is larger than 1 GiB; it is not read.")
            self.files: dict[str, Any] = json.loads(file.read_bytes())
            with np.load(folder / "arrays.npz", allow_pickle=False) as pools:
                self._pools = {name: pools[name] for name in pools.files}
        except (OSError, ValueError) as error:
            raise ImportRefused(f"The model's description cannot be read: {error}.") from None

    def array(self, place: Any) -> NDArray[Any]:
        """The array at ``[pool, start, shape]``."""
        pool, start, shape = place
        size = math.prod(shape)
        if not DTYPE.fullmatch(pool) or start < 0 or min(shape, default=0) < 0:
            raise ImportRefused("The model's description holds an array that is none.")
        flat = self._pools[pool][start : start + size] if size else np.empty(0, dtype=pool)
        if flat.dtype != np.dtype(pool) or len(flat) != size:
            raise ImportRefused("The model's description holds an array that ends too early.")
        found: NDArray[Any] = flat.reshape(shape).copy()
        return found

    def fields(self, node: Any) -> dict[str, NDArray[Any]]:
        """The arrays of a structured one, by field."""
        return {name: self.array(one["array"]) for name, one in node["fields"].items()}

    def tree(self, node: Any) -> Trees:
        """A ``tree_``, whose nodes were checked."""
        found = Trees(
            features=int(node["features"]),
            classes=self.array(node["classes"]["array"]).astype(np.intp),
            outputs=int(node["outputs"]),
            depth=int(node["max_depth"]),
            nodes=self.fields(node["nodes"]),
            values=self.array(node["values"]["array"]).astype(np.float64),
        )
        _check_tree(found, int(node["node_count"]))
        return found


def _check_tree(tree: Trees, count: int) -> None:
    """Raises ImportRefused unless each node's children come after it and each asks for a feature there is."""
    left, right, feature = (tree.nodes[name].astype(np.int64) for name in ("left_child", "right_child", "feature"))
    nodes = np.arange(count)
    inner = left != -1
    sound = (
        len(left) == len(right) == len(feature) == len(tree.nodes["threshold"]) == len(tree.values) == count > 0
        and tree.values.shape == (count, tree.outputs, int(tree.classes.max(initial=1)))
        and bool(((left > nodes) & (left < count) & (right > nodes) & (right < count))[inner].all())
        and bool(((feature >= 0) & (feature < tree.features))[inner].all())
    )
    if not sound:
        raise ImportRefused("The model's description holds a tree whose nodes lead nowhere.")
