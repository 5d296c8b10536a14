"""The whole model as one graph: what a bundle's ``model.onnx`` holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto

from vaticina.contract import Contract

# the converters register themselves by being imported
from vaticina.exact.converters import (
    clusters,
    forests,
    histogram_boosting,
    lightgbm,
    linear,
    meta,
    naive_bayes,
    quantiles,
    support_vectors,
    transforms,
    xgboost,
)
from vaticina.exact.converters.clusters import cluster_outputs, decided
from vaticina.exact.graph import Graph, NotCompilable, Value, convert
from vaticina.exact.tree import Tree
from vaticina.formats.autogluon import graph as autogluon
from vaticina.formats.estimators import frame_graph

CONVERTER_FILES = (
    autogluon,
    clusters,
    forests,
    frame_graph,
    histogram_boosting,
    lightgbm,
    linear,
    meta,
    naive_bayes,
    quantiles,
    support_vectors,
    transforms,
    xgboost,
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A graph's bytes; what its forests are given and their trees, and the bytes of a graph that tells the former."""

    graph: bytes
    forests: Sequence[tuple[Value, Sequence[Tree]]]
    probe: bytes


def compile_model(model: Any, contract: Contract) -> Compiled:
    """``model`` as a graph from the encoded matrix to the columns of ``Outputs``. Raises NotCompilable."""
    graph = Graph(len(contract.columns))
    if contract.model.kind == "clusters":
        cluster_outputs(model, graph)
    else:
        _table_outputs(model, graph, contract)
    return Compiled(graph.finished(), graph.forests, graph.probe() if graph.forests else b"")


def _table_outputs(model: Any, graph: Graph, contract: Contract) -> None:
    result = decided(model, graph, convert(model, graph, graph.input))
    if result.width != max(1, len(contract.classes)):
        raise NotCompilable(
            f"the model gives {result.width} numbers a row where {max(1, len(contract.classes))} are due"
        )
    if contract.classes:
        graph.output("label", _label(graph, result, contract), None, TensorProto.INT64)
        graph.output("probabilities", result.name, len(contract.classes))
    else:
        flat = graph.add("Squeeze", result.name, graph.constant([1], np.int64))
        graph.output("value", flat, None)


def _label(graph: Graph, probabilities: Value, contract: Contract) -> str:
    """The likelier class, or the positive one from the decision threshold on: (n,) indices."""
    if contract.model.threshold is None or len(contract.classes) != 2:
        return graph.add("ArgMax", probabilities.name, axis=1, keepdims=0)
    positive = contract.positive_index
    column = graph.add("Gather", probabilities.name, graph.constant(positive, np.int64), axis=1)
    reached = graph.add("GreaterOrEqual", column, graph.constant(contract.model.threshold))
    return graph.add("Where", reached, graph.constant(positive, np.int64), graph.constant(1 - positive, np.int64))
