"""Classifiers that weigh how likely a row is within each class."""

from typing import Any

import numpy as np

from vaticina.exact.graph import Graph, Value, converts


@converts("sklearn.naive_bayes.GaussianNB")
def naive_bayes(part: Any, graph: Graph, value: Value) -> Value:
    """Prior times a normal density for each column."""
    rows = graph.add("Unsqueeze", value.name, graph.constant([1], np.int64))
    apart = graph.add("Sub", rows, graph.constant(part.theta_[None]))
    terms = graph.add("Div", graph.add("Mul", apart, apart), graph.constant(part.var_[None]))
    norm = graph.add("ReduceSum", terms, graph.constant([2], np.int64), keepdims=0)
    constant = np.log(part.class_prior_) - 0.5 * np.log(2.0 * np.pi * part.var_).sum(axis=1)
    return _posterior(graph, norm, constant)


@converts("sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis")
def quadratic(part: Any, graph: Graph, value: Value) -> Value:
    """Prior times a normal density with a covariance for each class: Hastie et al., eq. 4.12."""
    norms = []
    for mean, rotation, scaling in zip(part.means_, part.rotations_, part.scalings_, strict=True):
        apart = graph.add("Sub", value.name, graph.constant(mean))
        turned = graph.add("MatMul", apart, graph.constant(rotation * scaling**-0.5))
        square = graph.add("Mul", turned, turned)
        norms.append(graph.add("ReduceSum", square, graph.constant([1], np.int64), keepdims=1))
    volumes = np.array([np.log(scaling).sum() for scaling in part.scalings_])
    return _posterior(graph, graph.add("Concat", *norms, axis=1), np.log(part.priors_) - 0.5 * volumes)


def _posterior(graph: Graph, norm: str, constant: Any) -> Value:
    """Softmax of the constants less half the squared distances (n, classes)."""
    halved = graph.add("Mul", norm, graph.constant(0.5))
    margins = graph.add("Sub", graph.constant(constant[None]), halved)
    return graph.matrix(graph.add("Softmax", margins, axis=1), len(constant))
