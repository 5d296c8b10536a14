"""Gaussian naive Bayes."""

from typing import Any

import numpy as np

from vaticina.exact.graph import Graph, Value, converts


@converts("sklearn.naive_bayes.GaussianNB")
def naive_bayes(part: Any, graph: Graph, value: Value) -> Value:
    """Prior times a normal density for each column, as a softmax over their logarithms."""
    rows = graph.add("Unsqueeze", value.name, graph.constant([1], np.int64))
    differences = graph.add("Sub", rows, graph.constant(part.theta_[None]))
    terms = graph.add("Div", graph.add("Mul", differences, differences), graph.constant(part.var_[None]))
    distance = graph.add("ReduceSum", terms, graph.constant([2], np.int64), keepdims=0)
    constant = np.log(part.class_prior_) - 0.5 * np.log(2.0 * np.pi * part.var_).sum(axis=1)
    halved = graph.add("Mul", distance, graph.constant(0.5))
    margins = graph.add("Sub", graph.constant(constant[None]), halved)
    return graph.matrix(graph.add("Softmax", margins, axis=1), len(constant))
