"""Beside the usual pipeline: sets of categories, isolation, k-means, clusters, calibration, decision thresholds."""

import warnings
from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tests.exact.comparison import divergence
from tests.exact.samples import HIGH, asked, bare, draw, ranged, sample, sample_contract, standard
from vaticina.contract import Contract, Matrix
from vaticina.contract.fields import FLOAT_LIMIT
from vaticina.exact.compile import Goal, compile_table
from vaticina.exact.converters.isolation_forest import isolation_forest
from vaticina.exact.graph import Graph
from vaticina.exact.session import GraphSession
from vaticina.tasks import task_of
from vaticina.tasks.native_runtime import NativeRuntime
from vaticina.tasks.row_space import goal_of
from vaticina.tasks.table.calibration import fit_calibrated

ROWS = 100_000


def with_fewer(rows: Matrix) -> Matrix:
    """Without the last 50 of the 300 codes."""
    fewer = rows.copy()
    fewer[fewer[:, 6] >= 250, 6] = np.nan
    return fewer


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("early_stopping", [True, False])
def test_sets_of_categories(classes: int, early_stopping: bool) -> None:
    """Codes up to 250 of 300: scikit-learn takes no more; with early stopping some are known to the encoder only."""
    data = sample(classes)
    rows = with_fewer(data.rows)
    model = HistGradientBoostingClassifier(
        max_iter=15, categorical_features=[4, 5, 6], early_stopping=early_stopping, random_state=0
    ).fit(rows, data.target)
    measured = divergence(model, data.contract, rows, asked(ROWS, 1))
    assert (measured.flips, measured.difference < 1e-12) == (0, True)


def test_sets_of_categories_for_a_number() -> None:
    data = sample(0)
    rows = with_fewer(data.rows)
    model = HistGradientBoostingRegressor(max_iter=15, loss="gamma", categorical_features=[4, 6], random_state=0)
    measured = divergence(model.fit(rows, data.target), data.contract, rows, asked(ROWS, 1))
    assert measured.difference < 1e-9


@pytest.mark.parametrize("classes", [2, 4])
def test_sets_of_categories_of_lightgbm(classes: int) -> None:
    data = sample(classes)
    model = LGBMClassifier(n_estimators=15, verbose=-1, n_jobs=1, random_state=0)
    model.fit(data.rows, data.target, categorical_feature=[4, 5, 6])
    measured = divergence(model, data.contract, data.rows, asked(ROWS, 1))
    assert (measured.flips, measured.difference < 1e-12) == (0, True)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("estimator", [LogisticRegression(C=0.1, tol=1e-2), RandomForestClassifier(10, random_state=0)])
def test_calibrated(classes: int, estimator: Any) -> None:
    data = sample(classes)
    model = fit_calibrated(standard(estimator), data.rows, data.target)
    measured = divergence(model, data.contract, data.rows, asked(ROWS, 2))
    assert (measured.flips, measured.difference < 1e-6) == (0, True)


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("positive", ["no", "yes"])
def test_a_decision_threshold(threshold: float, positive: str) -> None:
    data = sample(2)
    contract = sample_contract(2, threshold=threshold).model_copy(update={"positive": positive})
    model = standard(RandomForestClassifier(20, min_samples_leaf=3, random_state=0)).fit(data.rows, data.target)
    rows = asked(20_000, 3)
    expected = NativeRuntime(model, contract, task_of(contract)).predict(rows).columns
    actual = GraphSession(compile_table(model, goal_of(contract)).graph).run(rows)
    beside = np.abs(expected["probabilities"][:, contract.positive_index] - threshold) <= 1e-6
    assert not ((expected["label"] != actual["label"]) & ~beside).any()
    assert (expected["label"] != expected["probabilities"].argmax(axis=1)).any() == (threshold != 0.5)


def test_a_fixed_threshold_leaves_the_probabilities_as_they_are() -> None:
    data = sample(2)
    model = standard(FixedThresholdClassifier(LogisticRegression(C=0.1, tol=1e-2), threshold=0.8))
    measured = divergence(model.fit(data.rows, data.target), data.contract, data.rows, asked(1_000, 3))
    assert (measured.flips, measured.difference < 1e-12) == (0, True)


def numbers(width: int, **model: Any) -> Contract:
    inputs = {f"x{number}": {"type": "number", "optional": True} for number in range(width)}
    return Contract.model_validate({"name": "numbers", "inputs": inputs, "model": model})


def test_an_isolation_forest_alone() -> None:
    """Its decision function to the last digits, and -1 and 1 where it answers by itself."""
    random = np.random.default_rng(0)
    real = random.normal(size=(2_000, 3))
    forest = IsolationForest(n_estimators=50, random_state=0).fit(real)
    rows = np.concatenate([random.normal(size=(ROWS, 3)) * 2.0, np.round(random.normal(size=(1_000, 3)), 1)])
    graph = Graph(3)
    graph.output("decision", isolation_forest(forest, graph, graph.input).name, 1)
    decision = GraphSession(graph.finished()).run(rows)["decision"][:, 0]
    expected = forest.decision_function(rows)
    assert np.abs(decision - expected).max() < 1e-12
    answers = GraphSession(compile_table(forest, Goal(3)).graph).run(rows)["value"]
    assert not ((answers != forest.predict(rows)) & (np.abs(expected) > 1e-6)).any()


@pytest.mark.parametrize("scaler", [StandardScaler(), "passthrough"])
def test_k_means_alone_answers_the_nearest_centre(scaler: Any) -> None:
    random = np.random.default_rng(0)
    real = np.round(random.normal(size=(2_000, 3)) * [1.0, 10.0, 100.0], 1)
    model = make_pipeline(scaler, KMeans(5, n_init=1, random_state=0)).fit(real)
    rows = np.round(random.normal(size=(ROWS, 3)) * [1.0, 10.0, 100.0], 2)
    actual = GraphSession(compile_table(model, Goal(3)).graph).run(rows)["value"]
    assert np.array_equal(actual, model.predict(rows))


def test_k_means_within_a_pipeline_gives_distances() -> None:
    data = sample(0)
    pipeline = make_pipeline(*[step for _, step in ranged(KMeans(6, n_init=1, random_state=0)).steps], Ridge())
    measured = divergence(
        pipeline.fit(data.rows, data.target), data.contract, data.rows, draw(20_000, np.random.default_rng(1))
    )
    assert measured.difference < 1e-6


@pytest.mark.parametrize(
    "estimator",
    [
        RandomForestClassifier(10, random_state=0),
        ExtraTreesClassifier(10, random_state=0),
        DecisionTreeClassifier(random_state=0),
        GradientBoostingClassifier(n_estimators=10, random_state=0),
        GradientBoostingClassifier(n_estimators=10, loss="exponential", random_state=0),
        GradientBoostingClassifier(n_estimators=10, init="zero", random_state=0),
        HistGradientBoostingClassifier(max_iter=10, random_state=0),
        LGBMClassifier(n_estimators=10, verbose=-1, n_jobs=1, random_state=0),
    ],
)
def test_numbers_as_large_and_as_small_as_there_are(estimator: Any) -> None:
    """Trained on them, and asked them: ends of floats, neighbours that only a double tells apart, denormals, zeros."""
    random = np.random.default_rng(0)
    pool = np.array([FLOAT_LIMIT, -FLOAT_LIMIT, 1e38, 1e300**0.1, 16_777_216.0, 16_777_217.0, 1.0, 1.0 + 1e-9])
    pool = np.concatenate([pool, [1e-45, 5e-324, -5e-324, 0.0, -0.0, 1e-38, -1e-38, 0.1, np.float32(0.1)]])
    real = random.choice(pool, (2_000, 2))
    target = (real[:, 0] > real[:, 1]).astype(int)
    contract = Contract.model_validate(
        {"name": "ends", "inputs": {"x": {"type": "number"}, "y": {"type": "number"}}, "classes": ["no", "yes"]}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # sums of such numbers overflow
        estimator.fit(real, target)
    measured = divergence(estimator, contract, real, random.choice(pool, (ROWS, 2)))
    assert (measured.flips, measured.difference < 1e-12) == (0, True)


@pytest.mark.parametrize("kind", ["number", "category", "flag", "integer", "instant"])
def test_one_input_alone(kind: str) -> None:
    field: dict[str, Any] = {"type": kind}
    if kind == "category":
        field["seen"] = ["a", "b", "c"]
    contract = Contract.model_validate({"name": "one", "inputs": {"only": field}, "classes": [False, True]})
    random = np.random.default_rng(0)
    real = random.integers(0, 3, (300, len(contract.columns))).astype(np.float64)
    target = (real[:, 0] > 0).astype(int) ^ (random.random(300) < 0.1)
    measured = divergence(RandomForestClassifier(5, random_state=0).fit(real, target), contract, real, real)
    assert (measured.flips, measured.difference < 1e-12) == (0, True)


@pytest.mark.parametrize("classes", [(False, True), (1, 2), ("no", "yes"), (0.5, 1.5)])
def test_classes_of_any_type_are_places_to_the_model(classes: tuple[Any, ...]) -> None:
    data = sample(2)
    contract = data.contract.model_copy(update={"classes": classes})
    model = bare(RandomForestClassifier(5, random_state=0)).fit(data.rows, data.target)
    measured = divergence(model, contract, data.rows, asked(1_000, 0))
    assert (measured.flips, measured.difference < 1e-12) == (0, True)


def test_trees_of_a_single_leaf() -> None:
    """The one answer whatever is asked, beside trees that do ask."""
    data = sample(0)
    alone = bare(RandomForestRegressor(3, min_samples_leaf=1_400, random_state=0)).fit(data.rows, data.target)
    assert all(tree.tree_.node_count == 1 for tree in alone[-1].estimators_)
    assert divergence(alone, data.contract, data.rows, asked(1_000, 0)).difference < 1e-12


def test_many_categories_have_their_column() -> None:
    data = sample(2)
    model = standard(LogisticRegression(C=0.1, tol=1e-2)).fit(data.rows, data.target)
    assert model[-1].coef_.shape[1] > HIGH
