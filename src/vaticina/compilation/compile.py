"""The whole model as one graph: what a bundle's ``model.onnx`` holds."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto

# the converters register themselves by being imported
from vaticina.compilation import calibrated, clusters, forests, histogram, lightgbm, linear, transforms
from vaticina.compilation.clusters import cluster_outputs
from vaticina.compilation.graph import Graph, Value, convert
from vaticina.contract import Contract

CONVERTER_FILES = (calibrated, clusters, forests, histogram, lightgbm, linear, transforms)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A graph's bytes, and the (input column, value) pairs at which its trees turn."""

    graph: bytes
    thresholds: list[tuple[int, float]]


def compile_model(model: Any, contract: Contract) -> Compiled:
    """``model`` as a graph from the encoded matrix to the columns of ``Outputs``. Raises NotCompilable."""
    graph = Graph(len(contract.columns))
    if contract.model.kind == "clusters":
        cluster_outputs(model, graph)
        return Compiled(graph.bytes(), graph.thresholds)
    result = convert(model, graph, graph.input)
    if contract.classes:
        graph.output("label", _label(graph, result, contract), None, TensorProto.INT64)
        graph.output("probabilities", result.name, len(contract.classes))
    else:
        flat = graph.add("Squeeze", result.name, graph.constant([1], np.int64))
        graph.output("value", flat, None)
    return Compiled(graph.bytes(), graph.thresholds)


def _label(graph: Graph, probabilities: Value, contract: Contract) -> str:
    """The likelier class, or the positive one from the decision threshold on: (n,) indices."""
    if contract.model.threshold is None or len(contract.classes) != 2:
        return graph.add("ArgMax", probabilities.name, axis=1, keepdims=0)
    positive = contract.positive_index
    column = graph.add("Gather", probabilities.name, graph.constant(positive, np.int64), axis=1)
    reached = graph.add("GreaterOrEqual", column, graph.constant(contract.model.threshold))
    return graph.add("Where", reached, graph.constant(positive, np.int64), graph.constant(1 - positive, np.int64))
