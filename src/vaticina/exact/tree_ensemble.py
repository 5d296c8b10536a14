"""Ensembles of trees, with their thresholds in double precision."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from vaticina.exact.graph import DOUBLE_TREES, VECTOR_TREES, Graph, Value
from vaticina.exact.tree import LEAF, Tree

LEQ, MEMBER = 0, 6
"""Modes of ai.onnx.ml TreeEnsemble, version 5."""


def ensemble(graph: Graph, value: Value, trees: Sequence[Tree], targets: int) -> str:
    """The sums over ``trees``: (n, targets) of doubles.

    A tree with several weights in a leaf (a forest of more than two classes) needs the older operator, which adds in
    double and rounds the sum to a float: 6e-8 of a probability. A forest grown to the end has one class in each leaf.
    """
    graph.forests.append((value, trees))
    if any(tree.weights.shape[1] > 1 for tree in trees):
        pure = all(map(_is_pure, trees))
        return _single(graph, value, trees, targets) if pure else _several(graph, value, trees, targets)
    if targets == 1:
        return _single(graph, value, trees)
    each = [[replace(tree, target=0) for tree in trees if tree.target == target] for target in range(targets)]
    return graph.add("Concat", *(_single(graph, value, own) for own in each), axis=1)


def as_float32(graph: Graph, value: Value) -> Value:
    """``value`` rounded as scikit-learn's trees round their input, still in doubles."""
    rounded = graph.add("Cast", graph.add("Cast", value.name, to=TensorProto.FLOAT), to=TensorProto.DOUBLE)
    return Value(rounded, value.origins)


def _is_pure(tree: Tree) -> bool:
    """Whether no leaf adds to more than one target."""
    return bool((np.count_nonzero(tree.weights[tree.left == LEAF], axis=1) <= 1).all())


def _single(graph: Graph, value: Value, trees: Sequence[Tree], targets: int = 1) -> str:
    """The sums over trees whose leaves add to one target each."""
    table = _Nodes()
    for tree in trees:
        table.add(tree)
    attributes = {
        "tree_roots": table.roots,
        "nodes_featureids": table.features,
        "nodes_modes": helper.make_tensor("modes", TensorProto.UINT8, [len(table.modes)], table.modes),
        "nodes_splits": _doubles(table.splits),
        "nodes_truenodeids": table.true,
        "nodes_falsenodeids": table.false,
        "nodes_trueleafs": table.true_leaf,
        "nodes_falseleafs": table.false_leaf,
        "nodes_missing_value_tracks_true": table.missing_true,
        "leaf_targetids": table.leaf_targets,
        "leaf_weights": _doubles(table.leaf_weights),
    }
    if table.members:
        attributes["membership_values"] = _doubles(table.members)
    return graph.trees(
        "TreeEnsemble",
        DOUBLE_TREES,
        value.name,
        n_targets=targets,
        aggregate_function=1,
        post_transform=0,
        **attributes,
    )


class _Nodes:
    """The node table of TreeEnsemble: inner nodes and leaves are numbered apart."""

    def __init__(self) -> None:
        self.roots: list[int] = []
        self.features: list[int] = []
        self.modes: list[int] = []
        self.splits: list[float] = []
        self.true: list[int] = []
        self.false: list[int] = []
        self.true_leaf: list[int] = []
        self.false_leaf: list[int] = []
        self.missing_true: list[int] = []
        self.leaf_targets: list[int] = []
        self.leaf_weights: list[float] = []
        self.members: list[float] = []

    def add(self, tree: Tree) -> None:
        inner = tree.inner
        self.roots.append(len(self.features))
        if not len(inner):
            self._lone_leaf(tree)
            return
        numbers = {int(node): len(self.features) + at for at, node in enumerate(inner)}
        if len(self.leaf_weights) in (numbers.get(int(tree.left[0])), numbers.get(int(tree.right[0]))):
            self._skip_leaf()
        for node in map(int, inner):
            self._inner(tree, node)
            for child, ids, leaves in (
                (int(tree.left[node]), self.true, self.true_leaf),
                (int(tree.right[node]), self.false, self.false_leaf),
            ):
                is_leaf = tree.left[child] == LEAF
                ids.append(self._leaf(tree, child) if is_leaf else numbers[child])
                leaves.append(int(is_leaf))

    def _inner(self, tree: Tree, node: int) -> None:
        members = tree.sets.get(node)
        self.features.append(int(tree.feature[node]))
        self.modes.append(LEQ if members is None else MEMBER)
        self.splits.append(float(tree.threshold[node]) if members is None else 0.0)
        self.missing_true.append(int(tree.missing_left[node]))
        if members is not None:
            self.members += [*map(float, members), float("nan")]  # NaN ends a set

    def _leaf(self, tree: Tree, node: int) -> int:
        weights = tree.weights[node]
        own = int(np.abs(weights).argmax())
        self.leaf_targets.append(tree.target + own)
        self.leaf_weights.append(float(weights[own]))
        return len(self.leaf_weights) - 1

    def _skip_leaf(self) -> None:
        """Leaves a number unused: onnxruntime up to 1.22 at least takes a root for a lone leaf when its two children, a
        leaf and a node, have the same number (onnxruntime issue 24679)."""
        self.leaf_targets.append(0)
        self.leaf_weights.append(0.0)

    def _lone_leaf(self, tree: Tree) -> None:
        """The operator wants an inner node, so a tree of one leaf asks a question with one answer."""
        leaf = self._leaf(tree, 0)
        for column, item in (
            (self.features, 0),
            (self.modes, LEQ),
            (self.true, leaf),
            (self.false, leaf),
            (self.true_leaf, 1),
            (self.false_leaf, 1),
            (self.missing_true, 0),
        ):
            column.append(item)
        self.splits.append(0.0)


def _several(graph: Graph, value: Value, trees: Sequence[Tree], targets: int) -> str:
    sizes = [len(tree.left) for tree in trees]
    inner = np.concatenate([tree.left != LEAF for tree in trees])
    ids = np.concatenate([np.arange(size) for size in sizes])
    owners = np.repeat(np.arange(len(trees)), sizes)
    weights = np.concatenate([tree.weights for tree in trees])
    leaf, target = np.nonzero(weights * ~inner[:, None])
    name = graph.trees(
        "TreeEnsembleRegressor",
        VECTOR_TREES,
        value.name,
        n_targets=targets,
        aggregate_function="SUM",
        post_transform="NONE",
        nodes_treeids=owners.tolist(),
        nodes_nodeids=ids.tolist(),
        nodes_featureids=_at_inner([tree.feature for tree in trees], inner),
        nodes_modes=["BRANCH_LEQ" if flag else "LEAF" for flag in inner],
        nodes_truenodeids=_at_inner([tree.left for tree in trees], inner),
        nodes_falsenodeids=_at_inner([tree.right for tree in trees], inner),
        nodes_missing_value_tracks_true=_at_inner([tree.missing_left for tree in trees], inner),
        nodes_values_as_tensor=_doubles(np.where(inner, np.concatenate([t.threshold for t in trees]), 0.0)),
        target_treeids=owners[leaf].tolist(),
        target_nodeids=ids[leaf].tolist(),
        target_ids=target.tolist(),
        target_weights_as_tensor=_doubles(weights[leaf, target]),
    )
    return graph.add("Cast", name, to=TensorProto.DOUBLE)


def _at_inner(columns: Sequence[NDArray[Any]], inner: NDArray[np.bool_]) -> list[int]:
    joined: list[int] = np.where(inner, np.concatenate(columns).astype(np.int64), 0).tolist()
    return joined


def _doubles(values: Sequence[float] | NDArray[np.float64]) -> Any:
    return helper.make_tensor("doubles", TensorProto.DOUBLE, [len(values)], list(map(float, values)))
