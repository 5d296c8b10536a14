from collections.abc import Callable, Iterator
from itertools import chain

import numpy as np
import pytest

from tests.real_tables import TABLES, csv_file
from tests.tasks.samples import numbers
from vaticina.contract import Column
from vaticina.datasets.contract_inference import infer_contract
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.splits import Split, folds
from vaticina.errors import TrainingError
from vaticina.evaluation.metrics import r2, roc_auc
from vaticina.tasks.table.pipelines import compared_pipelines
from vaticina.tasks.table.selection import Trial, class_probabilities, fit_pipeline, select_model, winner


def drawn(rule: Callable[[np.ndarray, np.ndarray], np.ndarray], rows: int = 300, classes: bool = True) -> Dataset:
    """Two random numbers, and a target that follows ``rule``."""
    a, b = np.random.default_rng(0).normal(size=(2, rows))
    found = rule(a, b)
    return numbers({"a": a, "b": b}, found.astype(np.int64) if classes else found, ("no", "yes") if classes else ())


def table(name: str) -> Dataset:
    file, target = TABLES[name]
    return infer_contract(csv_file(file), name, target).dataset


def score(data: Dataset, part: Split) -> float:
    """The whole procedure's ROC-AUC or R² on rows it never saw: the model is chosen on the training rows alone."""
    model = select_model(data.take(part.train)).model
    unseen = data.take(part.held_out)
    assert unseen.target is not None
    if data.contract.classes:
        return roc_auc(unseen.target, class_probabilities(model, unseen.matrix, len(data.contract.classes)))
    return r2(unseen.target, model.predict(unseen.matrix))


def five_folds(data: Dataset, repeats: int = 1) -> Iterator[Split]:
    return chain.from_iterable(folds(data.groups, data.strata, 5, seed) for seed in range(1, repeats + 1))


def test_many_weak_factors_in_a_line_are_learnt_by_the_linear_model() -> None:
    factors = np.random.default_rng(1).normal(size=(15, 300))
    value = factors.sum(axis=0) + np.random.default_rng(2).normal(0, 3, 300)
    columns = {f"factor {at}": factor for at, factor in enumerate(factors)}
    assert select_model(numbers(columns, (value > 0).astype(np.int64), ("no", "yes"))).winner == "linear"
    assert select_model(numbers(columns, value)).winner == "linear"


@pytest.mark.parametrize("classes", [True, False])
def test_an_interaction_is_learnt_by_trees(classes: bool) -> None:
    selection = select_model(drawn(lambda a, b: a * b > 0 if classes else a * b, 600, classes))
    assert selection.winner in {"forest", "boosting"}
    losses = {trial.name: trial.loss for trial in selection.trials}
    assert losses["linear"] == max(losses.values())
    assert selection.metric == ("log_loss" if classes else "rmse")


def test_the_winner_is_fitted_on_all_rows_and_choosing_again_changes_nothing() -> None:
    data = drawn(lambda a, b: a * b > 0)
    first, second = select_model(data), select_model(data)
    np.testing.assert_array_equal(
        class_probabilities(first.model, data.matrix, 2), class_probabilities(second.model, data.matrix, 2)
    )
    assert first.model["prepare"].n_features_in_ == 2
    assert roc_auc(data.strata, class_probabilities(first.model, data.matrix, 2)) > 0.99


def test_progress_counts_to_the_end() -> None:
    steps: list[tuple[str, int, int]] = []
    select_model(drawn(lambda a, b: a > b), lambda *step: steps.append(step))
    assert [done for _, done, _ in steps] == list(range(1, 17))
    assert {total for _, _, total in steps} == {16}
    assert steps[-1][0].startswith("fit ")


HARD_AND_EASY = (0.4, 0.45, 0.5, 0.55, 0.6)


@pytest.mark.parametrize(
    ("behind", "name"),
    [
        ((-0.01, -0.01, -0.01, -0.01, -0.01), "forest"),
        ((0.03, -0.02, 0.01, -0.02, 0.01), "forest"),
        ((0.01, 0.01, 0.01, 0.02, 0.02), "boosting"),
    ],
)
def test_a_tie_goes_to_the_forest_and_a_lead_in_every_fold_does_not(behind: tuple[float, ...], name: str) -> None:
    forest = tuple(np.add(HARD_AND_EASY, behind))
    linear = tuple(np.add(HARD_AND_EASY, 0.001))
    trials = [Trial("linear", linear, 0), Trial("forest", forest, 0), Trial("boosting", HARD_AND_EASY, 0)]
    assert winner(trials) == name


@pytest.mark.slow
def test_large_tables_are_compared_on_a_sample() -> None:
    selection = select_model(drawn(lambda a, b: a > b, 12_000))
    assert selection.compared_rows == pytest.approx(10_000, abs=2)


def test_what_cannot_be_chosen_for_is_refused() -> None:
    data = drawn(lambda a, b: a > b)
    with pytest.raises(TrainingError, match="3 rows are too few"):
        select_model(data.take(np.arange(3)))
    with pytest.raises(TrainingError, match="No training row is of class 'yes'"):
        select_model(data.take(np.flatnonzero(data.strata == 0)))
    with pytest.raises(TrainingError, match="no target"):
        select_model(Dataset(data.contract, data.rows, data.matrix, None, data.groups))


def test_classes_of_two_rows_are_borne() -> None:
    a = np.random.default_rng(0).normal(size=60)
    target = np.concatenate([np.zeros(29), np.ones(29), [2, 2]]).astype(np.int64)
    data = numbers({"a": a}, target, ("x", "y", "z"))
    train = data.take(data.split(0.2).train)
    assert select_model(train).model.predict_proba(data.matrix).shape == (60, 3)


@pytest.mark.parametrize("name", ["linear", "forest", "boosting"])
def test_a_column_without_any_value_is_borne_and_changes_nothing(name: str) -> None:
    data = drawn(lambda a, b: a * b > 0)
    matrix = np.column_stack([data.matrix, np.full(data.size, np.nan)])
    columns = (*data.contract.columns, Column("c", "c", "number"))
    model = fit_pipeline(compared_pipelines(columns, True)[name], matrix, data.target)
    expected = class_probabilities(model, matrix, 2)
    matrix[:, 2] = 7
    np.testing.assert_allclose(class_probabilities(model, matrix, 2), expected)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "repeats", "least"), [("german_credit", 3, 0.775), ("bank_marketing", 1, 0.928)])
def test_defaults_reach_the_roc_auc_of_small_and_skewed_tables(name: str, repeats: int, least: float) -> None:
    data = table(name)
    assert np.mean([score(data, part) for part in five_folds(data, repeats)]) >= least


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("adult", 0.925), ("diamonds", 0.978)])
def test_defaults_reach_the_score_of_large_tables(name: str, least: float) -> None:
    data = table(name)
    assert np.mean([score(data, part) for part in five_folds(data)]) >= least


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "least"),
    [("online_shoppers", 0.90), ("heart_disease", 0.70), ("ktas_triage", 0.90), ("hydraulic", 0.97)],
)
def test_other_tables_train_end_to_end(name: str, least: float) -> None:
    data = table(name)
    assert score(data, data.split(0.2)) >= least
