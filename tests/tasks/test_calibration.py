import pickle
from time import perf_counter

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from vaticina.contract.contract import Model
from vaticina.errors import TrainingError
from vaticina.evaluation.metrics import ece
from vaticina.exact.arrays import Integers, Matrix
from vaticina.tasks.table.calibrated_classifier import CalibratedClassifier, uncalibrated_probabilities
from vaticina.tasks.table.calibration import fit_calibrated
from vaticina.tasks.table.estimator import make_estimator


def forest(trees: int = 100, leaf: int = 1) -> Pipeline:
    model = RandomForestClassifier(trees, min_samples_leaf=leaf, random_state=0)
    return Pipeline([("scale", StandardScaler()), ("model", model)])


def noisy_classes(rows: int, seed: int) -> tuple[Matrix, Integers]:
    """Three classes along one of two columns, which is seen through a haze."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(rows, 2))
    return matrix, np.digitize(matrix[:, 0] + random.normal(0, 0.7, rows), [-0.5, 0.5])


def test_calibration_mends_an_overconfident_forest() -> None:
    matrix, labels = noisy_classes(1500, seed=0)
    unseen, truth = noisy_classes(3000, seed=1)
    calibrated = fit_calibrated(forest(), matrix, labels)
    before, after = uncalibrated_probabilities(calibrated.pipeline, unseen), calibrated.predict_proba(unseen)
    assert ece(truth, before) > 0.08
    assert ece(truth, after) < 0.04


def test_probabilities_sum_to_one_for_every_class() -> None:
    matrix, labels = noisy_classes(300, seed=0)
    calibrated = fit_calibrated(forest(trees=10), matrix, labels)
    probabilities = calibrated.predict_proba(matrix)
    assert probabilities.shape == (300, 3)
    assert probabilities.dtype == np.float64
    assert np.allclose(probabilities.sum(axis=1), 1.0)
    assert calibrated.classes_.tolist() == [0, 1, 2]


def test_two_classes_are_calibrated_too() -> None:
    matrix, labels = noisy_classes(1500, seed=0)
    unseen, truth = noisy_classes(3000, seed=1)
    calibrated = fit_calibrated(forest(), matrix, (labels == 2).astype(np.int64))
    probabilities = calibrated.predict_proba(unseen)
    assert probabilities.shape == (3000, 2)
    assert ece((truth == 2).astype(np.intp), probabilities) < 0.04


def test_any_pipeline_can_be_calibrated() -> None:
    matrix, labels = noisy_classes(300, seed=0)
    linear = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())])
    assert fit_calibrated(linear, matrix, labels).predict_proba(matrix).shape == (300, 3)


def test_a_forest_is_asked_with_the_same_bits_as_scikit_learn_asks_it() -> None:
    matrix, labels = noisy_classes(500, seed=0)
    pipeline = forest(leaf=3).fit(matrix, labels)
    unseen, _ = noisy_classes(1000, seed=1)
    assert np.array_equal(uncalibrated_probabilities(pipeline, unseen), pipeline.predict_proba(unseen))


def test_a_batch_of_64_rows_takes_half_the_time_of_scikit_learn_or_less() -> None:
    matrix, labels = noisy_classes(2000, seed=0)
    pipeline = forest(leaf=20).fit(matrix, labels)

    def best(ask: object) -> float:
        assert callable(ask)
        times = []
        for _ in range(10):
            started = perf_counter()
            ask(matrix[:64])
            times.append(perf_counter() - started)
        return min(times)

    assert best(lambda rows: uncalibrated_probabilities(pipeline, rows)) < best(pipeline.predict_proba) / 2


def test_the_same_rows_give_the_same_model() -> None:
    matrix, labels = noisy_classes(300, seed=0)
    one, other = (fit_calibrated(forest(trees=10), matrix, labels, random_state=7) for _ in range(2))
    assert np.array_equal(one.predict_proba(matrix), other.predict_proba(matrix))


def test_the_pipeline_given_is_left_unfitted() -> None:
    matrix, labels = noisy_classes(300, seed=0)
    pipeline = forest(trees=10)
    fit_calibrated(pipeline, matrix, labels)
    assert not hasattr(pipeline[-1], "estimators_")


def test_a_class_of_two_rows_is_enough() -> None:
    matrix, labels = noisy_classes(300, seed=0)
    labels = np.where(np.arange(300) < 2, 3, labels)
    assert fit_calibrated(forest(trees=10), matrix, labels).predict_proba(matrix).shape == (300, 4)


@pytest.mark.parametrize(("label", "says"), [(0, "one class"), (1, "single training row")])
def test_what_cannot_be_calibrated_is_refused(label: int, says: str) -> None:
    matrix, _ = noisy_classes(100, seed=0)
    labels = np.where(np.arange(100) == 0, label, 0)
    with pytest.raises(TrainingError, match=says):
        fit_calibrated(forest(trees=10), matrix, labels)


def test_it_survives_a_plain_pickle() -> None:
    matrix, labels = noisy_classes(300, seed=0)
    calibrated = fit_calibrated(forest(trees=10), matrix, labels)
    again = pickle.loads(pickle.dumps(calibrated))
    assert isinstance(again, CalibratedClassifier)
    assert np.array_equal(again.predict_proba(matrix), calibrated.predict_proba(matrix))


@pytest.mark.parametrize("classes", [2, 3])
def test_decisions_without_probabilities_are_calibrated(classes: int) -> None:
    matrix, labels = noisy_classes(900, seed=0)
    unseen, truth = noisy_classes(2000, seed=1)
    machine = Pipeline(
        [
            ("scale", StandardScaler()),
            ("model", make_estimator(Model(estimator="sklearn.svm.SVC", calibrated=True), {}, 0, True)),
        ]
    )
    probabilities = fit_calibrated(machine, matrix, np.minimum(labels, classes - 1)).predict_proba(unseen)
    assert probabilities.shape == (2000, classes)
    assert np.allclose(probabilities.sum(axis=1), 1.0)
    assert ece(np.minimum(truth, classes - 1), probabilities) < 0.05
