"""What is compiled, what is not and why: a model without a proved graph is served as it is."""

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import MiniBatchKMeans
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    GradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import GammaRegressor, LinearRegression, LogisticRegression, QuantileRegressor, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVR, LinearSVR, NuSVR

from tests.exact.samples import SampleTable, bare, ranged, sample, standard
from tests.exact.test_special import numbers
from vaticina.contract import Contract
from vaticina.exact.compile import compile_table
from vaticina.exact.graph import NotCompilable
from vaticina.exact.session import GraphSession
from vaticina.tasks import served_form
from vaticina.tasks.native_runtime import NativeRuntime
from vaticina.tasks.row_space import goal_of
from vaticina.tasks.served_model import ServedModel


def form_of(model: Any, data: SampleTable) -> ServedModel:
    return served_form(model.fit(data.rows, data.target), data.contract, data.rows)


def test_a_proved_graph_is_what_is_served() -> None:
    data = sample(4)
    form = form_of(standard(RandomForestClassifier(10, random_state=0)), data)
    assert form.family == "onnx"
    assert list(form.files) == ["model.onnx"]
    assert form.verification["verified"]
    assert form.verification["flips"] == 0
    again = GraphSession(form.files["model.onnx"]).run(data.rows)
    assert np.array_equal(again["label"], form.runtime.predict(data.rows).columns["label"])


def test_a_report_is_short_and_plain() -> None:
    data = sample(2)
    report = form_of(standard(LogisticRegression(C=0.1, tol=1e-2)), data).verification
    types = {name: type(value) for name, value in report.items()}
    assert types == {
        "verified": bool,
        "rows": int,
        "near_rows": int,
        "near_ties": int,
        "flips": int,
        "largest_difference": float,
        "constants": int,
        "unreached": int,
    }


def test_a_model_without_a_compiled_form_is_served_as_it_is() -> None:
    data = sample(2)
    form = form_of(standard(KNeighborsClassifier()), data)
    assert form.family == "native"
    assert isinstance(form.runtime, NativeRuntime)
    assert form.verification == {
        "verified": False,
        "reason": "sklearn.neighbors._classification.KNeighborsClassifier has no compiled form; it is served natively",
    }
    again = pickle.loads(form.files["model.pkl"])
    assert np.array_equal(again.predict_proba(data.rows), form.runtime.predict(data.rows).columns["probabilities"])


RARE: list[tuple[Any, str]] = [
    (LinearSVR(dual=False, loss="squared_epsilon_insensitive"), "LinearSVR"),
    (NuSVR(C=0.1, nu=0.1), "NuSVR"),
    (QuantileRegressor(alpha=0.01), "QuantileRegressor"),
    (GammaRegressor(alpha=1.0, max_iter=1_000, tol=1e-1), "GammaRegressor"),
    (make_pipeline(MaxAbsScaler(), Ridge()), "MaxAbsScaler"),
    (make_pipeline(MiniBatchKMeans(4, n_init=1, random_state=0), Ridge()), "MiniBatchKMeans"),
]
"""Regressors that few people put into service, with the class that has no converter."""


@pytest.mark.parametrize(("model", "name"), RARE, ids=[name for _, name in RARE])
def test_a_rare_regressor_is_served_natively_with_its_own_values(model: Any, name: str) -> None:
    data = sample(0)
    form = form_of(ranged(model), data)
    assert form.family == "native"
    assert f"{name} has no compiled form; it is served natively" in form.verification["reason"]
    again = pickle.loads(form.files["model.pkl"])
    assert np.array_equal(form.runtime.predict(data.rows).columns["value"], again.predict(data.rows))


@pytest.mark.parametrize("classes", [2, 4])
def test_a_rare_classifier_is_served_natively_with_its_own_probabilities(classes: int) -> None:
    data = sample(classes)
    form = form_of(ranged(QuadraticDiscriminantAnalysis(reg_param=0.1)), data)
    assert form.family == "native"
    assert "QuadraticDiscriminantAnalysis has no compiled form; it is served natively" in form.verification["reason"]
    again = pickle.loads(form.files["model.pkl"])
    columns = form.runtime.predict(data.rows).columns
    assert np.array_equal(columns["probabilities"], again.predict_proba(data.rows))
    assert np.array_equal(columns["label"], again.predict(data.rows))


def test_a_model_that_refuses_what_the_contract_allows_is_served_as_it_is() -> None:
    """A graph would answer where the original says that the category is unknown."""
    data = sample(2)
    strict = make_pipeline(OneHotEncoder(sparse_output=False), LogisticRegression(C=0.1, tol=1e-1))
    strict.fit(data.rows[:, 4:6], data.target)
    inputs = {name: data.contract.inputs[name] for name in ("a", "single")}
    open_contract = data.contract.model_copy(update={"inputs": inputs})
    form = served_form(strict, Contract.model_validate(open_contract.model_dump(by_alias=True)), data.rows[:, 4:6])
    assert form.family == "native"
    assert "the original itself refuses mixed rows that the contract allows: Found unknown categories" in str(
        form.verification["reason"]
    )


def test_the_same_model_compiles_where_the_contract_refuses_other_categories() -> None:
    data = sample(2)
    rows = np.nan_to_num(data.rows[:, 4:6])
    strict = make_pipeline(OneHotEncoder(sparse_output=False), LogisticRegression(C=0.1, tol=1e-1))
    inputs = {
        "a": {"type": "category", "categories": ["v", "w", "x", "y", "z"]},
        "single": {"type": "category", "categories": ["only"]},
    }
    closed = Contract.model_validate({"name": "closed", "inputs": inputs, "classes": ["no", "yes"]})
    assert served_form(strict.fit(rows, data.target), closed, rows).family == "onnx"


def doubled(rows: Any) -> Any:
    return rows * 2.0


FREQUENT = ColumnTransformer([("a", OneHotEncoder(min_frequency=50, sparse_output=False), [6])])
RARE = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=50)
MINUS_ONE = make_pipeline(SimpleImputer(strategy="constant", fill_value=-1.0), SimpleImputer(missing_values=-1))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (make_pipeline(FREQUENT, LogisticRegression(tol=1e-1)), "OneHotEncoder that joins infrequent categories"),
        (
            make_pipeline(ColumnTransformer([("a", RARE, [6])]), RandomForestClassifier(2)),
            "OrdinalEncoder that joins infrequent categories",
        ),
        (
            make_pipeline(FunctionTransformer(doubled), RandomForestClassifier(2)),
            "a FunctionTransformer with a function",
        ),
        (
            standard(CalibratedClassifierCV(LogisticRegression(C=0.1, tol=1e-1), cv=2)),
            "sklearn.calibration.CalibratedClassifierCV has no compiled form",
        ),
        (bare(LGBMClassifier(n_estimators=3, verbose=-1, boosting_type="rf", bagging_freq=1, subsample=0.5)), "forest"),
        (bare(LGBMClassifier(n_estimators=3, verbose=-1, linear_tree=True)), "linear trees"),
        (bare(LGBMClassifier(n_estimators=3, verbose=-1, zero_as_missing=True)), "zero_as_missing"),
        (bare(LGBMClassifier(n_estimators=3, verbose=-1, objective="cross_entropy")), "'cross_entropy'"),
        (bare(LGBMClassifier(n_estimators=3, verbose=-1, sigmoid=2.0)), "sigmoid of its own"),
        (standard(VotingClassifier([("a", RandomForestClassifier(2))], voting="hard")), "voting='hard'"),
    ],
)
def test_why_a_classifier_is_not_compiled(model: Any, why: str) -> None:
    data = sample(2)
    with pytest.raises(NotCompilable, match=why):
        compile_table(model.fit(data.rows, data.target), goal_of(data.contract))


def test_a_number_that_stands_for_a_missing_one_is_compiled() -> None:
    data = sample(2)
    assert form_of(make_pipeline(MINUS_ONE, RandomForestClassifier(2, random_state=0)), data).family == "onnx"


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (standard(GradientBoostingRegressor(n_estimators=3, init=LinearRegression())), "starts from another model"),
        (bare(LGBMRegressor(n_estimators=3, verbose=-1, reg_sqrt=True)), "LightGBM with reg_sqrt has no compiled form"),
        (standard(SVR(kernel="poly", degree=2, max_iter=-1, C=1e-3, epsilon=3.0)), "kernel 'poly'"),
    ],
)
def test_why_a_regressor_is_not_compiled(model: Any, why: str) -> None:
    data = sample(0)
    with pytest.raises(NotCompilable, match=why):
        compile_table(model.fit(data.rows, data.target), goal_of(data.contract))


def test_an_isolation_forest_whose_trees_see_some_columns_only_is_not_compiled() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 4))
    forest = IsolationForest(n_estimators=5, max_features=0.5, random_state=0).fit(rows)
    with pytest.raises(NotCompilable, match="see some columns only"):
        compile_table(forest, goal_of(numbers(4)))


def test_several_targets_are_not_compiled() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 4))
    for model in (RandomForestRegressor(3), Ridge()):
        with pytest.raises(NotCompilable, match="several targets"):
            compile_table(model.fit(rows, rows[:, :2]), goal_of(numbers(4)))


def test_a_model_of_other_classes_than_the_contract_is_not_compiled() -> None:
    data = sample(4)
    model = ranged(RandomForestClassifier(2)).fit(data.rows, data.target)
    with pytest.raises(NotCompilable, match="gives 4 numbers a row where 2 are due"):
        compile_table(model, goal_of(sample(2).contract))


class Louder(StandardScaler):  # type: ignore[misc]
    """May do anything."""


def test_a_subclass_has_no_converter_of_its_parents() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 4))
    with pytest.raises(NotCompilable, match=r"Louder has no compiled form"):
        compile_table(make_pipeline(Louder(), Ridge()).fit(rows, rows[:, 0]), goal_of(numbers(4)))


def test_columns_that_were_always_missing_are_dropped_as_the_original_drops_them() -> None:
    rows = np.random.default_rng(0).normal(size=(300, 4))
    target = rows[:, 0]
    rows[:, 2] = np.nan
    model = make_pipeline(SimpleImputer(), StandardScaler(), Ridge())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # which says that the column is skipped
        model.fit(rows, target)
    assert served_form(model, numbers(4), rows).family == "onnx"
