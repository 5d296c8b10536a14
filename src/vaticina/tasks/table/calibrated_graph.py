"""A calibrated classifier as nodes of a graph."""

from typing import Any

from vaticina.exact.graph import Graph, Value, convert, converts
from vaticina.tasks.table.calibrated_classifier import MIN_PROBABILITY


@converts("vaticina.tasks.table.calibrated_classifier.CalibratedClassifier")
def calibrated(part: Any, graph: Graph, value: Value) -> Value:
    """The map over the logarithms of the pipeline's probabilities, none of them less than ``MIN_PROBABILITY``."""
    uncalibrated = convert(part.pipeline, graph, value)
    logarithms = graph.add("Log", graph.add("Max", uncalibrated.name, graph.constant(MIN_PROBABILITY)))
    return convert(part.calibration, graph, graph.matrix(logarithms, uncalibrated.width))
