"""Linear models, perceptrons, and targets that were transformed."""

from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts

ACTIVATIONS = {"identity": None, "relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}


@converts(
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.linear_model._logistic.LogisticRegressionCV",
    "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
)
def logistic(part: Any, graph: Graph, value: Value) -> Value:
    """Sigmoid of one margin for two classes, softmax of one margin per class for more."""
    if len(part.classes_) > 2 and getattr(part, "solver", None) == "liblinear":
        raise NotCompilable("LogisticRegression with solver='liblinear' and several classes has no compiled form")
    if len(part.classes_) > 2 and getattr(part, "multi_class", None) == "ovr":
        raise NotCompilable("LogisticRegression with multi_class='ovr' and several classes has no compiled form")
    margins = _dense(graph, value, part.coef_.T, part.intercept_)
    return probabilities(graph, margins, len(part.classes_))


@converts(
    "sklearn.linear_model._base.LinearRegression",
    "sklearn.linear_model._ridge.Ridge",
    "sklearn.linear_model._ridge.RidgeCV",
    "sklearn.linear_model._coordinate_descent.Lasso",
    "sklearn.linear_model._coordinate_descent.LassoCV",
    "sklearn.linear_model._coordinate_descent.ElasticNet",
    "sklearn.linear_model._coordinate_descent.ElasticNetCV",
    "sklearn.linear_model._bayes.BayesianRidge",
    "sklearn.linear_model._huber.HuberRegressor",
    "sklearn.linear_model._stochastic_gradient.SGDRegressor",
)
def linear(part: Any, graph: Graph, value: Value) -> Value:
    """x . coefficients + intercept."""
    coefficients = np.atleast_2d(part.coef_)
    if len(coefficients) != 1:
        raise NotCompilable("a regression of several targets has no compiled form")
    return graph.matrix(_dense(graph, value, coefficients.T, np.reshape(part.intercept_, 1)), 1)


@converts("sklearn.linear_model._glm.glm.PoissonRegressor")
def log_linear(part: Any, graph: Graph, value: Value) -> Value:
    """exp(x . coefficients + intercept)."""
    return graph.matrix(graph.add("Exp", linear(part, graph, value).name), 1)


@converts("sklearn.neural_network._multilayer_perceptron.MLPClassifier")
def perceptron_classifier(part: Any, graph: Graph, value: Value) -> Value:
    """Hidden layers, then sigmoid or softmax."""
    if part.out_activation_ not in ("logistic", "softmax"):
        raise NotCompilable(f"MLPClassifier with output {part.out_activation_!r} has no compiled form")
    return probabilities(graph, _layers(part, graph, value), len(part.classes_))


@converts("sklearn.neural_network._multilayer_perceptron.MLPRegressor")
def perceptron_regressor(part: Any, graph: Graph, value: Value) -> Value:
    """Hidden layers, then the sum itself."""
    if part.n_outputs_ != 1 or part.out_activation_ != "identity":
        raise NotCompilable("only an MLPRegressor with one plain output has a compiled form")
    return graph.matrix(_layers(part, graph, value), 1)


@converts("sklearn.compose._target.TransformedTargetRegressor", takes_codes=True)
def transformed_target(part: Any, graph: Graph, value: Value) -> Value:
    """The regressor's value, transformed back to the target's own scale."""
    result = convert(part.regressor_, graph, value)
    transformer = part.transformer_
    if type(transformer) is StandardScaler:
        scale = transformer.scale_ if transformer.with_std else 1.0
        mean = transformer.mean_ if transformer.with_mean else 0.0
        stretched = graph.add("Mul", result.name, graph.constant(np.reshape(scale, 1)))
        return graph.matrix(graph.add("Add", stretched, graph.constant(np.reshape(mean, 1))), 1)
    inverse = getattr(transformer, "inverse_func", None)
    if inverse not in (np.exp, np.expm1):
        raise NotCompilable(f"a target transformed back by {inverse!r} has no compiled form")
    original = graph.add("Exp", result.name)
    if inverse is np.expm1:
        original = graph.add("Sub", original, graph.constant(1.0))
    return graph.matrix(original, 1)


def probabilities(graph: Graph, margins: str, classes: int) -> Value:
    """Probabilities (n, classes) from one margin of the second class, or from one margin per class."""
    if classes > 2:
        return graph.matrix(graph.add("Softmax", margins, axis=1), classes)
    return binary_probabilities(graph, graph.add("Sigmoid", margins))


def binary_probabilities(graph: Graph, second: str) -> Value:
    """Probabilities of two classes from that of the second, (n, 1)."""
    first = graph.add("Sub", graph.constant(1.0), second)
    return graph.matrix(graph.add("Concat", first, second, axis=1), 2)


def _layers(part: Any, graph: Graph, value: Value) -> str:
    activation = ACTIVATIONS[part.activation]
    layers = list(zip(part.coefs_, part.intercepts_, strict=True))
    for weights, bias in layers[:-1]:
        name = _dense(graph, value, weights, bias)
        if activation is not None:
            name = graph.add(activation, name)
        value = graph.matrix(name, weights.shape[1])
    return _dense(graph, value, *layers[-1])


def _dense(graph: Graph, value: Value, weights: Any, bias: Any) -> str:
    return graph.add("Add", graph.add("MatMul", value.name, graph.constant(weights)), graph.constant(bias))
