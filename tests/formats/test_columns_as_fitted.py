"""Flags, missing values and columns that no part takes are answered as the owner of a model would get them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from tests.formats.owned_models import adopted, check_served, people
from vaticina.errors import ImportRefused
from vaticina.usecases.owner_comparison import served_as_the_file_answers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def homes(missing: Any = np.nan) -> tuple[pd.DataFrame, Any]:
    """People, of whom some have a lift."""
    frame, bought = people(missing=missing)
    frame["ascensor"] = np.arange(len(frame)) % 3 == 0
    return frame, (bought | frame["ascensor"]).astype(int).to_numpy()


def encoded(last: Any) -> Any:
    """``last`` behind an encoder of cities that lets all other columns pass."""
    cities = [("cities", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["ciudad"])]
    return make_pipeline(ColumnTransformer(cities, remainder="passthrough"), last)


def from_dtype() -> Any:
    return HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")


MODELS: dict[str, Callable[[], Any]] = {
    "linear": lambda: encoded(LogisticRegression(max_iter=5_000)),
    "bayes": lambda: encoded(GaussianNB()),
    "forest": lambda: encoded(RandomForestClassifier(5)),
    "xgboost": lambda: encoded(xgboost.XGBClassifier(n_estimators=5)),
    "histogram": from_dtype,
}


@pytest.mark.parametrize("name", MODELS)
def test_a_column_of_flags_takes_true_and_false(name: str, tmp_path: Path) -> None:
    frame, bought = homes()
    if name == "histogram":
        frame["ciudad"] = frame["ciudad"].astype("category")
    model = MODELS[name]().fit(frame, bought)
    imported = adopted(model, tmp_path)
    check_served(imported, model, frame, 1e-6)


def test_a_column_that_trees_compare_with_other_numbers_takes_no_flags(tmp_path: Path) -> None:
    frame, bought = homes()
    imported = adopted(encoded(xgboost.XGBClassifier(n_estimators=5)).fit(frame, bought), tmp_path)
    inputs = imported.contract.inputs
    assert [getattr(inputs[name], "flags", False) for name in ("edad", "saldo", "ascensor")] == [False, False, True]


def test_pandas_own_missing_value_is_itself(tmp_path: Path) -> None:
    """``pandas.NA`` as a parameter decides what is filled in."""
    frame, bought = homes(missing=None)
    filled = make_pipeline(
        SimpleImputer(missing_values=pd.NA, strategy="constant", fill_value="?"), OneHotEncoder(handle_unknown="ignore")
    )
    parts = [("filled", filled, ["ciudad"]), ("as it is", OneHotEncoder(handle_unknown="ignore"), ["ciudad"])]
    model = make_pipeline(ColumnTransformer(parts), LogisticRegression()).fit(frame, bought)
    imported = adopted(model, tmp_path)
    check_served(imported, model, frame)


@pytest.mark.parametrize("last", [RandomForestClassifier(5), DecisionTreeClassifier(max_depth=6)])
def test_trees_that_were_fitted_to_missing_numbers_take_null(last: Any, tmp_path: Path) -> None:
    frame, bought = homes()
    frame.loc[frame.index % 7 == 0, "saldo"] = np.nan
    model = encoded(last).fit(frame, bought)
    imported = adopted(model, tmp_path)
    assert imported.contract.inputs["saldo"].optional
    check_served(imported, model, frame)


def test_a_stack_that_sees_filled_columns_takes_null(tmp_path: Path) -> None:
    frame, bought = homes()
    frame.loc[frame.index % 7 == 0, "saldo"] = np.nan
    numbers = frame[["edad", "saldo"]]
    stack = StackingClassifier([("bayes", GaussianNB())], LogisticRegression(max_iter=5_000), passthrough=True, cv=2)
    model = make_pipeline(SimpleImputer(), stack).fit(numbers, bought)
    imported = adopted(model, tmp_path)
    check_served(imported, model, numbers)


def test_a_column_that_only_an_earlier_part_takes_is_an_input(tmp_path: Path) -> None:
    frame, bought = homes()
    numbers = frame[["edad", "saldo"]]
    chosen = ColumnTransformer([("age", "passthrough", ["edad"])])
    model = make_pipeline(SimpleImputer().set_output(transform="pandas"), chosen, LogisticRegression())
    imported = adopted(model.fit(numbers, bought), tmp_path)
    assert list(imported.contract.inputs) == ["edad", "saldo"]
    assert served_as_the_file_answers(imported).verification["verified"]


def test_a_bag_of_pipelines_is_given_every_column(tmp_path: Path) -> None:
    frame, bought = homes()
    chosen = ColumnTransformer([("age", "passthrough", [0])])
    model = BaggingClassifier(make_pipeline(chosen, LogisticRegression()), 2).fit(frame[["edad", "saldo"]], bought)
    assert list(adopted(model, tmp_path).contract.inputs) == ["edad", "saldo"]


def test_codes_that_readers_of_json_round_are_refused_in_plain_words(tmp_path: Path) -> None:
    frame, bought = homes()
    frame["codigo"] = 10**17 + np.arange(len(frame)) % 3
    columns = ColumnTransformer([("codes", OneHotEncoder(handle_unknown="ignore"), ["codigo"])])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, bought)
    with pytest.raises(ImportRefused, match="beyond 2\\^53, such as 100000000000000000"):
        adopted(model, tmp_path)
