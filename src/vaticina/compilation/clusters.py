"""k-means, isolation forests, and the whole of a clusters model in one graph."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from vaticina.compilation.forests import sklearn_tree
from vaticina.compilation.graph import Graph, NotCompilable, Value, converts
from vaticina.compilation.trees import LEAF, Tree, as_float32, ensemble
from vaticina.runtimes.clusters import ClusterAnomaly, Member
from vaticina.runtimes.forests import paths, unsuccessful


@converts("sklearn.ensemble._iforest.IsolationForest")
def isolation_forest(part: Any, graph: Graph, value: Value) -> Value:
    """``decision_function``: a forest whose leaves hold path lengths, then -2^(-mean / c) - offset."""
    if part._max_features != value.width:
        raise NotCompilable("an IsolationForest whose trees see some columns only has no compiled form")
    trees = [sklearn_tree(tree.tree_, paths(tree.tree_)[:, None]) for tree in part.estimators_]
    depth = ensemble(graph, as_float32(graph, value), trees, 1)
    scale = len(trees) * float(unsuccessful(np.array([part.max_samples_]))[0])
    return graph.matrix(_decision(graph, depth, graph.constant(scale), graph.constant(float(part.offset_))), 1)


def cluster_outputs(model: ClusterAnomaly, graph: Graph) -> None:
    """The outputs ``cluster``, ``score`` and ``anomaly`` of ``model``."""
    value = graph.input
    missing = graph.add("IsNaN", value.name)
    complete = Value(graph.add("Where", missing, graph.constant(model.medians), value.name), value.origins)
    cluster = _nearest(model, graph, complete)
    numbers = sorted(model.members)
    members = [model.members[number] for number in numbers]
    score = _score(members, graph, complete, cluster)
    graph.output("cluster", graph.add("Gather", graph.constant(numbers, np.int64), cluster), None, TensorProto.INT64)
    graph.output("score", score, None)
    above = graph.add("Greater", score, graph.constant(0.0))
    graph.output("anomaly", graph.add("Cast", above, to=TensorProto.INT64), None, TensorProto.INT64)


def _nearest(model: ClusterAnomaly, graph: Graph, complete: Value) -> str:
    """The place of each row's cluster among the sorted numbers: (n,) integers."""
    scaled = graph.affine(complete, model.scaler.mean_, model.scaler.scale_)
    centres = model.kmeans.cluster_centers_
    product = graph.add("MatMul", scaled.name, graph.constant(centres.T))
    doubled = graph.add("Mul", product, graph.constant(2.0))
    distance = graph.add("Sub", graph.constant(np.square(centres).sum(axis=1)), doubled)
    centre = graph.add("ArgMin", distance, axis=1, keepdims=0)
    places = np.searchsorted(sorted(model.members), model.numbers)
    return graph.add("Gather", graph.constant(places, np.int64), centre)


def _score(members: list[Member], graph: Graph, complete: Value, cluster: str) -> str:
    """How far beyond its cluster's threshold each row lies: (n,).

    All clusters' trees stand in one ensemble. Each first asks whether the row is of its cluster, by a column that is 1
    in that cluster and 0 elsewhere, and adds nothing otherwise: a row walks the trees of its own cluster only.
    """

    def own(values: Any) -> str:
        return graph.add("Gather", graph.constant(values), cluster, axis=0)

    shift, scale = own([m.scaler.mean_ for m in members]), own([m.scaler.scale_ for m in members])
    scaled = graph.add("Div", graph.add("Sub", complete.name, shift), scale)
    rounded = as_float32(graph, graph.matrix(scaled, complete.width))
    seats = graph.matrix(own(np.eye(len(members))), len(members))
    trees = [
        _reserved(tree.tree_, complete.width + seat)
        for seat, member in enumerate(members)
        for tree in member.detector.estimators_
    ]
    for member in members:
        _note(member, graph)
    depth = graph.add("Squeeze", ensemble(graph, graph.join([rounded, seats]), trees, 1), graph.constant([1], np.int64))
    scales = [
        len(m.detector.estimators_) * float(unsuccessful(np.array([m.detector.max_samples_]))[0]) for m in members
    ]
    decision = _decision(graph, depth, own(scales), own([float(m.detector.offset_) for m in members]))
    return graph.add("Sub", own([m.threshold for m in members]), decision)


def _decision(graph: Graph, depth: str, scale: str, offset: str) -> str:
    exponent = graph.add("Neg", graph.add("Div", depth, scale))
    return graph.add("Sub", graph.add("Neg", graph.add("Pow", graph.constant(2.0), exponent)), offset)


def _reserved(tree: Any, seat: int) -> Tree:
    """``tree`` behind a root that lets only rows of its cluster in: the others end in a leaf of weight zero."""
    grown = sklearn_tree(tree, paths(tree)[:, None])
    size = len(grown.left)
    inner = grown.left != LEAF
    return Tree(
        feature=_append(np.array([seat]), grown.feature, [0]),
        threshold=_append(np.array([0.5]), grown.threshold, [0.0]),
        left=_append(np.array([size + 1]), np.where(inner, grown.left + 1, LEAF), [LEAF]),
        right=_append(np.array([1]), np.where(inner, grown.right + 1, LEAF), [LEAF]),
        missing_left=_append(np.array([False]), grown.missing_left, [False]),
        weights=_append(np.zeros((1, 1)), grown.weights, [[0.0]]),
    )


def _append(first: NDArray[Any], middle: NDArray[Any], last: Any) -> NDArray[Any]:
    return np.concatenate([first, middle, np.asarray(last, dtype=first.dtype)])


def _note(member: Member, graph: Graph) -> None:
    """The members scale by their own cluster, so their thresholds are told here in the input's units."""
    for tree in member.detector.estimators_:
        inner = tree.tree_.children_left != LEAF
        columns = tree.tree_.feature[inner]
        raw = tree.tree_.threshold[inner] * member.scaler.scale_[columns] + member.scaler.mean_[columns]
        graph.thresholds += zip(columns.tolist(), raw.tolist(), strict=True)
