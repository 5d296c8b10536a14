"""Every listed estimator behind every preparation: the graph answers what the original answers, row after row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
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

from tests.exact.comparison import Found, compared
from tests.exact.samples import Sample, asked, bare, dropped, ranged, sample, standard
from vaticina.tasks.table.candidates import candidates, prepared

Prepare = Callable[[Any], Pipeline]

ROWS = 100_000
"""Asked of each model, in all its preparations together."""

FILLED: tuple[Prepare, ...] = (standard, dropped, ranged)
ANY: tuple[Prepare, ...] = (*FILLED, bare)

CLASSIFIERS: dict[str, tuple[Callable[[], Any], tuple[Prepare, ...]]] = {
    "logistic": (lambda: LogisticRegression(C=0.1, tol=1e-2, max_iter=1_000), FILLED),
    "balanced logistic": (lambda: LogisticRegression(C=0.1, tol=1e-2, max_iter=1_000, class_weight="balanced"), FILLED),
    "discriminant": (lambda: LinearDiscriminantAnalysis(), FILLED[2:]),
    "naive bayes": (lambda: GaussianNB(), FILLED[2:]),
    "forest": (lambda: RandomForestClassifier(10, random_state=0), ANY),
    "balanced forest": (lambda: RandomForestClassifier(10, class_weight="balanced", random_state=0), FILLED),
    "stumps": (lambda: RandomForestClassifier(10, max_depth=1, min_samples_leaf=600, random_state=0), FILLED),
    "extra trees": (lambda: ExtraTreesClassifier(8, random_state=0), ANY),
    "tree": (lambda: DecisionTreeClassifier(random_state=0), ANY),
    "boosting": (lambda: GradientBoostingClassifier(n_estimators=15, random_state=0), FILLED),
    "histogram": (lambda: HistGradientBoostingClassifier(max_iter=15, random_state=0), ANY),
    "lightgbm": (lambda: LGBMClassifier(n_estimators=15, verbose=-1, n_jobs=1, random_state=0), ANY),
    "perceptron": (lambda: MLPClassifier((16, 8), max_iter=15, random_state=0, tol=10.0), FILLED),
    "tanh": (lambda: MLPClassifier((8,), activation="tanh", max_iter=15, random_state=0, tol=10.0), FILLED),
    "voting": (
        lambda: VotingClassifier(
            [("a", LogisticRegression(C=0.1, tol=1e-2, max_iter=1_000)), ("b", DecisionTreeClassifier(max_depth=4))],
            voting="soft",
        ),
        FILLED,
    ),
}

REGRESSORS: dict[str, tuple[Callable[[], Any], tuple[Prepare, ...]]] = {
    "linear": (lambda: LinearRegression(), FILLED[2:]),
    "ridge": (lambda: Ridge(), FILLED),
    "lasso": (lambda: Lasso(0.01), FILLED),
    "elastic net": (lambda: ElasticNet(0.01), FILLED),
    "huber": (lambda: HuberRegressor(max_iter=1_000, tol=1e-3), FILLED[2:]),
    "svr": (lambda: SVR(C=0.1, epsilon=1.0), FILLED[2:]),
    "forest": (lambda: RandomForestRegressor(10, random_state=0), ANY),
    "extra trees": (lambda: ExtraTreesRegressor(8, random_state=0), ANY),
    "tree": (lambda: DecisionTreeRegressor(random_state=0), ANY),
    "boosting": (lambda: GradientBoostingRegressor(n_estimators=15, random_state=0), FILLED),
    "histogram": (lambda: HistGradientBoostingRegressor(max_iter=15, random_state=0), ANY),
    "poisson": (lambda: HistGradientBoostingRegressor(max_iter=15, loss="poisson", random_state=0), ANY),
    "lightgbm": (lambda: LGBMRegressor(n_estimators=15, verbose=-1, n_jobs=1, random_state=0), ANY),
    "perceptron": (lambda: MLPRegressor(hidden_layer_sizes=(16,), max_iter=60, random_state=0, tol=10.0), FILLED),
    "logarithm": (
        lambda: TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1, check_inverse=False),
        FILLED,
    ),
    "standard target": (lambda: TransformedTargetRegressor(Ridge(), transformer=StandardScaler()), FILLED),
}

UNWEIGHTED = ("discriminant", "perceptron", "tanh", "voting")
"""Fitted without sample weights: they take none, or not by this name."""


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_keeps_its_labels_and_probabilities(name: str, classes: int) -> None:
    make, preparations = CLASSIFIERS[name]
    data = sample(classes)
    found = [_asked(prepare(make()), data, name, ROWS // len(preparations) + 1) for prepare in preparations]
    assert sum(one.rows for one in found) >= ROWS
    assert sum(one.flips for one in found) == 0
    assert max(one.difference for one in found) < 1e-6


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor_keeps_its_values(name: str) -> None:
    make, preparations = REGRESSORS[name]
    found = [_asked(prepare(make()), sample(0), name, ROWS // len(preparations) + 1) for prepare in preparations]
    assert sum(one.rows for one in found) >= ROWS
    assert max(one.difference for one in found) < 1e-6


@pytest.mark.parametrize("classes", [0, 2, 4])
@pytest.mark.parametrize("name", ["linear", "forest", "boosting"])
def test_a_default_keeps_its_answers(name: str, classes: int) -> None:
    data = sample(classes)
    pipeline = candidates(data.contract.columns, bool(classes))[name]
    settings = {"n_estimators": 10} if name == "forest" else {"max_iter": 25 if name == "boosting" else 1_000}
    pipeline[-1].set_params(**settings)
    found = _asked(pipeline, data, "default", ROWS)
    assert (found.flips, found.difference < 1e-6) == (0, True)


def test_an_estimator_of_ones_own_stands_behind_the_usual_preparation() -> None:
    data = sample(4)
    found = _asked(prepared(data.contract.columns, ExtraTreesClassifier(10, random_state=0)), data, "", ROWS)
    assert (found.flips, found.difference < 1e-6) == (0, True)


@pytest.mark.parametrize("seed", range(3))
def test_trees_are_asked_on_both_sides_of_where_they_turn(seed: int) -> None:
    data = sample(2, seed=seed)
    found = _asked(standard(RandomForestClassifier(10, random_state=seed)), data, "", 1_000, seed)
    assert found.near > 2_000
    assert (found.flips, found.difference < 1e-12) == (0, True)


def _asked(pipeline: Pipeline, data: Sample, name: str, rows: int, seed: int = 0) -> Found:
    weighted = (
        {} if name in UNWEIGHTED or "voting" in name else {f"{pipeline.steps[-1][0]}__sample_weight": data.weights}
    )
    pipeline.fit(data.rows, data.target, **weighted)
    return compared(pipeline, data.contract, data.rows, asked(rows, seed), seed)
