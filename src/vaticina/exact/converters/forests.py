"""Forests and boosting of scikit-learn's own trees, which round their input to floats."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.converters.linear import binary_probabilities, probabilities
from vaticina.exact.graph import Graph, NotCompilable, Value, converts
from vaticina.exact.tree import Tree
from vaticina.exact.tree_ensemble import as_float32, ensemble


@converts(
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.ensemble._forest.ExtraTreesClassifier",
)
def forest_classifier(part: Any, graph: Graph, value: Value) -> Value:
    """The mean of the trees' probabilities."""
    return _vote(graph, value, _trees(part), len(part.classes_))


@converts("sklearn.tree._classes.DecisionTreeClassifier")
def tree_classifier(part: Any, graph: Graph, value: Value) -> Value:
    """The class shares at the leaf."""
    return _vote(graph, value, [part.tree_], len(part.classes_))


@converts(
    "sklearn.ensemble._forest.RandomForestRegressor",
    "sklearn.ensemble._forest.ExtraTreesRegressor",
)
def forest_regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The mean of the trees' values."""
    if part.n_outputs_ != 1:
        raise NotCompilable("a forest of several targets has no compiled form")
    return _mean(graph, value, _trees(part))


@converts("sklearn.tree._classes.DecisionTreeRegressor")
def tree_regressor(part: Any, graph: Graph, value: Value) -> Value:
    """The value at the leaf."""
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


def _trees(forest: Any) -> list[Any]:
    return [tree.tree_ for tree in forest.estimators_]


def _vote(graph: Graph, value: Value, trees: list[Any], classes: int) -> Value:
    if trees[0].value.shape[1] != 1:
        raise NotCompilable("a forest of several targets has no compiled form")
    rounded = as_float32(graph, value)
    count = graph.constant(float(len(trees)))
    targets = 1 if classes == 2 else classes  # of two classes the second one's share says all
    voters = [sklearn_tree(tree, _class_shares(tree)[:, -targets:]) for tree in trees]
    shares = graph.add("Div", ensemble(graph, rounded, voters, targets), count)
    if classes == 2:
        return binary_probabilities(graph, shares)
    return graph.matrix(shares, classes)


def forest_by_class(part: Any, graph: Graph, value: Value) -> Value:
    """A forest of several classes as one forest for each: it adds in doubles, and can stand beside other trees."""
    classes, trees = len(part.classes_), _trees(part)
    voters = []
    for number in range(classes):
        voters += [sklearn_tree(tree, _class_shares(tree)[:, [number]], target=number) for tree in trees]
    total = ensemble(graph, as_float32(graph, value), voters, classes)
    return graph.matrix(graph.add("Div", total, graph.constant(float(len(trees)))), classes)


def _class_shares(tree: Any) -> NDArray[np.float64]:
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
    steps = []
    for stage in part.estimators_:
        for target, regressor in enumerate(stage):
            tree = regressor.tree_
            steps.append(sklearn_tree(tree, tree.value[:, 0, :] * rate, target))
    return graph.add("Add", ensemble(graph, as_float32(graph, value), steps, len(start)), graph.constant(start))
