"""Regression by support vectors."""

from typing import Any

import numpy as np

from vaticina.exact.graph import Graph, NotCompilable, Value, converts


@converts("sklearn.svm._classes.SVR")
def support_vectors(part: Any, graph: Graph, value: Value) -> Value:
    """The intercept plus a kernel around each support vector."""
    if part.kernel not in ("linear", "rbf"):
        raise NotCompilable(f"SVR with kernel {part.kernel!r} has no compiled form")
    vectors = np.asarray(part.support_vectors_, dtype=np.float64)
    kernel = graph.add("MatMul", value.name, graph.constant(vectors.T))
    if part.kernel == "rbf":
        kernel = _radial(graph, value, kernel, vectors, float(part._gamma))
    weighted = graph.add("MatMul", kernel, graph.constant(part.dual_coef_.T))
    return graph.matrix(graph.add("Add", weighted, graph.constant(part.intercept_)), 1)


def _radial(graph: Graph, value: Value, product: str, vectors: Any, gamma: float) -> str:
    """exp(-gamma |x - v|²), where |x - v|² = |x|² - 2 x.v + |v|² and ``product`` is x.v."""
    square = graph.add("Mul", value.name, value.name)
    norm = graph.add("ReduceSum", square, graph.constant([1], np.int64), keepdims=1)
    doubled = graph.add("Mul", product, graph.constant(2.0))
    distance = graph.add("Add", graph.add("Sub", norm, doubled), graph.constant(np.square(vectors).sum(axis=1)))
    return graph.add("Exp", graph.add("Mul", distance, graph.constant(-gamma)))
