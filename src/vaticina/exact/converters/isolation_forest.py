"""Isolation forests: trees whose leaves hold path lengths."""

from dataclasses import replace
from typing import Any

import numpy as np

from vaticina.exact.arrays import Integers
from vaticina.exact.converters.forests import sklearn_tree
from vaticina.exact.forest_paths import path_scale, paths
from vaticina.exact.graph import Graph, NotCompilable, Value, converts
from vaticina.exact.tree import LEAF, Tree
from vaticina.exact.tree_ensemble import as_float32, ensemble


@converts("sklearn.ensemble._iforest.IsolationForest")
def isolation_forest(part: Any, graph: Graph, value: Value) -> Value:
    """``decision_function``: (n, 1), below zero for an anomaly."""
    if part._max_features != value.width:
        raise NotCompilable("an IsolationForest whose trees see some columns only has no compiled form")
    trees = [isolation_tree(tree) for tree in part.estimators_]
    path = ensemble(graph, as_float32(graph, value), trees, 1)
    name = decision(graph, path, graph.constant(path_scale(part)), graph.constant(float(part.offset_)))
    return graph.matrix(name, 1)


def isolation_tree(tree: Any, columns: Integers | None = None) -> Tree:
    """A fitted tree of an isolation forest, which leads to path lengths.

    ``columns`` are the places of the tree's features among the graph's columns; None when they are the same.
    """
    grown = sklearn_tree(tree.tree_, paths(tree.tree_)[:, None])
    if columns is None:
        return grown
    features = np.where(grown.left == LEAF, grown.feature, columns[np.maximum(grown.feature, 0)])
    return replace(grown, feature=features)


def decision(graph: Graph, path: str, scale: str, offset: str) -> str:
    """-2^(-path / scale) - offset, where ``path`` is the sum of the path lengths."""
    exponent = graph.add("Neg", graph.add("Div", path, scale))
    return graph.add("Sub", graph.add("Neg", graph.add("Pow", graph.constant(2.0), exponent)), offset)
