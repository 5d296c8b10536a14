import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from vaticina.evaluation.metrics import (
    accuracy,
    ece,
    f1_macro,
    log_loss,
    mae,
    measure_classes,
    measure_numbers,
    r2,
    rmse,
    roc_auc,
)


def drawn(seed: int, rows: int, classes: int, digits: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Class indices, all classes among them, and probabilities with ties."""
    random = np.random.default_rng(seed)
    target = np.concatenate([np.arange(classes), random.integers(0, classes, rows)])
    scores = np.round(random.random((len(target), classes)) + np.eye(classes)[target] * 0.3, digits) + 1e-3
    return target, scores / scores.sum(axis=1, keepdims=True)


@given(st.integers(0, 1000), st.integers(5, 100), st.integers(2, 5))
def test_scores_of_classes_are_those_of_scikit_learn(seed: int, rows: int, classes: int) -> None:
    target, probabilities = drawn(seed, rows, classes)
    label = probabilities.argmax(axis=1)
    scores = probabilities[:, 1] if classes == 2 else probabilities
    assert roc_auc(target, probabilities) == pytest.approx(reference.roc_auc_score(target, scores, multi_class="ovr"))
    assert f1_macro(target, probabilities) == pytest.approx(reference.f1_score(target, label, average="macro"))
    assert log_loss(target, probabilities) == pytest.approx(reference.log_loss(target, probabilities))
    assert accuracy(target, probabilities) == reference.accuracy_score(target, label)


@given(st.integers(0, 1000), st.integers(2, 100))
def test_scores_of_numbers_are_those_of_scikit_learn(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    target = random.normal(size=rows)
    predicted = target + random.normal(size=rows)
    assert r2(target, predicted) == pytest.approx(reference.r2_score(target, predicted))
    assert mae(target, predicted) == pytest.approx(reference.mean_absolute_error(target, predicted))
    assert rmse(target, predicted) == pytest.approx(reference.root_mean_squared_error(target, predicted))


def test_ece_is_low_for_honest_probabilities_and_the_excess_of_boasted_ones() -> None:
    random = np.random.default_rng(0)
    honest = random.random(50_000)
    target = (random.random(50_000) < honest).astype(np.intp)
    assert ece(target, np.column_stack([1 - honest, honest])) < 0.01
    boasted = np.tile([0.05, 0.95], (1000, 1))
    right = (np.arange(1000) % 10 < 7).astype(np.intp)
    assert ece(right, boasted) == pytest.approx(0.25)


def test_an_interval_holds_its_value_and_narrows_with_rows() -> None:
    wide, narrow = (measure_classes(*drawn(0, rows, 3), ("a", "b", "c")) for rows in (100, 3000))
    for metrics in (wide, narrow):
        assert all(one.low <= one.value <= one.high for name, one in metrics.values.items() if name != "ece")
    for name in ("roc_auc", "f1_macro", "accuracy", "log_loss"):
        assert narrow.values[name].high - narrow.values[name].low < wide.values[name].high - wide.values[name].low


def test_each_class_has_its_precision_recall_and_f1() -> None:
    target = np.array([0, 0, 0, 1])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]])
    per_class = measure_classes(target, probabilities, ("no", "yes")).per_class
    assert per_class["no"] == pytest.approx({"precision": 1, "recall": 2 / 3, "f1": 0.8, "rows": 3})
    assert per_class["yes"] == pytest.approx({"precision": 0.5, "recall": 1, "f1": 2 / 3, "rows": 1})


def test_what_cannot_be_told_is_left_out() -> None:
    one_class = measure_classes(np.zeros(10, dtype=np.intp), np.tile([0.6, 0.4], (10, 1)), ("no", "yes"))
    assert "roc_auc" not in one_class.values
    assert one_class.values["accuracy"].value == 1
    assert "r2" not in measure_numbers(np.ones(10), np.ones(10)).values


def test_a_manifest_holds_plain_values() -> None:
    plain = measure_numbers(np.arange(10.0), np.arange(10.0) + 0.5).as_dict()
    assert set(plain) == {"r2", "mae", "rmse"}
    assert plain["mae"] == {"value": 0.5, "low": 0.5, "high": 0.5}
