"""XGBoost's own trees, read from the JSON in which it saves them.

XGBoost rounds its input to floats, goes left where a value is less than the threshold, itself a float, and adds the
leaves in floats; here they are added in doubles, so that a sum may differ by what the floats lose.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.converters.linear import probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, converts
from vaticina.exact.tree import LEAF, Tree
from vaticina.exact.tree_ensemble import as_float32, ensemble

BINARY, LOGIT, HINGE, LOGISTIC = "binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic"
SOFTMAX = ("multi:softprob", "multi:softmax")
PLAIN = (
    *("reg:squarederror", "reg:squaredlogerror", "reg:absoluteerror", "reg:pseudohubererror", "reg:quantileerror"),
    *("rank:ndcg", "rank:pairwise", "rank:map"),
)
EXPONENTIAL = ("count:poisson", "reg:gamma", "reg:tweedie", "survival:aft", "survival:cox")


def is_xgboost(part: Any) -> bool:
    """Whether ``part`` is one of XGBoost's models."""
    return type(part).__module__.startswith("xgboost.")


@converts("xgboost.sklearn.XGBClassifier", "xgboost.sklearn.XGBRFClassifier")
def classifier(part: Any, graph: Graph, value: Value) -> Value:
    """Sigmoid or softmax of the base score plus the trees' sums."""
    return _answer(part.get_booster(), graph, _with_missing(part, graph, value), _rounds(part))


@converts("xgboost.sklearn.XGBRegressor", "xgboost.sklearn.XGBRFRegressor", "xgboost.sklearn.XGBRanker")
def regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The base score plus the trees' sum, through the objective's link."""
    learner = _learner(part.get_booster())
    objective = learner["objective"]["name"]
    raw = _raw(learner, graph, _with_missing(part, graph, value), 1, _rounds(part))
    return _number(objective, graph, raw)


@converts("xgboost.core.Booster")
def booster(part: Any, graph: Graph, value: Value) -> Value:
    """A classifier or a regressor, as its objective says."""
    return _answer(part, graph, value, None)


def _with_missing(part: Any, graph: Graph, value: Value) -> Value:
    """NaN for the number that stands for a missing one, compared as XGBoost does: as floats."""
    if part.missing is None or np.isnan(part.missing):
        return value
    rounded = as_float32(graph, value)
    is_missing = graph.add("Equal", rounded.name, graph.constant(float(np.float32(part.missing))))
    return Value(graph.add("Where", is_missing, graph.constant(np.nan), rounded.name), value.origins)


def _rounds(part: Any) -> int | None:
    """How many rounds of trees answer after an early stop; None when all do."""
    try:
        return int(part.best_iteration) + 1
    except AttributeError:
        return None


def _learner(booster: Any) -> Mapping[str, Any]:
    """The objective and the trees, as XGBoost writes them."""
    learner: Mapping[str, Any] = json.loads(bytes(booster.save_raw("json")))["learner"]
    return learner


def _answer(part: Any, graph: Graph, value: Value, rounds: int | None) -> Value:
    learner = _learner(part)
    objective = learner["objective"]["name"]
    classes = max(1, int(learner["learner_model_param"]["num_class"]))
    raw = _raw(learner, graph, value, classes, rounds)
    if objective in (BINARY, LOGIT):
        return probabilities(graph, raw, 2)
    if objective == HINGE:
        return _two_sides(graph, raw)
    if objective in SOFTMAX:
        return graph.matrix(graph.add("Softmax", raw, axis=1), classes)
    return _number(objective, graph, raw)


def _number(objective: str, graph: Graph, raw: str) -> Value:
    """The one number (n, 1) that an objective makes of the margins."""
    if objective in EXPONENTIAL:
        return graph.matrix(graph.add("Exp", raw), 1)
    if objective in (BINARY, LOGISTIC):
        return graph.matrix(graph.add("Sigmoid", raw), 1)
    if objective in (LOGIT, *PLAIN):
        return graph.matrix(raw, 1)
    raise NotCompilable(f"XGBoost with objective {objective!r} has no compiled form")


def _two_sides(graph: Graph, raw: str) -> Value:
    """The probabilities 0 and 1: the second class above a margin of 0."""
    is_second = graph.add("Greater", raw, graph.constant(0.0))
    second = graph.add("Where", is_second, graph.constant(1.0), graph.constant(0.0))
    first = graph.add("Sub", graph.constant(1.0), second)
    return graph.matrix(graph.add("Concat", first, second, axis=1), 2)


def _raw(learner: Mapping[str, Any], graph: Graph, value: Value, classes: int, rounds: int | None) -> str:
    """The margins: (n, classes), or (n, 1)."""
    model, shares = _trees_and_shares(learner["gradient_booster"])
    count = len(model["trees"])
    if rounds is not None:
        count = model["iteration_indptr"][rounds]
    trees = []
    for tree, target, share in zip(model["trees"][:count], model["tree_info"], shares, strict=False):
        trees.append(_tree(tree, target, share))
    summed = ensemble(graph, as_float32(graph, value), trees, classes)
    return graph.add("Add", summed, graph.constant(_base(learner, classes)))


def _trees_and_shares(gradient: Mapping[str, Any]) -> tuple[Mapping[str, Any], Sequence[float]]:
    """The trees, and by how much each one counts: DART weighs them."""
    if gradient["name"] == "gbtree":
        return gradient["model"], [1.0] * len(gradient["model"]["trees"])
    if gradient["name"] == "dart":
        return gradient["gbtree"]["model"], gradient["weight_drop"]
    raise NotCompilable(f"XGBoost's {gradient['name']!r} has no compiled form")


def _base(learner: Mapping[str, Any], classes: int) -> NDArray[np.float64]:
    """The base score as a margin, of each class."""
    text = str(learner["learner_model_param"]["base_score"])
    scores = json.loads(text) if text.startswith("[") else [float(text)]
    base = np.array(scores, dtype=np.float32).astype(np.float64)
    objective = learner["objective"]["name"]
    if objective in (BINARY, LOGISTIC):
        base = np.log(base / (1.0 - base))
    elif objective in EXPONENTIAL:
        base = np.log(base)
    return np.broadcast_to(base, (classes,)).astype(np.float32).astype(np.float64)


def _tree(tree: Mapping[str, Any], target: int, share: float) -> Tree:
    """``tree``, whose leaves add ``share`` of their numbers to ``target``."""
    if len(np.shape(tree["base_weights"])) > 1:
        raise NotCompilable("XGBoost with several numbers in a leaf has no compiled form")
    left = np.array(tree["left_children"], dtype=np.int64)
    right = np.array(tree["right_children"], dtype=np.int64)
    missing_left = np.array(tree["default_left"], dtype=bool)
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    below = np.nextafter(conditions, np.float32(-np.inf))  # x < t for floats is x <= the float below t
    members = _members(tree)
    turned = list(members)  # XGBoost sends the listed categories to the right
    left[turned], right[turned] = right[turned], left[turned]
    missing_left[turned] = ~missing_left[turned]
    return Tree(
        feature=np.array(tree["split_indices"], dtype=np.int64),
        threshold=np.where(left == LEAF, 0.0, below).astype(np.float64),
        left=left,
        right=right,
        missing_left=missing_left,
        weights=share * np.where(left == LEAF, conditions, 0.0).astype(np.float64)[:, None],
        target=target,
        members=members,
    )


def _members(tree: Mapping[str, Any]) -> dict[int, list[float]]:
    """The categories that each node which splits by category lists, by the node."""
    members: dict[int, list[float]] = {}
    starts, sizes = tree.get("categories_segments", ()), tree.get("categories_sizes", ())
    for node, start, size in zip(tree.get("categories_nodes", ()), starts, sizes, strict=True):
        members[node] = list(map(float, tree["categories"][start : start + size]))
    return members
