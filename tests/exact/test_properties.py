"""Every listed estimator behind every preparation: the graph answers what the original answers, row after row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.linear_model import ElasticNet, HuberRegressor, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.exact.comparison import Divergence, divergence
from tests.exact.samples import SampleTable, asked, bare, dropped, ranged, sample, standard
from vaticina.tasks.table.pipelines import compared_pipelines, one_hot_pipeline

Prepare = Callable[[Any], Pipeline]

ROWS = 100_000
"""Asked of each model, in all its preparations together."""

FILLED: tuple[Prepare, ...] = (standard, dropped, ranged)
ANY: tuple[Prepare, ...] = (*FILLED, bare)

CLASSIFIERS: dict[str, tuple[Any, tuple[Prepare, ...]]] = {
    "logistic": (LogisticRegression(C=0.1, tol=1e-2, max_iter=1_000), FILLED),
    "balanced logistic": (LogisticRegression(C=0.1, tol=1e-2, max_iter=1_000, class_weight="balanced"), FILLED),
    "discriminant": (LinearDiscriminantAnalysis(), FILLED[2:]),
    "naive bayes": (GaussianNB(), FILLED[2:]),
    "forest": (RandomForestClassifier(10, random_state=0), ANY),
    "balanced forest": (RandomForestClassifier(10, class_weight="balanced", random_state=0), FILLED),
    "stumps": (RandomForestClassifier(10, max_depth=1, min_samples_leaf=600, random_state=0), FILLED),
    "extra trees": (ExtraTreesClassifier(8, random_state=0), ANY),
    "tree": (DecisionTreeClassifier(random_state=0), ANY),
    "boosting": (GradientBoostingClassifier(n_estimators=15, random_state=0), FILLED),
    "histogram": (HistGradientBoostingClassifier(max_iter=15, random_state=0), ANY),
    "lightgbm": (LGBMClassifier(n_estimators=15, verbose=-1, n_jobs=1, random_state=0), ANY),
    "perceptron": (MLPClassifier((16, 8), max_iter=15, random_state=0, tol=10.0), FILLED),
    "tanh": (MLPClassifier((8,), activation="tanh", max_iter=15, random_state=0, tol=10.0), FILLED),
    "voting": (
        VotingClassifier(
            [("a", LogisticRegression(C=0.1, tol=1e-2, max_iter=1_000)), ("b", DecisionTreeClassifier(max_depth=4))],
            voting="soft",
        ),
        FILLED,
    ),
}

REGRESSORS: dict[str, tuple[Any, tuple[Prepare, ...]]] = {
    "linear": (LinearRegression(), FILLED[2:]),
    "ridge": (Ridge(), FILLED),
    "lasso": (Lasso(0.01), FILLED),
    "elastic net": (ElasticNet(0.01), FILLED),
    "huber": (HuberRegressor(max_iter=1_000, tol=1e-3), FILLED[2:]),
    "svr": (SVR(C=0.1, epsilon=1.0), FILLED[2:]),
    "forest": (RandomForestRegressor(10, random_state=0), ANY),
    "extra trees": (ExtraTreesRegressor(8, random_state=0), ANY),
    "tree": (DecisionTreeRegressor(random_state=0), ANY),
    "boosting": (GradientBoostingRegressor(n_estimators=15, random_state=0), FILLED),
    "histogram": (HistGradientBoostingRegressor(max_iter=15, random_state=0), ANY),
    "poisson": (HistGradientBoostingRegressor(max_iter=15, loss="poisson", random_state=0), ANY),
    "lightgbm": (LGBMRegressor(n_estimators=15, verbose=-1, n_jobs=1, random_state=0), ANY),
    "perceptron": (MLPRegressor(hidden_layer_sizes=(16,), max_iter=60, random_state=0, tol=10.0), FILLED),
    "logarithm": (
        TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1, check_inverse=False),
        FILLED,
    ),
    "standard target": (TransformedTargetRegressor(Ridge(), transformer=StandardScaler()), FILLED),
}

UNWEIGHTED = ("discriminant", "perceptron", "tanh", "voting")
"""Fitted without sample weights: they take none, or not by this name."""


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_keeps_its_labels_and_probabilities(name: str, classes: int) -> None:
    estimator, preparations = CLASSIFIERS[name]
    rows = 0
    for prepare in preparations:
        measured = _measured(prepare(clone(estimator)), sample(classes), name, ROWS // len(preparations) + 1)
        assert (measured.flips, measured.difference < 1e-6) == (0, True)
        rows += measured.rows
    assert rows >= ROWS


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor_keeps_its_values(name: str) -> None:
    estimator, preparations = REGRESSORS[name]
    rows = 0
    for prepare in preparations:
        measured = _measured(prepare(clone(estimator)), sample(0), name, ROWS // len(preparations) + 1)
        assert measured.difference < 1e-6
        rows += measured.rows
    assert rows >= ROWS


@pytest.mark.parametrize("classes", [0, 2, 4])
@pytest.mark.parametrize(
    ("name", "settings"),
    [("linear", {"max_iter": 1_000}), ("forest", {"n_estimators": 10}), ("boosting", {"max_iter": 25})],
)
def test_a_default_keeps_its_answers(name: str, settings: dict[str, int], classes: int) -> None:
    data = sample(classes)
    pipeline = compared_pipelines(data.contract.columns, bool(classes))[name]
    pipeline[-1].set_params(**settings)
    measured = _measured(pipeline, data, "default", ROWS)
    assert (measured.flips, measured.difference < 1e-6) == (0, True)


def test_an_estimator_of_ones_own_stands_behind_the_usual_preparation() -> None:
    data = sample(4)
    pipeline = one_hot_pipeline(data.contract.columns, ExtraTreesClassifier(10, random_state=0))
    measured = _measured(pipeline, data, "", ROWS)
    assert (measured.flips, measured.difference < 1e-6) == (0, True)


@pytest.mark.parametrize("seed", range(3))
def test_trees_are_asked_on_both_sides_of_where_they_split(seed: int) -> None:
    data = sample(2, seed=seed)
    measured = _measured(standard(RandomForestClassifier(10, random_state=seed)), data, "", 1_000, seed)
    assert measured.near > 2_000
    assert (measured.flips, measured.difference < 1e-12) == (0, True)


def _measured(pipeline: Pipeline, data: SampleTable, name: str, rows: int, seed: int = 0) -> Divergence:
    weights = {}
    if name not in UNWEIGHTED:
        weights[f"{pipeline.steps[-1][0]}__sample_weight"] = data.weights
    pipeline.fit(data.rows, data.target, **weights)
    return divergence(pipeline, data.contract, data.rows, asked(rows, seed), seed)
