"""Files of XGBoost answer what their owner gets from them: rounds, objectives, missing numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from scipy.special import expit, softmax

from tests.formats.booster_files import SIZE, TABLE, THREE, TWO, adopted, answers, new_rows, saved, trained
from vaticina.errors import ImportRefused


def early_stopped() -> dict[str, Any]:
    """The arguments of a fit that stops early."""
    return {"X": TABLE[:160], "y": TWO[:160], "eval_set": [(TABLE[160:], TWO[160:])]}


# XGBoost: how many rounds answer


@pytest.mark.parametrize("end", ["json", "ubj", "pkl"])
def test_an_estimator_s_file_answers_up_to_its_best_round(end: str, tmp_path: Path) -> None:
    model = xgboost.XGBClassifier(n_estimators=60, learning_rate=0.5, early_stopping_rounds=3, n_jobs=1)
    model.fit(**early_stopped(), verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    rows = new_rows()
    answer = answers(adopted(saved(model, tmp_path / f"model.{end}")), rows, "onnx")
    np.testing.assert_allclose(answer["probabilities"], model.predict_proba(rows), atol=1e-6)
    np.testing.assert_array_equal(answer["label"], model.predict(rows))


@pytest.mark.parametrize("end", ["json", "pkl"])
def test_a_booster_s_file_answers_with_all_rounds_and_says_so(end: str, tmp_path: Path) -> None:
    train, check = xgboost.DMatrix(TABLE[:160], TWO[:160]), xgboost.DMatrix(TABLE[160:], TWO[160:])
    settings = {"objective": "binary:logistic", "eta": 0.5, "nthread": 1}
    model = xgboost.train(settings, train, 60, evals=[(check, "check")], early_stopping_rounds=3, verbose_eval=False)
    imported = adopted(saved(model, tmp_path / f"model.{end}"))
    answer = answers(imported, new_rows(), "onnx")["probabilities"][:, 1]
    np.testing.assert_allclose(answer, model.predict(xgboost.DMatrix(new_rows())), atol=1e-6)
    [note] = imported.notes
    assert f"names round {model.best_iteration} as its best one" in note
    best = tmp_path / "best.json"
    model[: model.best_iteration + 1].save_model(best)
    assert adopted(best).notes == ()


# XGBoost: what its objectives answer


NUMBERS = ["count:poisson", "rank:ndcg", "reg:gamma", "reg:logistic", "reg:tweedie", "survival:aft", "survival:cox"]


@pytest.mark.parametrize("objective", NUMBERS)
def test_numbers_are_those_of_predict(objective: str, tmp_path: Path) -> None:
    model = trained(objective)
    answer = answers(adopted(saved(model, tmp_path / "model.json")), new_rows(), "onnx")["value"]
    np.testing.assert_allclose(answer, model.predict(xgboost.DMatrix(new_rows())), rtol=1e-6)


@pytest.mark.parametrize("base_score", [0.0, 1234.5])
def test_a_base_score_is_added(base_score: float, tmp_path: Path) -> None:
    model = trained("reg:squarederror", base_score=base_score)
    answer = answers(adopted(saved(model, tmp_path / "model.json")), new_rows(), "onnx")["value"]
    np.testing.assert_allclose(answer, model.predict(xgboost.DMatrix(new_rows())), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("booster", ["gbtree", "dart", "gblinear"])
@pytest.mark.parametrize("objective", ["binary:logistic", "binary:hinge", "multi:softprob"])
def test_probabilities_are_those_of_predict(objective: str, booster: str, tmp_path: Path) -> None:
    model = trained(objective, booster=booster)
    family = "native" if booster == "gblinear" else "onnx"
    answer = answers(adopted(saved(model, tmp_path / "model.json")), new_rows(), family)["probabilities"]
    expected = model.predict(xgboost.DMatrix(new_rows()))
    if objective.startswith("binary"):
        answer = answer[:, 1]
    np.testing.assert_allclose(answer, expected, atol=1e-6)


@pytest.mark.parametrize("booster", ["gbtree", "gblinear"])
def test_margins_become_probabilities_where_the_objective_says_how(booster: str, tmp_path: Path) -> None:
    model = trained("binary:logitraw", booster=booster)
    margins = model.predict(xgboost.DMatrix(new_rows())).astype(np.float64)
    family = "native" if booster == "gblinear" else "onnx"
    answer = answers(adopted(saved(model, tmp_path / "model.json")), new_rows(), family)
    np.testing.assert_allclose(answer["probabilities"][:, 1], expit(margins), atol=1e-6)
    np.testing.assert_array_equal(answer["label"], margins > 0)


@pytest.mark.parametrize("booster", ["gbtree", "gblinear"])
def test_numbers_of_classes_become_probabilities(booster: str, tmp_path: Path) -> None:
    model = trained("multi:softmax", booster=booster)
    data = xgboost.DMatrix(new_rows())
    family = "native" if booster == "gblinear" else "onnx"
    answer = answers(adopted(saved(model, tmp_path / "model.json")), new_rows(), family)
    expected = softmax(model.predict(data, output_margin=True).astype(np.float64), axis=1)
    np.testing.assert_allclose(answer["probabilities"], expected, atol=1e-6)
    np.testing.assert_array_equal(answer["label"], model.predict(data))


@pytest.mark.parametrize("end", ["json", "pkl"])
def test_forests_of_xgboost(end: str, tmp_path: Path) -> None:
    classifier = xgboost.XGBRFClassifier(n_estimators=5, n_jobs=1).fit(TABLE, TWO)
    answer = answers(adopted(saved(classifier, tmp_path / f"two.{end}")), new_rows(), "onnx")
    np.testing.assert_allclose(answer["probabilities"], classifier.predict_proba(new_rows()), atol=1e-6)
    regressor = xgboost.XGBRFRegressor(n_estimators=5, n_jobs=1).fit(TABLE, TABLE.age)
    answer = answers(adopted(saved(regressor, tmp_path / f"number.{end}")), new_rows(), "onnx")
    np.testing.assert_allclose(answer["value"], regressor.predict(new_rows()), atol=1e-6)


@pytest.mark.parametrize("objective", ["binary:logistic", "binary:logitraw"])
def test_a_regressor_of_probabilities_answers_numbers(objective: str, tmp_path: Path) -> None:
    model = xgboost.XGBRegressor(n_estimators=4, objective=objective, n_jobs=1).fit(TABLE, TWO)
    answer = answers(adopted(saved(model, tmp_path / "model.json")), new_rows(), "onnx")
    np.testing.assert_allclose(answer["value"], model.predict(new_rows()), atol=1e-6)


def test_a_ranker_s_file(tmp_path: Path) -> None:
    model = xgboost.XGBRanker(n_estimators=4, n_jobs=1).fit(TABLE, TWO, qid=np.arange(SIZE) // 10)
    answer = answers(adopted(saved(model, tmp_path / "model.json")), new_rows(), "onnx")["value"]
    np.testing.assert_allclose(answer, model.predict(new_rows()), atol=1e-6)


def test_several_numbers_a_row_are_refused(tmp_path: Path) -> None:
    model = xgboost.XGBRegressor(n_estimators=2, n_jobs=1).fit(TABLE, np.column_stack([TWO, THREE]))
    with pytest.raises(ImportRefused, match=r"model\.json answers 2 numbers a row"):
        adopted(saved(model, tmp_path / "model.json"))
    quantiles = trained("reg:quantileerror", quantile_alpha=[0.1, 0.5, 0.9])
    with pytest.raises(ImportRefused, match=r"model\.json answers 3 numbers a row"):
        adopted(saved(quantiles, tmp_path / "model.json"))


def test_a_classifier_without_probabilities_is_refused(tmp_path: Path) -> None:
    model = xgboost.XGBClassifier(n_estimators=2, objective="reg:squarederror", n_jobs=1).fit(TABLE, TWO)
    with pytest.raises(ImportRefused, match="'reg:squarederror', which gives no probabilities"):
        adopted(saved(model, tmp_path / "model.json"))


@pytest.mark.parametrize("missing", [-999.0, 0.0, -999.1])
def test_the_number_that_stands_for_a_missing_one(missing: float, tmp_path: Path) -> None:
    table = TABLE.copy()
    table.loc[::4, "balance"] = missing
    target = np.where(table.balance == missing, 1, TWO)
    model = xgboost.XGBClassifier(n_estimators=10, missing=missing, n_jobs=1).fit(table, target)
    rows = new_rows()
    rows.loc[:20, "balance"] = missing
    answer = answers(adopted(saved(model, tmp_path / "model.pkl")), rows, "onnx")
    np.testing.assert_allclose(answer["probabilities"], model.predict_proba(rows), atol=1e-6)
