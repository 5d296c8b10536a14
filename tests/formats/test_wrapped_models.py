"""Models that hold other models, over tables with texts: their columns are found wherever they are kept."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import RFE, SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.formats.owned_models import adopted, client_rows, outputs
from vaticina.contract import Encoder
from vaticina.contract.envelope import make_validator
from vaticina.contract.fields import Category, Flag, Number
from vaticina.formats.adoption import AdoptedModel
from vaticina.pickles.stand_ins import SkippedSampler
from vaticina.tasks.served_model import ServedModel
from vaticina.usecases.owner_comparison import served_as_the_file_answers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

NUMBERS, TEXTS = ["edad", "saldo"], ["ciudad", "plan"]


def people(size: int, seed: int) -> tuple[pd.DataFrame, Any]:
    """A table of people and whether each bought."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "edad": random.integers(18, 80, size).astype(float),
            "saldo": np.round(random.normal(1500, 900, size), 2),
            "ciudad": random.choice(["Lima", "Cusco", "Ica"], size).astype(object),
            "plan": random.choice(["a", "b"], size).astype(object),
        }
    )
    bought = frame.edad / 80 + (frame.ciudad == "Ica") * 0.6 + random.normal(0, 0.3, size) > 0.8
    return frame, bought.astype(int).to_numpy()


FRAME, BOUGHT = people(240, 1)
NEW = people(60, 2)[0]
NEW.loc[:4, "ciudad"] = "Tacna"
NEW.loc[5:9, "edad"] = [0.0, -1.0, 1e6, 18.0, 80.0]


def columns(numbers: Any = NUMBERS, texts: Any = TEXTS) -> ColumnTransformer:
    return ColumnTransformer([("n", StandardScaler(), numbers), ("t", OneHotEncoder(handle_unknown="ignore"), texts)])


def pipeline(model: Any = None, numbers: Any = NUMBERS, texts: Any = TEXTS) -> Any:
    return make_pipeline(columns(numbers, texts), LogisticRegression() if model is None else model)


def served(imported: AdoptedModel) -> ServedModel:
    """What is served, compared with the owner's answers on a few of the rows, which is enough for such small models."""
    return served_as_the_file_answers(replace(imported, rows=imported.rows[::20]))


def asked(imported: AdoptedModel, rows: pd.DataFrame) -> tuple[Any, Any]:
    """The labels and probabilities of a model that is served as it is, for a client's rows."""
    checked = make_validator(imported.contract).check_all(client_rows(rows))
    labels, shares = imported.model.classify(Encoder(imported.contract).matrix(checked))
    return labels, shares


C = {"logisticregression__C": [0.1, 1.0]}

MODELS: dict[str, Callable[[], Any]] = {
    "calibrated": lambda: CalibratedClassifierCV(pipeline(), cv=2),
    "calibrated, frozen": lambda: CalibratedClassifierCV(FrozenEstimator(pipeline().fit(FRAME, BOUGHT))),
    "searched": lambda: GridSearchCV(pipeline(), C, cv=2),
    "searched within": lambda: make_pipeline(columns(), GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2)),
    "voting": lambda: VotingClassifier([("a", pipeline()), ("b", pipeline(texts=["plan"]))], voting="soft"),
    "stacking": lambda: StackingClassifier([("a", pipeline()), ("b", pipeline(numbers=["edad"]))], cv=2),
    "threshold": lambda: TunedThresholdClassifierCV(pipeline(), cv=2),
    "one against the rest": lambda: OneVsRestClassifier(pipeline()),
    "index of columns": lambda: pipeline(
        numbers=FRAME.select_dtypes("number").columns, texts=FRAME.columns.difference(NUMBERS)
    ),
    "selectors of columns": lambda: pipeline(
        numbers=make_column_selector(dtype_include=np.number), texts=make_column_selector(dtype_include=object)
    ),
    "the best columns": lambda: make_pipeline(columns(), SelectKBest(k=3), LogisticRegression()),
    "eliminated": lambda: make_pipeline(columns(), RFE(LogisticRegression(), n_features_to_select=3)),
    "neighbours": lambda: pipeline(KNeighborsClassifier()),
    "sampled": lambda: make_pipeline(columns(), SkippedSampler(), LogisticRegression()),
    "union of parts": lambda: make_pipeline(
        make_union(columns(), make_pipeline(columns(), SelectKBest(k=2))), LogisticRegression()
    ),
}
COMPILED = {
    *("searched", "searched within", "voting", "threshold", "sampled"),
    *("index of columns", "selectors of columns", "the best columns"),
}
"""Those that become a graph; the others are served as they are."""


@pytest.mark.parametrize("name", MODELS)
def test_it_answers_as_its_owner_gets(name: str, tmp_path: Path) -> None:
    model = MODELS[name]().fit(FRAME, BOUGHT)
    imported = adopted(model, tmp_path)
    if name in COMPILED:
        form = served(imported)
        assert form.family == "onnx"
        answered = outputs(imported, form, client_rows(NEW)).columns
        labels, shares = answered["label"], answered["probabilities"]
    else:
        labels, shares = asked(imported, NEW)
    np.testing.assert_allclose(shares, model.predict_proba(NEW), atol=1e-9)
    np.testing.assert_array_equal(np.asarray(imported.contract.classes)[labels], model.predict(NEW))
    assert known(imported, "ciudad") == {"Lima", "Cusco", "Ica"}
    assert isinstance(imported.contract.inputs["edad"], Number)


def known(imported: AdoptedModel, name: str) -> set[object]:
    field = imported.contract.inputs[name]
    assert isinstance(field, Category)
    return set(field.known)


def test_a_target_that_was_transformed_behind_texts(tmp_path: Path) -> None:
    model = TransformedTargetRegressor(pipeline(Ridge()), func=np.log1p, inverse_func=np.expm1)
    model.fit(FRAME, FRAME.saldo.abs())
    imported = adopted(model, tmp_path)
    form = served(imported)
    assert form.family == "onnx"
    rows = NEW.drop(index=7)  # an age of a million makes an endless number
    answered = outputs(imported, form, client_rows(rows)).columns["value"]
    np.testing.assert_allclose(answered, model.predict(rows), rtol=1e-9)


def test_bags_of_pipelines_over_positions(tmp_path: Path) -> None:
    """A bag gives its members a matrix, some columns each."""
    inner = ColumnTransformer([("t", OneHotEncoder(handle_unknown="ignore"), [0, 1])])
    model = BaggingClassifier(make_pipeline(inner, LogisticRegression()), n_estimators=3, random_state=0)
    model.fit(FRAME[TEXTS], BOUGHT)
    imported = adopted(model, tmp_path)
    np.testing.assert_allclose(asked(imported, NEW[TEXTS])[1], model.predict_proba(NEW[TEXTS]), atol=1e-12)


def test_members_that_know_other_categories(tmp_path: Path) -> None:
    """Each fold saw some of the texts: the contract knows all of them."""
    frame = FRAME.copy()
    frame.loc[0, "ciudad"] = "Tumbes"
    model = CalibratedClassifierCV(pipeline(), cv=3).fit(frame, BOUGHT)
    imported = adopted(model, tmp_path)
    assert known(imported, "ciudad") == {"Lima", "Cusco", "Ica", "Tumbes"}
    np.testing.assert_allclose(asked(imported, frame)[1], model.predict_proba(frame), atol=1e-12)


def test_histogram_boosting_with_pandas_categories(tmp_path: Path) -> None:
    frame = FRAME.astype({"ciudad": "category", "plan": "category"})
    frame.loc[::7, "saldo"] = np.nan
    model = HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype").fit(frame, BOUGHT)
    imported = adopted(model, tmp_path)
    assert known(imported, "ciudad") == {"Lima", "Cusco", "Ica"}
    rows = NEW.copy()
    rows.loc[3:8, "saldo"] = np.nan
    rows.loc[12:15, "plan"] = None
    answered = outputs(imported, served(imported), client_rows(rows)).columns
    form = served(imported)
    assert form.family == "onnx"
    typed = rows.astype({"ciudad": frame.ciudad.dtype, "plan": frame.plan.dtype})
    np.testing.assert_allclose(answered["probabilities"], model.predict_proba(typed), atol=1e-12)


@pytest.mark.parametrize("prepared", [False, True])
def test_null_is_answered_where_a_booster_takes_what_is_missing(prepared: bool, tmp_path: Path) -> None:
    frame = FRAME[NUMBERS].copy()
    frame.loc[::5, "saldo"] = np.nan
    model: Any = HistGradientBoostingClassifier(max_iter=5)
    if prepared:
        model = make_pipeline(ColumnTransformer([("n", StandardScaler(), NUMBERS)]), model)
    model.fit(frame, BOUGHT)
    imported = adopted(model, tmp_path)
    assert imported.contract.inputs["edad"].optional
    rows = NEW[NUMBERS].copy()
    rows.loc[::3, "edad"] = np.nan
    answered = outputs(imported, served(imported), client_rows(rows)).columns
    np.testing.assert_allclose(answered["probabilities"], model.predict_proba(rows), atol=1e-12)


def test_null_is_refused_where_one_member_takes_none(tmp_path: Path) -> None:
    members = [("a", HistGradientBoostingClassifier(max_iter=3)), ("b", LogisticRegression(max_iter=1_000))]
    model = VotingClassifier(members, voting="soft").fit(FRAME[NUMBERS], BOUGHT)
    assert not adopted(model, tmp_path).contract.inputs["edad"].optional


FLAGGED: dict[str, Any] = {
    "scaled": make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": RandomForestClassifier(5, random_state=0),
    "passed through": make_pipeline(
        ColumnTransformer([("n", StandardScaler(), ["edad"])], remainder="passthrough"),
        HistGradientBoostingClassifier(max_iter=3),
    ),
    "xgboost": xgboost.XGBClassifier(n_estimators=3, n_jobs=1),
    "lightgbm": lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbosity=-1),
}


@pytest.mark.parametrize("name", FLAGGED)
def test_a_column_of_flags_takes_true_and_false(name: str, tmp_path: Path) -> None:
    frame = FRAME[["edad"]].assign(activo=FRAME.plan == "a")
    model = FLAGGED[name].fit(frame, BOUGHT)
    imported = adopted(model, tmp_path)
    rows = NEW[["edad"]].assign(activo=NEW.plan == "a")
    answered = outputs(imported, served(imported), client_rows(rows)).columns
    np.testing.assert_allclose(answered["probabilities"], model.predict_proba(rows), atol=2e-6)
    edad = imported.contract.inputs["edad"]
    assert isinstance(edad, Number)
    assert not edad.flags


@pytest.mark.parametrize("encoded", [False, True])
def test_flags_that_an_imputer_fills_in(encoded: bool, tmp_path: Path) -> None:
    frame = FRAME[["edad"]].assign(activo=(FRAME.plan == "a").astype(object))
    frame.loc[::7, "activo"] = np.nan
    filled: Any = SimpleImputer(strategy="most_frequent")
    if encoded:
        filled = make_pipeline(filled, OneHotEncoder())
    parts = ColumnTransformer([("f", filled, ["activo"]), ("n", StandardScaler(), ["edad"])])
    model = make_pipeline(parts, LogisticRegression()).fit(frame, BOUGHT)
    imported = adopted(model, tmp_path)
    assert isinstance(imported.contract.inputs["activo"], Flag)
    answered = outputs(imported, served(imported), client_rows(frame)).columns
    np.testing.assert_allclose(answered["probabilities"], model.predict_proba(frame), atol=1e-12)


def test_an_imputer_with_indicators_before_a_booster(tmp_path: Path) -> None:
    frame = FRAME[NUMBERS].copy()
    frame.loc[::5, "saldo"] = np.nan
    parts = ColumnTransformer([("n", SimpleImputer(add_indicator=True), ["saldo"])], remainder="passthrough")
    model = make_pipeline(parts, HistGradientBoostingClassifier(max_iter=3)).fit(frame, BOUGHT)
    imported = adopted(model, tmp_path)
    assert imported.contract.inputs["edad"].optional
    assert imported.contract.inputs["saldo"].optional
