"""A fitted model compiled to one graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from onnx import TensorProto
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest

import vaticina.exact.converters  # noqa: F401 -- its files register their converters when they are imported
from vaticina.exact.graph import Graph, NotCompilable, Value, convert
from vaticina.exact.tree import Tree


@dataclass(frozen=True, slots=True)
class Goal:
    """What a graph must take and answer.

    It takes a matrix of ``columns``. With ``classes`` = 0 it answers one number a row; else the probability of each
    class, and a label: the likeliest class, or, of two classes and with a ``threshold``, the class numbered
    ``positive`` from that probability on.

    Raises:
        ValueError: there is a ``threshold`` without two classes.
    """

    columns: int
    classes: int = 0
    positive: int = 0
    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.threshold is not None and self.classes != 2:
            raise ValueError(f"a decision threshold needs two classes, not {self.classes}")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A finished graph, its forests, and a graph to look into them.

    ``forests`` holds for each forest the matrix that it takes and its trees. ``probe`` is a graph that answers those
    matrices, for verification; it is empty where there are no forests.
    """

    graph: bytes
    forests: Sequence[tuple[Value, Sequence[Tree]]]
    probe: bytes


def compile_table(model: Any, goal: Goal) -> Compiled:
    """``model`` as a graph with the outputs ``label`` and ``probabilities``, or ``value``. Raises NotCompilable."""
    graph = Graph(goal.columns)
    answer = _predict(model, graph, convert(model, graph, graph.input))
    expected = max(1, goal.classes)
    if answer.width != expected:
        raise NotCompilable(f"the model gives {answer.width} numbers a row where {expected} are due")
    if goal.classes:
        graph.output("label", _label(graph, answer, goal), kind=TensorProto.INT64)
        graph.output("probabilities", answer.name, goal.classes)
    else:
        graph.output("value", graph.add("Squeeze", answer.name, graph.constant([1], np.int64)))
    return finish(graph)


def finish(graph: Graph) -> Compiled:
    """``graph``, whose outputs are all set, as bytes."""
    probe = graph.probe() if graph.forests else b""
    return Compiled(graph.finished(), graph.forests, probe)


def _predict(model: Any, graph: Graph, value: Value) -> Value:
    """What ``predict`` makes of the last part's numbers: k-means the nearest centre, an isolation forest -1 or 1."""
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    if isinstance(last, KMeans):
        nearest = graph.add("ArgMin", value.name, axis=1, keepdims=1)
        return graph.matrix(graph.add("Cast", nearest, to=TensorProto.DOUBLE), 1)
    if isinstance(last, IsolationForest):
        is_outside = graph.add("Less", value.name, graph.constant(0.0))
        return graph.matrix(graph.add("Where", is_outside, graph.constant(-1.0), graph.constant(1.0)), 1)
    return value


def _label(graph: Graph, probabilities: Value, goal: Goal) -> str:
    """The number of the answered class: (n,)."""
    if goal.threshold is None:
        return graph.add("ArgMax", probabilities.name, axis=1, keepdims=0)
    column = graph.add("Gather", probabilities.name, graph.constant(goal.positive, np.int64), axis=1)
    is_reached = graph.add("GreaterOrEqual", column, graph.constant(goal.threshold))
    positive = graph.constant(goal.positive, np.int64)
    negative = graph.constant(1 - goal.positive, np.int64)
    return graph.add("Where", is_reached, positive, negative)
