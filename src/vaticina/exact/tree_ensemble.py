"""Ensembles of trees as tree operators of ONNX, with their thresholds in double precision."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from vaticina.exact.graph import DOUBLE_TREES, VECTOR_TREES, Graph, Value
from vaticina.exact.tree import LEAF, Tree

LESS_OR_EQUAL, MEMBER = 0, 6
"""Modes of a node in ai.onnx.ml TreeEnsemble, version 5."""


def ensemble(graph: Graph, value: Value, trees: Sequence[Tree], targets: int) -> str:
    """The sums over ``trees``: (n, targets) of doubles.

    A tree with several weights in a leaf (a forest of more than two classes) needs the older operator, which adds in
    double and rounds the sum to a float: 6e-8 of a probability. A forest grown to the end has one class in each leaf.
    """
    graph.forests.append((value, trees))
    if any(tree.weights.shape[1] > 1 for tree in trees):
        if all(map(_has_one_weight_a_leaf, trees)):
            return _tree_ensemble(graph, value, trees, targets)
        return _tree_ensemble_regressor(graph, value, trees, targets)
    if targets == 1:
        return _tree_ensemble(graph, value, trees)
    sums = []
    for target in range(targets):
        trees_of_target = [replace(tree, target=0) for tree in trees if tree.target == target]
        sums.append(_tree_ensemble(graph, value, trees_of_target))
    return graph.add("Concat", *sums, axis=1)


def as_float32(graph: Graph, value: Value) -> Value:
    """``value`` rounded as scikit-learn's trees round their input, still in doubles."""
    rounded = graph.add("Cast", graph.add("Cast", value.name, to=TensorProto.FLOAT), to=TensorProto.DOUBLE)
    return Value(rounded, value.origins)


def _has_one_weight_a_leaf(tree: Tree) -> bool:
    """Whether each leaf adds to one target at most."""
    return bool((np.count_nonzero(tree.weights[tree.left == LEAF], axis=1) <= 1).all())


def _tree_ensemble(graph: Graph, value: Value, trees: Sequence[Tree], targets: int = 1) -> str:
    """The sums over trees whose leaves add to one target each."""
    table = _NodeTable()
    for tree in trees:
        table.add(tree)
    attributes = {
        "tree_roots": table.roots,
        "nodes_featureids": table.features,
        "nodes_modes": helper.make_tensor("modes", TensorProto.UINT8, [len(table.modes)], table.modes),
        "nodes_splits": _doubles(table.splits),
        "nodes_truenodeids": table.left,
        "nodes_falsenodeids": table.right,
        "nodes_trueleafs": table.is_left_leaf,
        "nodes_falseleafs": table.is_right_leaf,
        "nodes_missing_value_tracks_true": table.missing_left,
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


class _NodeTable:
    """The nodes of all trees as TreeEnsemble wants them: inner nodes and leaves are numbered apart.

    The operator's true branch is our left one, its false branch our right one.
    """

    def __init__(self) -> None:
        self.roots: list[int] = []
        self.features: list[int] = []
        self.modes: list[int] = []
        self.splits: list[float] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.is_left_leaf: list[int] = []
        self.is_right_leaf: list[int] = []
        self.missing_left: list[int] = []
        self.leaf_targets: list[int] = []
        self.leaf_weights: list[float] = []
        self.members: list[float] = []

    def add(self, tree: Tree) -> None:
        first = len(self.features)
        self.roots.append(first)
        inner = tree.inner.tolist()
        if not inner:
            self._add_single_leaf(tree)
            return
        numbers = dict(zip(inner, range(first, first + len(inner)), strict=True))
        if len(self.leaf_weights) in (numbers.get(int(tree.left[0])), numbers.get(int(tree.right[0]))):
            self._skip_leaf()
        for node in inner:
            self._add_question(tree, node)
            self._add_child(tree, int(tree.left[node]), numbers, self.left, self.is_left_leaf)
            self._add_child(tree, int(tree.right[node]), numbers, self.right, self.is_right_leaf)

    def _add_question(self, tree: Tree, node: int) -> None:
        self.features.append(int(tree.feature[node]))
        self.missing_left.append(int(tree.missing_left[node]))
        if node in tree.sets:
            self.modes.append(MEMBER)
            self.splits.append(0.0)
            self.members += [*map(float, tree.sets[node]), float("nan")]  # NaN ends a set
        else:
            self.modes.append(LESS_OR_EQUAL)
            self.splits.append(float(tree.threshold[node]))

    def _add_child(
        self, tree: Tree, child: int, numbers: dict[int, int], children: list[int], is_leaf: list[int]
    ) -> None:
        if child in numbers:
            children.append(numbers[child])
            is_leaf.append(0)
        else:
            children.append(self._add_leaf(tree, child))
            is_leaf.append(1)

    def _add_leaf(self, tree: Tree, node: int) -> int:
        """Adds the leaf's largest weight, which is its only one; gives the leaf's number."""
        weights = tree.weights[node]
        target = int(np.abs(weights).argmax())
        self.leaf_targets.append(tree.target + target)
        self.leaf_weights.append(float(weights[target]))
        return len(self.leaf_weights) - 1

    def _skip_leaf(self) -> None:
        """Leaves a number unused: onnxruntime up to 1.22 at least takes a root for a lone leaf when its two children, a
        leaf and a node, have the same number (onnxruntime issue 24679)."""
        self.leaf_targets.append(0)
        self.leaf_weights.append(0.0)

    def _add_single_leaf(self, tree: Tree) -> None:
        """The operator wants an inner node, so a tree of one leaf asks a question with one answer."""
        leaf = self._add_leaf(tree, 0)
        self.features.append(0)
        self.modes.append(LESS_OR_EQUAL)
        self.splits.append(0.0)
        self.missing_left.append(0)
        self.left.append(leaf)
        self.right.append(leaf)
        self.is_left_leaf.append(1)
        self.is_right_leaf.append(1)


def _tree_ensemble_regressor(graph: Graph, value: Value, trees: Sequence[Tree], targets: int) -> str:
    """The sums over trees whose leaves add to several targets."""
    attributes: dict[str, list[Any]] = defaultdict(list)
    for number, tree in enumerate(trees):
        _add_nodes(attributes, number, tree)
        _add_weights(attributes, number, tree)
    sums = graph.trees(
        "TreeEnsembleRegressor",
        VECTOR_TREES,
        value.name,
        n_targets=targets,
        aggregate_function="SUM",
        post_transform="NONE",
        nodes_values_as_tensor=_doubles(attributes.pop("nodes_values")),
        target_weights_as_tensor=_doubles(attributes.pop("target_weights")),
        **attributes,
    )
    return graph.add("Cast", sums, to=TensorProto.DOUBLE)


def _add_nodes(attributes: dict[str, list[Any]], number: int, tree: Tree) -> None:
    """Adds all nodes of the tree ``number``; what is asked of leaves is 0."""
    size = len(tree.left)
    is_inner = tree.left != LEAF
    attributes["nodes_treeids"] += [number] * size
    attributes["nodes_nodeids"] += range(size)
    attributes["nodes_featureids"] += np.where(is_inner, tree.feature, 0).tolist()
    attributes["nodes_modes"] += np.where(is_inner, "BRANCH_LEQ", "LEAF").tolist()
    attributes["nodes_values"] += np.where(is_inner, tree.threshold, 0.0).tolist()
    attributes["nodes_truenodeids"] += np.where(is_inner, tree.left, 0).tolist()
    attributes["nodes_falsenodeids"] += np.where(is_inner, tree.right, 0).tolist()
    attributes["nodes_missing_value_tracks_true"] += np.where(is_inner, tree.missing_left, 0).tolist()


def _add_weights(attributes: dict[str, list[Any]], number: int, tree: Tree) -> None:
    """Adds the weights at the leaves of the tree ``number``."""
    is_leaf = tree.left == LEAF
    leaves, targets = np.nonzero(tree.weights * is_leaf[:, None])
    attributes["target_treeids"] += [number] * len(leaves)
    attributes["target_nodeids"] += leaves.tolist()
    attributes["target_ids"] += targets.tolist()
    attributes["target_weights"] += tree.weights[leaves, targets].tolist()


def _doubles(values: Sequence[float] | NDArray[np.float64]) -> Any:
    return helper.make_tensor("doubles", TensorProto.DOUBLE, [len(values)], list(map(float, values)))
