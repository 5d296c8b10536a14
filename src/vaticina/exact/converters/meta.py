"""Models made of models: averages of several, and classifiers with a decision threshold."""

from typing import Any

import numpy as np

from vaticina.exact.graph import Graph, NotCompilable, Value, convert, converts


@converts(
    "sklearn.model_selection._classification_threshold.FixedThresholdClassifier",
    "sklearn.model_selection._classification_threshold.TunedThresholdClassifierCV",
    takes_codes=True,
)
def thresholded(part: Any, graph: Graph, value: Value) -> Value:
    """The inner classifier's probabilities; the threshold that is served is the goal's."""
    return convert(part.estimator_, graph, value)


@converts(
    "sklearn.model_selection._search.GridSearchCV",
    "sklearn.model_selection._search.RandomizedSearchCV",
    "sklearn.model_selection._search_successive_halving.HalvingGridSearchCV",
    "sklearn.model_selection._search_successive_halving.HalvingRandomSearchCV",
    takes_codes=True,
)
def searched(part: Any, graph: Graph, value: Value) -> Value:
    """The model that the search found best."""
    return convert(part.best_estimator_, graph, value)


@converts("sklearn.frozen._frozen.FrozenEstimator", takes_codes=True)
def frozen(part: Any, graph: Graph, value: Value) -> Value:
    """The model that is not to be fitted again."""
    return convert(part.estimator, graph, value)


@converts("vaticina.pickles.stand_ins.SkippedSampler", takes_codes=True)
def skipped(_: Any, __: Graph, value: Value) -> Value:
    """The rows as they are."""
    return value


@converts(
    "sklearn.ensemble._voting.VotingClassifier",
    "sklearn.ensemble._voting.VotingRegressor",
    takes_codes=True,
)
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
