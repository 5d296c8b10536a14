"""Classifiers made of classifiers."""

from typing import Any

import numpy as np

from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts


@converts(
    "sklearn.model_selection._classification_threshold.FixedThresholdClassifier",
    "sklearn.model_selection._classification_threshold.TunedThresholdClassifierCV",
)
def thresholded(part: Any, graph: Graph, value: Value) -> Value:
    """Its probabilities are the classifier's own; what is answered from which one on is the contract's matter."""
    return convert(part.estimator_, graph, value)


@converts("sklearn.ensemble._voting.VotingClassifier", "sklearn.ensemble._voting.VotingRegressor")
def voting(part: Any, graph: Graph, value: Value) -> Value:
    """The members' mean, weighted if asked."""
    if getattr(part, "voting", "soft") != "soft":
        raise NotCompilable("VotingClassifier with voting='hard' knows no probabilities")
    weights = np.ones(len(part.estimators_)) if part.weights is None else np.asarray(part._weights_not_none)
    shares = [
        (convert(member, graph, value), float(weight / weights.sum()))
        for member, weight in zip(part.estimators_, weights, strict=True)
    ]
    weighted = [graph.add("Mul", found.name, graph.constant(share)) for found, share in shares]
    return graph.matrix(graph.add("Sum", *weighted), shares[0][0].width)
