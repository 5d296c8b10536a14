"""Models made of models: averages of several, and classifiers with a decision threshold."""

from typing import Any

import numpy as np

from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts


@converts(
    "sklearn.model_selection._classification_threshold.FixedThresholdClassifier",
    "sklearn.model_selection._classification_threshold.TunedThresholdClassifierCV",
)
def thresholded(part: Any, graph: Graph, value: Value) -> Value:
    """The inner classifier's probabilities; the threshold that is served is the goal's."""
    return convert(part.estimator_, graph, value)


@converts("sklearn.ensemble._voting.VotingClassifier", "sklearn.ensemble._voting.VotingRegressor")
def voting(part: Any, graph: Graph, value: Value) -> Value:
    """The members' mean, weighted if asked."""
    if getattr(part, "voting", "soft") != "soft":
        raise NotCompilable("VotingClassifier with voting='hard' knows no probabilities")
    weights = np.ones(len(part.estimators_))
    if part.weights is not None:
        weights = np.asarray(part._weights_not_none)
    width, terms = 0, []
    for member, share in zip(part.estimators_, (weights / weights.sum()).tolist(), strict=True):
        answer = convert(member, graph, value)
        terms.append(graph.add("Mul", answer.name, graph.constant(share)))
        width = answer.width
    return graph.matrix(graph.add("Sum", *terms), width)
