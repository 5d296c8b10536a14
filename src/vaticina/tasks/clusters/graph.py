"""A clusters model as one graph, and the rule for its ties."""

from itertools import zip_longest

import numpy as np
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto

from vaticina.exact.arrays import Columns, Matrix
from vaticina.exact.compile import Compiled, finish
from vaticina.exact.converters.isolation_forest import decision, isolation_tree
from vaticina.exact.forest_paths import path_scale
from vaticina.exact.graph import Graph, Value
from vaticina.exact.tree import EMPTY_TREE, Tree, fork
from vaticina.exact.tree_ensemble import as_float32, ensemble
from vaticina.exact.verify import MARGIN, Ties
from vaticina.tasks.clusters.model import ClusterAnomaly, Member, fill_missing


def compile_clusters(model: ClusterAnomaly, columns: int) -> Compiled:
    """``model`` as a graph from a matrix (n, columns) to ``cluster``, ``score`` and ``anomaly``."""
    graph = Graph(columns)
    missing = graph.add("IsNaN", graph.input.name)
    name = graph.add("Where", missing, graph.constant(model.medians), graph.input.name)
    complete = Value(name, graph.input.origins)
    cluster = _nearest(model, graph, complete)
    numbers = sorted(model.members)
    members = [model.members[number] for number in numbers]
    score = _score(members, graph, complete, cluster)
    graph.output("cluster", graph.add("Gather", graph.constant(numbers, np.int64), cluster), kind=TensorProto.INT64)
    graph.output("score", score)
    above = graph.add("Greater", score, graph.constant(0.0))
    graph.output("anomaly", graph.add("Cast", above, to=TensorProto.INT64), kind=TensorProto.INT64)
    return finish(graph)


def cluster_ties(model: ClusterAnomaly) -> Ties:
    """The rule for ties: a score near zero, or two centres equally near."""

    def at_zero_or_between(rows: Matrix, columns: Columns) -> NDArray[np.bool_]:
        near: NDArray[np.bool_] = np.abs(columns["score"]) <= MARGIN
        return near | _is_between_centres(model, rows)

    return at_zero_or_between


def _is_between_centres(model: ClusterAnomaly, rows: Matrix) -> NDArray[np.bool_]:
    """Whether two centres are equally near to a row, by the square of the distance: (n,)."""
    centres = model.kmeans.cluster_centers_
    if len(centres) == 1:
        return np.zeros(len(rows), dtype=bool)
    scaled = model.scaler.transform(fill_missing(rows, model.medians))
    distances = np.square(centres).sum(axis=1) - 2.0 * (scaled @ centres.T)
    best = np.sort(distances, axis=1)
    ties: NDArray[np.bool_] = best[:, 1] - best[:, 0] <= MARGIN * np.maximum(1.0, np.abs(best[:, 0]))
    return ties


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
    """How far beyond its cluster's threshold each row lies: (n,)."""
    scales, offsets, thresholds = [], [], []
    for member in members:
        scales.append(path_scale(member.detector))
        offsets.append(float(member.detector.offset_))
        thresholds.append(member.threshold)
    scale, offset = _of_cluster(graph, cluster, scales), _of_cluster(graph, cluster, offsets)
    decisions = decision(graph, _path(members, graph, complete, cluster), scale, offset)
    return graph.add("Sub", _of_cluster(graph, cluster, thresholds), decisions)


def _path(members: list[Member], graph: Graph, complete: Value, cluster: str) -> str:
    """The sum of the path lengths in the trees of each row's cluster: (n,).

    The first trees of all clusters are branches of one tree that first splits by the cluster, and so are the second
    ones: a row passes only the trees of its own cluster.
    """
    scaled = as_float32(graph, _scaled(members, graph, complete, cluster))
    column = graph.add("Unsqueeze", graph.add("Cast", cluster, to=TensorProto.DOUBLE), graph.constant([1], np.int64))
    each_cluster = zip_longest(*map(_trees, members), fillvalue=EMPTY_TREE)
    trees = [fork(complete.width, branches) for branches in each_cluster]
    path = ensemble(graph, graph.join([scaled, graph.matrix(column, 1)]), trees, 1)
    return graph.add("Squeeze", path, graph.constant([1], np.int64))


def _trees(member: Member) -> list[Tree]:
    return [isolation_tree(tree, member.columns) for tree in member.detector.estimators_]


def _scaled(members: list[Member], graph: Graph, complete: Value, cluster: str) -> Value:
    """Each row as the scaler of its cluster scales it: (n, columns)."""
    means, scales = [], []
    for member in members:
        means.append(_fill_columns(member, member.scaler.mean_, complete.width, 0.0))
        scales.append(_fill_columns(member, member.scaler.scale_, complete.width, 1.0))
    centred = graph.add("Sub", complete.name, _of_cluster(graph, cluster, means))
    return Value(graph.add("Div", centred, _of_cluster(graph, cluster, scales)), complete.origins)


def _of_cluster(graph: Graph, cluster: str, values: ArrayLike) -> str:
    """For each row the one of ``values`` that belongs to its cluster."""
    return graph.add("Gather", graph.constant(values), cluster, axis=0)


def _fill_columns(member: Member, numbers: Matrix, width: int, other: float) -> Matrix:
    """A member's numbers, one for each column it takes, and ``other`` for the rest of ``width`` columns."""
    if member.columns is None:
        return numbers
    filled = np.full(width, other)
    filled[member.columns] = numbers
    return filled
