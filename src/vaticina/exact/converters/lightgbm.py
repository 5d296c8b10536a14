"""LightGBM's own trees, read from the booster's dump."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from vaticina.exact.converters.linear import probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, converts
from vaticina.exact.tree import LEAF, Tree
from vaticina.exact.tree_ensemble import ensemble

PLAIN = (
    *("binary", "multiclass", "regression", "regression_l1", "huber", "quantile", "mape", "fair"),
    *("lambdarank", "rank_xendcg"),
)
CUSTOM = "custom"
"""An objective of the owner's own code: the booster answers the trees' sum."""

EXPONENTIAL = ("poisson", "gamma", "tweedie")
"""Objectives that predict the exponential of the trees' sum; those of ``PLAIN`` predict the sum, or probabilities."""

ZERO = float(np.float32(1e-35))
"""LightGBM takes a number of at most this size for zero: kZeroThreshold in its meta.h."""


@converts("lightgbm.sklearn.LGBMClassifier")
def classifier(part: Any, graph: Graph, value: Value) -> Value:
    """Sigmoid or softmax of the trees' sums."""
    sums = raw_scores(part.booster_, graph, value)
    return _shares(graph, sums, part.booster_.num_model_per_iteration())


@converts("lightgbm.sklearn.LGBMRegressor")
def regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The trees' sum, through the objective's link."""
    return _number(graph, raw_scores(part.booster_, graph, value), part.objective_)


@converts("lightgbm.basic.Booster")
def booster(part: Any, graph: Graph, value: Value) -> Value:
    """A classifier or a regressor, as its objective says."""
    objective = _objective(part.dump_model(num_iteration=1)).split(" ")[0]
    sums = raw_scores(part, graph, value)
    if objective in ("binary", "multiclass"):
        return _shares(graph, sums, part.num_model_per_iteration())
    return _number(graph, sums, objective)


def _shares(graph: Graph, sums: str, targets: int) -> Value:
    """The classes' probabilities from the sums of each class, or from the one sum of two classes."""
    if targets == 1:
        return probabilities(graph, sums, 2)
    return graph.matrix(graph.add("Softmax", sums, axis=1), targets)


def _number(graph: Graph, sums: str, objective: str) -> Value:
    if objective in EXPONENTIAL:
        return graph.matrix(graph.add("Exp", sums), 1)
    return graph.matrix(sums, 1)


def raw_scores(booster: Any, graph: Graph, value: Value) -> str:
    """The trees' sums (n, classes), or (n, 1) for a number and for two classes."""
    rounds = None
    if booster.best_iteration > 0:
        rounds = booster.best_iteration
    dump = booster.dump_model(num_iteration=rounds)
    _check(dump)
    targets = dump["num_tree_per_iteration"]
    trees = []
    for number, info in enumerate(dump["tree_info"]):
        target = number % targets
        trees.append(_tree(info["tree_structure"], target))
    return ensemble(graph, value, trees, targets)


def _objective(dump: Mapping[str, Any]) -> str:
    """The objective with its settings, such as ``binary sigmoid:1``; ``custom`` where the file names none."""
    return str(dump.get("objective") or CUSTOM)


def _check(dump: Mapping[str, Any]) -> None:
    """Raises NotCompilable for settings that change more than the trees."""
    objective, *settings = _objective(dump).split(" ")
    if "sqrt" in settings:
        raise NotCompilable("LightGBM with reg_sqrt has no compiled form")
    if objective not in (*PLAIN, *EXPONENTIAL, CUSTOM):
        raise NotCompilable(f"LightGBM with objective {objective!r} has no compiled form")
    for setting in settings:
        if setting.startswith("sigmoid:") and setting != "sigmoid:1":
            raise NotCompilable("LightGBM with a sigmoid of its own has no compiled form")
    if dump["average_output"]:
        raise NotCompilable("LightGBM's random forest mode has no compiled form")


def _tree(root: dict[str, Any], target: int) -> Tree:
    """The nested nodes as arrays, parents before children."""
    nodes = _walk(root)
    places = {id(node): place for place, node in enumerate(nodes)}
    size = len(nodes)
    feature = np.zeros(size, dtype=np.int64)
    members: dict[int, list[float]] = {}
    left, right = np.full(size, LEAF), np.full(size, LEAF)
    threshold, weights = np.zeros(size), np.zeros((size, 1))
    missing_left = np.zeros(size, dtype=bool)
    for place, node in enumerate(nodes):
        if "leaf_value" in node:
            weights[place] = _leaf_weight(node)
            continue
        feature[place] = node["split_feature"]
        left[place], right[place] = places[id(node["left_child"])], places[id(node["right_child"])]
        if node["decision_type"] == "==":  # of a category; a missing one goes right
            members[place] = list(map(float, str(node["threshold"]).split("||")))
        else:
            threshold[place] = _beside_zero(float(node["threshold"]))
            missing_left[place] = _goes_left_when_missing(node)
    return Tree(feature, threshold, left, right, missing_left, weights, target, members)


def _walk(root: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if "left_child" in node:
            waiting += [node["left_child"], node["right_child"]]
    return nodes


def _leaf_weight(node: Mapping[str, Any]) -> float:
    if "leaf_features" in node:
        raise NotCompilable("LightGBM with linear trees has no compiled form")
    return float(node["leaf_value"])


def _beside_zero(threshold: float) -> float:
    """The threshold that splits the same numbers where those within ``ZERO`` are not counted as zero."""
    if 0.0 <= threshold < ZERO:
        return ZERO
    if -ZERO <= threshold < 0.0:
        return float(np.nextafter(-ZERO, -np.inf))
    return threshold


def _goes_left_when_missing(node: Mapping[str, Any]) -> bool:
    """Where a missing number goes; it counts as zero where training saw none missing."""
    if node["missing_type"] == "Zero":
        raise NotCompilable("LightGBM with zero_as_missing has no compiled form")
    if node["missing_type"] == "NaN":
        return bool(node["default_left"])
    return float(node["threshold"]) >= 0.0
