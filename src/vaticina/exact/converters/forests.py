"""Forests and boosting of scikit-learn's own trees, which round their input to floats."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.converters.linear import both, probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, converts
from vaticina.exact.tree import Tree
from vaticina.exact.tree_ensemble import as_float32, ensemble


@converts(
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._forest.ExtraTreesClassifier",
)
def forest_classifier(part: Any, graph: Graph, value: Value) -> Value:
    """The mean of the trees' probabilities."""
    return _vote(graph, value, [tree.tree_ for tree in part.estimators_], len(part.classes_))


@converts("sklearn.tree._classes.DecisionTreeClassifier")
def tree_classifier(part: Any, graph: Graph, value: Value) -> Value:
    """A forest of one."""
    return _vote(graph, value, [part.tree_], len(part.classes_))


@converts(
    "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.ensemble._forest.ExtraTreesRegressor",
)
def forest_regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The mean of the trees' values."""
    if part.n_outputs_ != 1:
        raise NotCompilable("a forest of several targets has no compiled form")
    return _mean(graph, value, [tree.tree_ for tree in part.estimators_])


@converts("sklearn.tree._classes.DecisionTreeRegressor")
def tree_regressor(part: Any, graph: Graph, value: Value) -> Value:
    """A forest of one."""
    return _mean(graph, value, [part.tree_])


@converts("sklearn.ensemble._gb.GradientBoostingClassifier")
def boosting_classifier(part: Any, graph: Graph, value: Value) -> Value:
    """Sigmoid or softmax of the start plus the trees' sums."""
    raw = _boosted(part, graph, value)
    if part.loss == "exponential":
        raw = graph.add("Mul", raw, graph.constant(2.0))
    return probabilities(graph, raw, len(part.classes_))


@converts("sklearn.ensemble._gb.GradientBoostingRegressor")
def boosting_regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The start plus the trees' sums."""
    return graph.matrix(_boosted(part, graph, value), 1)


def sklearn_tree(tree: Any, weights: NDArray[np.float64], target: int = 0) -> Tree:
    """A fitted ``tree_`` with ``weights`` (nodes, targets) at its leaves."""
    missing = np.asarray(tree.missing_go_to_left, dtype=bool)
    return Tree(tree.feature, tree.threshold, tree.children_left, tree.children_right, missing, weights, target)


def _vote(graph: Graph, value: Value, trees: list[Any], classes: int) -> Value:
    if trees[0].value.shape[1] != 1:
        raise NotCompilable("a forest of several targets has no compiled form")
    rounded = as_float32(graph, value)
    share = graph.constant(float(len(trees)))
    if classes == 2:
        voters = [sklearn_tree(tree, _share(tree)[:, 1:]) for tree in trees]
        return both(graph, graph.add("Div", ensemble(graph, rounded, voters, 1), share))
    voters = [sklearn_tree(tree, _share(tree)) for tree in trees]
    return graph.matrix(graph.add("Div", ensemble(graph, rounded, voters, classes), share), classes)


def forest_by_class(part: Any, graph: Graph, value: Value) -> Value:
    """A forest of several classes as one forest for each: it may stand beside other trees, and adds in doubles."""
    classes = range(len(part.classes_))
    shares = [(tree.tree_, _share(tree.tree_)) for tree in part.estimators_]
    voters = [sklearn_tree(tree, share[:, [one]], target=one) for one in classes for tree, share in shares]
    total = ensemble(graph, as_float32(graph, value), voters, len(classes))
    return graph.matrix(graph.add("Div", total, graph.constant(float(len(shares)))), len(classes))


def _share(tree: Any) -> NDArray[np.float64]:
    """The classes' shares in each node: (nodes, classes)."""
    counts: NDArray[np.float64] = tree.value[:, 0, :]
    shares: NDArray[np.float64] = counts / counts.sum(axis=1, keepdims=True)
    return shares


def _mean(graph: Graph, value: Value, trees: list[Any]) -> Value:
    voters = [sklearn_tree(tree, tree.value[:, 0, :]) for tree in trees]
    total = ensemble(graph, as_float32(graph, value), voters, 1)
    return graph.matrix(graph.add("Div", total, graph.constant(float(len(trees)))), 1)


def _boosted(part: Any, graph: Graph, value: Value) -> str:
    if part.init is not None and part.init != "zero":
        raise NotCompilable(f"{type(part).__name__} that starts from another model has no compiled form")
    start = part._raw_predict_init(np.zeros((1, part.n_features_in_), dtype=np.float32))[0]
    rate = part.learning_rate
    steps = [
        sklearn_tree(tree.tree_, tree.tree_.value[:, 0, :] * rate, target)
        for stage in part.estimators_
        for target, tree in enumerate(stage)
    ]
    return graph.add("Add", ensemble(graph, as_float32(graph, value), steps, len(start)), graph.constant(start))
