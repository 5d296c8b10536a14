"""A classifier with its one calibration map."""

from typing import Any

from vaticina.compilation.graph import Graph, Value, convert, converts
from vaticina.runtimes.calibrated import FLOOR


@converts("vaticina.runtimes.calibrated.CalibratedClassifier")
def calibrated(part: Any, graph: Graph, value: Value) -> Value:
    """The map over the logarithms of the pipeline's probabilities, none of which counts as less than ``FLOOR``."""
    found = convert(part.pipeline, graph, value)
    logarithms = graph.add("Log", graph.add("Max", found.name, graph.constant(FLOOR)))
    return convert(part.calibration, graph, graph.matrix(logarithms, found.width))
