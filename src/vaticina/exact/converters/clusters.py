"""k-means, isolation forests, and the whole of a clusters model in one graph."""

from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.ensemble import IsolationForest

from vaticina.exact.converters.forests import sklearn_tree
from vaticina.exact.forest_paths import paths, unsuccessful
from vaticina.exact.graph import Graph, NotCompilable, Value, converts
from vaticina.exact.tree import LEAF, NOTHING, Tree, fork
from vaticina.exact.tree_ensemble import as_float32, ensemble
from vaticina.tasks.clusters.model import ClusterAnomaly, Member


@converts("sklearn.ensemble._iforest.IsolationForest")
def isolation_forest(part: Any, graph: Graph, value: Value) -> Value:
    """``decision_function``: a forest whose leaves hold path lengths, then -2^(-mean / c) - offset."""
    if part._max_features != value.width:
        raise NotCompilable("an IsolationForest whose trees see some columns only has no compiled form")
    trees = [_grown(tree) for tree in part.estimators_]
    depth = ensemble(graph, as_float32(graph, value), trees, 1)
    scale = len(trees) * float(unsuccessful(np.array([part.max_samples_]))[0])
    return graph.matrix(_decision(graph, depth, graph.constant(scale), graph.constant(float(part.offset_))), 1)


@converts("sklearn.cluster._kmeans.KMeans", "sklearn.cluster._kmeans.MiniBatchKMeans")
def kmeans(part: Any, graph: Graph, value: Value) -> Value:
    """The distance to each centre."""
    size = len(part.cluster_centers_)
    rows = graph.add("Unsqueeze", value.name, graph.constant([1], np.int64))
    apart = graph.add("Sub", rows, graph.constant(part.cluster_centers_[None]))
    square = graph.add("ReduceSum", graph.add("Mul", apart, apart), graph.constant([2], np.int64), keepdims=0)
    return graph.matrix(graph.add("Sqrt", square), size)


def decided(model: Any, graph: Graph, value: Value) -> Value:
    """What ``predict`` makes of the last part's numbers: k-means the nearest centre, an isolation forest -1 or 1."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    if isinstance(last, KMeans | MiniBatchKMeans):
        nearest = graph.add("ArgMin", value.name, axis=1, keepdims=1)
        return graph.matrix(graph.add("Cast", nearest, to=TensorProto.DOUBLE), 1)
    if isinstance(last, IsolationForest):
        outside = graph.add("Less", value.name, graph.constant(0.0))
        return graph.matrix(graph.add("Where", outside, graph.constant(-1.0), graph.constant(1.0)), 1)
    return value


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

    The first trees of all clusters stand as branches of one tree that asks for the cluster, and so do the second ones:
    a row walks the trees of its own cluster only.
    """

    def own(values: Any) -> str:
        return graph.add("Gather", graph.constant(values), cluster, axis=0)

    shift = own([_spread(m, m.scaler.mean_, complete.width, 0.0) for m in members])
    scale = own([_spread(m, m.scaler.scale_, complete.width, 1.0) for m in members])
    scaled = graph.add("Div", graph.add("Sub", complete.name, shift), scale)
    seat = graph.add("Unsqueeze", graph.add("Cast", cluster, to=TensorProto.DOUBLE), graph.constant([1], np.int64))
    given = graph.join([as_float32(graph, Value(scaled, complete.origins)), graph.matrix(seat, 1)])
    groves = zip_longest(*([_grown(tree, m.columns) for tree in m.detector.estimators_] for m in members))
    trees = [fork(complete.width, [tree or NOTHING for tree in grove]) for grove in groves]
    depth = graph.add("Squeeze", ensemble(graph, given, trees, 1), graph.constant([1], np.int64))
    scales = [
        len(m.detector.estimators_) * float(unsuccessful(np.array([m.detector.max_samples_]))[0]) for m in members
    ]
    decision = _decision(graph, depth, own(scales), own([float(m.detector.offset_) for m in members]))
    return graph.add("Sub", own([m.threshold for m in members]), decision)


def _decision(graph: Graph, depth: str, scale: str, offset: str) -> str:
    exponent = graph.add("Neg", graph.add("Div", depth, scale))
    return graph.add("Sub", graph.add("Neg", graph.add("Pow", graph.constant(2.0), exponent)), offset)


def _spread(member: Member, own: NDArray[np.float64], width: int, other: float) -> NDArray[np.float64]:
    """A member's numbers, one for each column it takes, among ``width`` columns: ``other`` for the rest."""
    if member.columns is None:
        return own
    spread = np.full(width, other)
    spread[member.columns] = own
    return spread


def _grown(tree: Any, columns: NDArray[np.int64] | None = None) -> Tree:
    grown = sklearn_tree(tree.tree_, paths(tree.tree_)[:, None])
    if columns is None:
        return grown
    return replace(grown, feature=np.where(grown.left == LEAF, grown.feature, columns[np.maximum(grown.feature, 0)]))
