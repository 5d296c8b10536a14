"""Models of LightGBM, and categories of pandas in them and in XGBoost's, answer what their owner gets."""

import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from numpy.typing import NDArray

from tests.formats.booster_files import (
    RANDOM,
    SIZE,
    TABLE,
    THREE,
    TWO,
    adopted,
    answers,
    new_rows,
    saved,
    trained,
)
from vaticina.contract import Project
from vaticina.contract.fields import Category, Flag, Number
from vaticina.errors import ImportRefused

# LightGBM: how many rounds answer, and what its objectives answer


@pytest.mark.parametrize("end", ["txt", "pkl"])
def test_lightgbm_answers_up_to_its_best_round(end: str, tmp_path: Path) -> None:
    train = lightgbm.Dataset(TABLE[:160], TWO[:160])
    check = lightgbm.Dataset(TABLE[160:], TWO[160:], reference=train)
    settings = {"objective": "binary", "learning_rate": 0.3, "verbosity": -1, "num_threads": 1}
    stop = lightgbm.early_stopping(3, verbose=False)
    model = lightgbm.train(settings, train, 60, [check], callbacks=[stop])
    assert 0 < model.best_iteration < 60
    answer = answers(adopted(saved(model, tmp_path / f"model.{end}")), new_rows(), "onnx")["probabilities"][:, 1]
    np.testing.assert_allclose(answer, model.predict(new_rows()), atol=1e-12)


@pytest.mark.parametrize("classes", [2, 3])
def test_lightgbm_of_several_classes(classes: int, tmp_path: Path) -> None:
    settings = {"objective": "multiclass", "num_class": classes, "verbosity": -1, "num_threads": 1}
    model = lightgbm.train(settings, lightgbm.Dataset(TABLE, np.minimum(THREE, classes - 1)), 5)
    answer = answers(adopted(saved(model, tmp_path / "model.txt")), new_rows(), "onnx")["probabilities"]
    np.testing.assert_allclose(answer, model.predict(new_rows()), atol=1e-12)


def test_dumps_for_people_are_refused_with_what_to_do(tmp_path: Path) -> None:
    trees = trained("binary:logistic").get_dump(dump_format="json")
    (tmp_path / "xgboost.json").write_text(f"[{','.join(trees)}]")
    with pytest.raises(ImportRefused, match=r"dump of trees.*save_model"):
        adopted(tmp_path / "xgboost.json")
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    dump = lightgbm.train(settings, lightgbm.Dataset(TABLE, TWO), 2).dump_model()
    (tmp_path / "lightgbm.json").write_text(json.dumps(dump))
    with pytest.raises(ImportRefused, match="dump of LightGBM: save the model as text"):
        adopted(tmp_path / "lightgbm.json")


def squared_error(predicted: NDArray[Any], data: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    """The gradients and hessians of an objective of one's own."""
    return predicted - data.get_label(), np.ones(len(predicted))


def test_an_objective_of_one_s_own_answers_the_sums_of_the_trees(tmp_path: Path) -> None:
    settings = {"objective": squared_error, "verbosity": -1, "num_threads": 1}
    model = lightgbm.train(settings, lightgbm.Dataset(TABLE, TWO), 5)
    answer = answers(adopted(saved(model, tmp_path / "model.txt")), new_rows(), "onnx")["value"]
    np.testing.assert_allclose(answer, model.predict(new_rows()), atol=1e-12)


# categories of pandas


WITH_CATEGORIES = TABLE.assign(
    city=pd.Categorical(RANDOM.choice(["Piura", "Ica", "Lima"], SIZE), categories=["Piura", "Ica", "Lima"]),
    rooms=pd.Categorical(RANDOM.choice([3, 7, 11], SIZE)),
    owner=pd.Categorical(RANDOM.random(SIZE) > 0.5, categories=[True, False]),
)
WITH_CATEGORIES.loc[::17, "city"] = None
OF_CATEGORIES = ((TABLE.age > 0) ^ (WITH_CATEGORIES.city == "Ica") ^ (WITH_CATEGORIES.rooms == 7)).astype(int)
SMALL_GROUPS: dict[str, Any] = {
    "min_child_samples": 5,
    "min_data_per_group": 5,
    "cat_smooth": 1,
    "verbose": -1,
    "n_jobs": 1,
}


def rows_with_categories() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows as a client sends them, and as the model's owner would ask them; some values are unseen, some missing."""
    rows = WITH_CATEGORIES[:60].astype({"city": object, "rooms": object, "owner": object})
    rows.loc[:5, "city"] = "unseen"
    rows.loc[3:9, "rooms"] = 99
    rows.loc[8:12, ["city", "rooms", "owner"]] = None
    owned = rows.copy()
    for name in ("city", "rooms", "owner"):
        owned[name] = pd.Categorical(rows[name], categories=WITH_CATEGORIES[name].cat.categories)
    return rows, owned


@pytest.mark.parametrize("end", ["txt", "pkl"])
def test_the_categories_of_lightgbm_are_the_contract_s(end: str, tmp_path: Path) -> None:
    model = lightgbm.LGBMClassifier(n_estimators=10, **SMALL_GROUPS).fit(WITH_CATEGORIES, OF_CATEGORIES)
    booster = model.booster_ if end == "txt" else model
    imported = adopted(saved(booster, tmp_path / f"model.{end}"))
    city, rooms, owner = (imported.contract.inputs[name] for name in ("city", "rooms", "owner"))
    assert isinstance(city, Category)
    assert city.seen == ("Piura", "Ica", "Lima")
    assert isinstance(rooms, Category)
    assert rooms.seen == (3, 7, 11)
    assert isinstance(owner, Flag)
    rows, owned = rows_with_categories()
    answer = answers(imported, rows, "onnx")
    np.testing.assert_allclose(answer["probabilities"], model.predict_proba(owned), atol=1e-12)
    np.testing.assert_array_equal(answer["label"], model.predict(owned))


def test_the_categories_of_a_file_that_does_not_keep_its_parameters(tmp_path: Path) -> None:
    model = lightgbm.LGBMClassifier(n_estimators=5, **SMALL_GROUPS).fit(WITH_CATEGORIES, OF_CATEGORIES)
    text = model.booster_.model_to_string()
    assert "[categorical_feature: 2,3,4]" in text
    (tmp_path / "model.txt").write_text(text.replace("[categorical_feature: 2,3,4]", "[categorical_feature: ]"))
    rows, owned = rows_with_categories()
    answer = answers(adopted(tmp_path / "model.txt"), rows, "onnx")
    np.testing.assert_allclose(answer["probabilities"], model.predict_proba(owned), atol=1e-12)


def test_categories_are_the_same_where_the_model_is_served_natively(tmp_path: Path) -> None:
    settings = {"zero_as_missing": True, **SMALL_GROUPS}
    model = lightgbm.LGBMClassifier(n_estimators=5, **settings).fit(WITH_CATEGORIES, OF_CATEGORIES)
    rows, owned = rows_with_categories()
    answer = answers(adopted(saved(model, tmp_path / "model.pkl")), rows, "native")
    np.testing.assert_allclose(answer["probabilities"], model.predict_proba(owned), atol=1e-12)


def test_an_ordered_column_of_lightgbm_is_refused(tmp_path: Path) -> None:
    table = WITH_CATEGORIES.assign(rooms=WITH_CATEGORIES.rooms.cat.as_ordered())
    model = lightgbm.LGBMClassifier(n_estimators=2, **SMALL_GROUPS).fit(table, OF_CATEGORIES)
    with pytest.raises(ImportRefused, match="3 categorical columns of pandas, and names 2 of its features"):
        adopted(saved(model.booster_, tmp_path / "model.txt"))


XGBOOST_COLUMNS = ["age", "balance", "city", "rooms"]
"""XGBoost takes no categories that are flags."""


@pytest.mark.parametrize("end", ["json", "pkl"])
@pytest.mark.parametrize("settings", [{}, {"max_cat_to_onehot": 10}, {"booster": "dart"}], ids=str)
def test_the_categories_of_xgboost_are_the_contract_s(settings: dict[str, Any], end: str, tmp_path: Path) -> None:
    model = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True, n_jobs=1, **settings)
    model.fit(WITH_CATEGORIES[XGBOOST_COLUMNS], OF_CATEGORIES)
    imported = adopted(saved(model, tmp_path / f"model.{end}"))
    city = imported.contract.inputs["city"]
    assert isinstance(city, Category)
    assert city.seen == ("Piura", "Ica", "Lima")
    rows, owned = rows_with_categories()
    answer = answers(imported, rows[XGBOOST_COLUMNS], "onnx")
    np.testing.assert_allclose(answer["probabilities"], model.predict_proba(owned[XGBOOST_COLUMNS]), atol=1e-6)


def contract_with(cities: list[str]) -> Project:
    inputs = {
        "age": {"type": "number", "optional": True},
        "city": {"type": "category", "seen": cities, "optional": True},
    }
    return Project.model_validate({"project": {"name": "m"}, "inputs": inputs, "model": {"kind": "imported"}})


def test_codes_without_categories_are_refused_until_a_contract_lists_them(tmp_path: Path) -> None:
    table = pd.DataFrame({"age": TABLE.age, "city": WITH_CATEGORIES.city.cat.codes.replace(-1, np.nan)})
    names, kinds = ["age", "city"], ["q", "c"]
    data = xgboost.DMatrix(table.to_numpy(), OF_CATEGORIES, feature_names=names, feature_types=kinds)
    model = xgboost.train({"objective": "binary:logistic", "nthread": 1}, data, 5)
    file = saved(model, tmp_path / "model.json")
    with pytest.raises(ImportRefused, match=r"city is a column of categories.*with --contract"):
        adopted(file)
    imported = adopted(file, contract_with(["Piura", "Ica", "Lima"]))
    rows = rows_with_categories()[0][names]
    answer = answers(imported, rows, "onnx")["probabilities"][:, 1]
    expected = model.predict(xgboost.DMatrix(table[:60].to_numpy(), feature_names=names, feature_types=kinds))
    np.testing.assert_allclose(answer[13:], expected[13:], atol=1e-6)  # the rows before are those of unseen values


def test_texts_that_xgboost_cuts_off_are_refused_until_a_contract_lists_them(tmp_path: Path) -> None:
    city = WITH_CATEGORIES.city.cat.rename_categories(["Piura", "Ñaña", "Áncash"])
    table = TABLE[["age"]].assign(city=city)
    model = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True, n_jobs=1).fit(table, OF_CATEGORIES)
    file = saved(model, tmp_path / "model.json")
    with pytest.raises(ImportRefused, match="cut texts with letters such as á and ñ"):
        adopted(file)
    imported = adopted(file, contract_with(["Piura", "Ñaña", "Áncash"]))
    answer = answers(imported, table.astype({"city": object}), "onnx")["probabilities"]
    np.testing.assert_allclose(answer, model.predict_proba(table), atol=1e-6)


@pytest.mark.parametrize("end", ["json", "pkl"])
def test_a_column_of_flags_is_a_flag_of_the_contract(end: str, tmp_path: Path) -> None:
    table = TABLE.assign(owner=RANDOM.random(SIZE) > 0.5)
    model = xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(table, TWO ^ table.owner)
    imported = adopted(saved(model, tmp_path / f"model.{end}"))
    assert isinstance(imported.contract.inputs["owner"], Flag)
    rows = table[:60].astype({"owner": object})
    rows.loc[50:, "owner"] = None
    answer = answers(imported, rows, "onnx")["probabilities"]
    np.testing.assert_allclose(answer, model.predict_proba(rows.astype({"owner": float})), atol=1e-6)


# gaps


def test_a_booster_s_numbers_may_be_missing_and_tell_their_range(tmp_path: Path) -> None:
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    model = lightgbm.train(settings, lightgbm.Dataset(TABLE, TWO), 5)
    age = adopted(saved(model, tmp_path / "model.txt")).contract.inputs["age"]
    assert isinstance(age, Number)
    assert age.optional
    assert age.seen == (TABLE.age.min(), TABLE.age.max())
