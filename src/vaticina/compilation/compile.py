"""The whole model as one graph: what a bundle's ``model.onnx`` holds."""

from dataclasses import dataclass
from typing import Any

from onnx import TensorProto

# the converters register themselves by being imported
from vaticina.compilation import calibrated, clusters, forests, histogram, linear, transforms
from vaticina.compilation.clusters import cluster_outputs
from vaticina.compilation.graph import Graph, convert
from vaticina.contract import Contract

CONVERTER_FILES = (calibrated, clusters, forests, histogram, linear, transforms)


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
        graph.output("label", graph.add("ArgMax", result.name, axis=1, keepdims=0), None, TensorProto.INT64)
        graph.output("probabilities", result.name, len(contract.classes))
    else:
        flat = graph.add("Squeeze", result.name, graph.constant([1], "int64"))
        graph.output("value", flat, None)
    return Compiled(graph.bytes(), graph.thresholds)
