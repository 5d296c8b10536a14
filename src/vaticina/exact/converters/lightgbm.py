"""LightGBM's own trees, read from the booster's dump."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from vaticina.exact.converters.linear import probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, converts
from vaticina.exact.tree import LEAF, Tree
from vaticina.exact.tree_ensemble import ensemble

PLAIN = ("binary", "multiclass", "regression", "regression_l1", "huber", "quantile", "mape", "fair")
EXPONENTIAL = ("poisson", "gamma", "tweedie")

ZERO = float(np.float32(1e-35))
"""LightGBM takes a number of at most this size for zero: kZeroThreshold in its meta.h."""


@converts("lightgbm.sklearn.LGBMClassifier")
def classifier(part: Any, graph: Graph, value: Value) -> Value:
    """Sigmoid or softmax of the trees' sums."""
    classes = len(part.classes_)
    if part.booster_.num_model_per_iteration() != (1 if classes == 2 else classes):
        raise NotCompilable("LightGBM with objective 'multiclass' for two classes has no compiled form")
    return probabilities(graph, raw_scores(part.booster_, graph, value), classes)


@converts("lightgbm.sklearn.LGBMRegressor")
def regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The trees' sum, through the objective's link."""
    raw = raw_scores(part.booster_, graph, value)
    return graph.matrix(graph.add("Exp", raw) if part.objective_ in EXPONENTIAL else raw, 1)


@converts("lightgbm.basic.Booster")
def booster(part: Any, graph: Graph, value: Value) -> Value:
    """Of a class or of a number, as its objective says."""
    objective = str(part.dump_model(num_iteration=1).get("objective", "")).split(" ")[0]
    raw = raw_scores(part, graph, value)
    if objective == "binary":
        return probabilities(graph, raw, 2)
    if objective == "multiclass":
        return probabilities(graph, raw, part.num_model_per_iteration())
    return graph.matrix(graph.add("Exp", raw) if objective in EXPONENTIAL else raw, 1)


def raw_scores(booster: Any, graph: Graph, value: Value) -> str:
    """The trees' sums (n, classes), or (n, 1) for a number and for two classes."""
    dump = booster.dump_model(num_iteration=booster.best_iteration if booster.best_iteration > 0 else None)
    objective, *settings = str(dump.get("objective", "of its own")).split(" ")
    if objective not in PLAIN + EXPONENTIAL or "sqrt" in settings:
        raise NotCompilable(f"LightGBM with objective {objective!r} has no compiled form")
    if any(setting.startswith("sigmoid:") and setting != "sigmoid:1" for setting in settings):
        raise NotCompilable("LightGBM with a sigmoid of its own has no compiled form")
    if dump["average_output"]:
        raise NotCompilable("LightGBM's random forest mode has no compiled form")
    targets = dump["num_tree_per_iteration"]
    trees = [_tree(info["tree_structure"], at % targets) for at, info in enumerate(dump["tree_info"])]
    return ensemble(graph, value, trees, targets)


def _tree(root: dict[str, Any], target: int) -> Tree:
    """The nested nodes as arrays, parents before children."""
    nodes = list(_walk(root))
    if any("leaf_features" in node for node in nodes):
        raise NotCompilable("LightGBM with linear trees has no compiled form")
    place = {id(node): at for at, node in enumerate(nodes)}
    leaf = ["leaf_value" in node for node in nodes]
    children = {
        side: [LEAF if end else place[id(node[side])] for node, end in zip(nodes, leaf, strict=True)] for side in SIDES
    }
    members = {at: _members(node) for at, node in enumerate(nodes) if node.get("decision_type") == "=="}
    thresholds = [
        0.0 if end or at in members else _beside_zero(float(node["threshold"]))
        for at, (node, end) in enumerate(zip(nodes, leaf, strict=True))
    ]
    return Tree(
        feature=np.array([node.get("split_feature", 0) for node in nodes], dtype=np.int64),
        threshold=np.array(thresholds),
        left=np.array(children["left_child"], dtype=np.int64),
        right=np.array(children["right_child"], dtype=np.int64),
        missing_left=np.array([not end and _missing_left(node) for node, end in zip(nodes, leaf, strict=True)]),
        weights=np.array([[node.get("leaf_value", 0.0)] for node in nodes], dtype=np.float64),
        target=target,
        members=members,
    )


SIDES = ("left_child", "right_child")


def _walk(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [node[side] for side in SIDES if side in node]


def _members(node: dict[str, Any]) -> list[float]:
    return [float(code) for code in str(node["threshold"]).split("||")]


def _beside_zero(threshold: float) -> float:
    """The threshold that parts the same numbers where those within ``ZERO`` are not counted as zero."""
    if 0.0 <= threshold < ZERO:
        return ZERO
    return float(np.nextafter(-ZERO, -np.inf)) if -ZERO <= threshold < 0.0 else threshold


def _missing_left(node: dict[str, Any]) -> bool:
    """Where a missing value goes: it counts as zero where training saw none missing; a missing category goes right."""
    if node["decision_type"] == "==":
        return False
    if node["missing_type"] == "Zero":
        raise NotCompilable("LightGBM with zero_as_missing has no compiled form")
    return bool(node["default_left"]) if node["missing_type"] == "NaN" else float(node["threshold"]) >= 0.0
