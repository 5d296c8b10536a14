"""What was fitted elsewhere is understood, compiled, and answers as the original does, whatever it was saved by."""

import pickle
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pandas as pd
import pytest
import skops.io
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import RadiusNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

from tests.foreign_artefacts import PAIR
from tests.formats.churn import COLUMNS, customers, fitted, ordinal, pair, preparation, saved
from tests.pickles.hostile import HOSTILE
from vaticina.contract import Encoder, Project
from vaticina.contract.envelope import make_validator
from vaticina.contract.fields import Category, Identifier, Number
from vaticina.errors import ForeignVersion, ImportRefused, PickleRefused
from vaticina.foreign.isolation import Isolation
from vaticina.formats import file_formats, find_source, recognise
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.source import file_source
from vaticina.pickles.audit import load_pickle
from vaticina.progress import no_report
from vaticina.tasks import served_form
from vaticina.tasks.served_model import ServedModel

pytestmark = pytest.mark.filterwarnings("ignore:Found unknown categories:UserWarning")


NEVER = Isolation(cache=Path(), never=True)


def imported(*files: Path, **more: Any) -> Any:
    *before, model = files
    source = file_source(model, before[0] if before else None)
    options = {"identifier": "customerID", "isolation": NEVER, "command": f"vaticina import {model}", **more}
    adoption = Adoption(source=source, name="churn", file_formats=file_formats(source), **options)
    return recognise(source).adopt(adoption, no_report)


def compiled(adopted: AdoptedModel) -> ServedModel:
    served = served_form(adopted.model, adopted.contract, adopted.rows, adopted.ask_original)
    assert served.family == "onnx", served.verification
    assert served.verification["flips"] == 0
    return served


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The table's rows as a client sends them."""
    plain = frame.astype(object).where(frame.notna(), None)
    return plain.to_dict("records")  # type: ignore[no-any-return]


def answered(adopted: AdoptedModel, served: ServedModel, frame: pd.DataFrame) -> Any:
    """What the compiled model answers to a client's rows: probabilities or values."""
    rows = make_validator(adopted.contract).check_all(rows_of(frame))
    columns = served.runtime.predict(Encoder(adopted.contract).matrix(rows)).columns
    if adopted.contract.classes:
        return columns["probabilities"]
    return columns["value"]


NEW = pd.DataFrame(
    {
        "tenure": [1.0, 70.0, np.nan, 5.5],
        "charges": [50.0, np.nan, 20.25, 1e6],
        "contract": ["One year", "never seen", "Two year", "Month-to-month"],
        "payment": ["card", np.nan, "other", "cheque"],
        "senior": [0, 1, 7, 1],
    }
)
"""Rows with every trouble: missing, unseen, far away."""

MODELS: dict[str, Any] = {
    "logistic": LogisticRegression(),
    "forest": RandomForestClassifier(20, random_state=0),
    "lightgbm": lightgbm.LGBMClassifier(n_estimators=20, verbosity=-1, n_jobs=1),
    "xgboost": xgboost.XGBClassifier(n_estimators=20, n_jobs=1),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_pair_answers_as_the_original(name: str, tmp_path: Path) -> None:
    model, preprocessor = pair(tmp_path, MODELS[name])
    adopted = imported(preprocessor, model)
    expected = MODELS[name].predict_proba(fitted().transform(NEW))
    np.testing.assert_allclose(answered(adopted, compiled(adopted), NEW), expected, atol=2e-6)


def test_the_contract_is_what_the_preprocessor_knows(tmp_path: Path) -> None:
    model, preprocessor = pair(tmp_path)
    contract = imported(preprocessor, model).contract
    assert list(contract.inputs) == [*COLUMNS, "customerID"]
    assert contract.classes == (0, 1)
    payment, senior, charges = (contract.inputs[name] for name in ("payment", "senior", "charges"))
    assert isinstance(payment, Category)
    assert (payment.known, payment.optional, payment.categories) == (("card", "cheque", "missing"), True, None)
    assert isinstance(senior, Category)
    assert (senior.known, senior.optional) == ((0, 1), False)
    assert isinstance(charges, Number)
    assert charges.optional
    assert isinstance(contract.inputs["customerID"], Identifier)
    assert {name: output.quantity for name, output in contract.outputs.items()} == {
        "customerID": "identifier",
        "prediction": "label",
        "probability": "positive_probability",
    }


def test_an_encoder_that_refuses_unknown_categories_makes_a_declared_list(tmp_path: Path) -> None:
    rows, left = customers()
    pipeline = make_pipeline(preparation(handle_unknown="error"), LogisticRegression()).fit(rows, left)
    adopted = imported(saved(pipeline, tmp_path / "model.pkl"))
    contract = adopted.contract.inputs["contract"]
    assert isinstance(contract, Category)
    assert contract.categories == ("Month-to-month", "One year", "Two year")
    compiled(adopted)


def test_a_whole_pipeline_with_ordinal_codes_and_columns_in_another_order(tmp_path: Path) -> None:
    rows, left = customers()
    pipeline = Pipeline([("prepare", ordinal()), ("model", HistGradientBoostingClassifier(max_iter=10))])
    pipeline.fit(rows, left)
    adopted = imported(saved(pipeline, tmp_path / "model.pkl"))
    rows = NEW.assign(senior=[0, 1, 0, 1])
    np.testing.assert_allclose(answered(adopted, compiled(adopted), rows), pipeline.predict_proba(rows), atol=1e-6)


def test_a_number_is_predicted(tmp_path: Path) -> None:
    rows, _ = customers()
    model = GradientBoostingRegressor(n_estimators=10)
    pipeline = make_pipeline(preparation(), model).fit(rows, rows.tenure * 2)
    adopted = imported(saved(pipeline, tmp_path / "model.pkl"))
    assert adopted.contract.classes == ()
    np.testing.assert_allclose(answered(adopted, compiled(adopted), NEW), pipeline.predict(NEW), rtol=1e-6)


def test_an_identifier_that_was_taken_for_a_category_is_no_feature(tmp_path: Path) -> None:
    """The original one-hot encoded customerID; here it names the row, and the model sees one it does not know."""
    rows, left = customers()
    named = rows[["tenure"]].assign(customerID=[f"C-{number}" for number in range(len(rows))])
    parts = ColumnTransformer(
        [("id", OneHotEncoder(handle_unknown="ignore"), ["customerID"]), ("scale", StandardScaler(), ["tenure"])]
    )
    pipeline = make_pipeline(parts, LogisticRegression()).fit(named, left)
    adopted = imported(saved(pipeline, tmp_path / "model.pkl"))
    assert isinstance(adopted.contract.inputs["customerID"], Identifier)
    unknown = named.head(5).assign(customerID="nobody")
    np.testing.assert_allclose(
        answered(adopted, compiled(adopted), named.head(5)), pipeline.predict_proba(unknown), atol=1e-6
    )


def test_columns_that_no_part_uses_are_no_inputs_and_are_told(tmp_path: Path) -> None:
    rows, left = customers()
    more = rows.assign(comment="x", clientId="y")
    pipeline = make_pipeline(preparation(), LogisticRegression()).fit(more, left)
    adopted = imported(saved(pipeline, tmp_path / "model.pkl"), identifier="")
    assert list(adopted.contract.inputs) == [*COLUMNS, "clientId"]
    assert adopted.notes == ("no part of the model uses comment, so it is no input",)
    assert isinstance(adopted.contract.inputs["clientId"], Identifier)


def test_a_model_without_names_is_given_some_and_told(tmp_path: Path) -> None:
    rows, left = customers()
    numbers = rows[["tenure", "senior"]].to_numpy()
    pipeline = make_pipeline(MinMaxScaler(), LogisticRegression()).fit(numbers, left)
    adopted = imported(saved(pipeline, tmp_path / "model.pkl"), identifier="")
    assert list(adopted.contract.inputs) == ["x0", "x1"]
    assert "name them with --contract" in adopted.notes[0]
    first = adopted.contract.inputs["x0"]
    assert isinstance(first, Number)
    assert first.seen == (0.0, 71.0)
    compiled(adopted)


# what a model may be saved by


def booster() -> Any:
    rows, left = customers()
    numbers = rows[["tenure", "charges"]]
    return lightgbm.train(
        {"objective": "binary", "verbosity": -1, "num_threads": 1}, lightgbm.Dataset(numbers, left), 5
    )


def test_lightgbm_text(tmp_path: Path) -> None:
    model = booster()
    file = tmp_path / "model.txt"
    model.save_model(file)
    adopted = imported(file)
    assert list(adopted.contract.inputs)[:2] == ["tenure", "charges"]
    frame = NEW[["tenure", "charges"]].dropna()
    np.testing.assert_allclose(answered(adopted, compiled(adopted), frame)[:, 1], model.predict(frame), atol=1e-6)


@pytest.mark.parametrize("end", ["json", "ubj"])
@pytest.mark.parametrize("objective", ["binary:logistic", "reg:squarederror", "multi:softprob", "count:poisson"])
def test_xgboost_files(end: str, objective: str, tmp_path: Path) -> None:
    rows, left = customers()
    numbers = rows[["tenure", "charges"]]
    target = left + (rows.tenure > 50).to_numpy() if objective.startswith("multi") else left
    classes = {"num_class": 3} if objective.startswith("multi") else {}
    data = xgboost.DMatrix(numbers, target)
    model = xgboost.train({"objective": objective, "nthread": 1, "max_depth": 3, **classes}, data, 5)
    file = tmp_path / f"model.{end}"
    model.save_model(file)
    adopted = imported(file)
    frame = NEW[["tenure", "charges"]].fillna(3.0)
    expected = model.predict(xgboost.DMatrix(frame))
    answer = answered(adopted, compiled(adopted), frame)
    np.testing.assert_allclose(answer[:, 1] if objective == "binary:logistic" else answer, expected, rtol=1e-5)


@pytest.mark.parametrize("compress", [0, 3, ("xz", 1)])
def test_joblib(compress: Any, tmp_path: Path) -> None:
    rows, left = customers()
    pipeline = make_pipeline(preparation(), LogisticRegression()).fit(rows, left)
    joblib.dump(pipeline, tmp_path / "model.joblib", compress=compress)
    adopted = imported(tmp_path / "model.joblib")
    np.testing.assert_allclose(answered(adopted, compiled(adopted), NEW), pipeline.predict_proba(NEW), atol=1e-6)


def test_skops(tmp_path: Path) -> None:
    rows, left = customers()
    pipeline = make_pipeline(preparation(), RandomForestClassifier(5, random_state=0)).fit(rows, left)
    skops.io.dump(pipeline, tmp_path / "model.skops")
    adopted = imported(tmp_path / "model.skops")
    np.testing.assert_allclose(answered(adopted, compiled(adopted), NEW), pipeline.predict_proba(NEW), atol=1e-6)


@pytest.mark.parametrize("model", [RadiusNeighborsClassifier(1e9, algorithm="brute")])
def test_skops_is_held_to_our_list_not_to_its_own(model: Any, tmp_path: Path) -> None:
    """skops trusts all of scikit-learn."""
    rows, left = customers()
    numbers = rows[["tenure", "senior"]]
    skops.io.dump(model.fit(numbers, left), tmp_path / "model.skops")
    assert skops.io.get_untrusted_types(file=tmp_path / "model.skops") == []
    with pytest.raises(PickleRefused, match=rf"wants sklearn\..*{type(model).__name__}, not on the list"):
        imported(tmp_path / "model.skops")


def test_skops_that_calls_something_is_refused(tmp_path: Path) -> None:
    rows, left = customers()
    pipeline = make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()).fit(rows[["tenure"]], left)
    pipeline.steps[0][1].func = Path.touch
    skops.io.dump(pipeline, tmp_path / "model.skops")
    with pytest.raises(PickleRefused, match=r"pathlib"):
        imported(tmp_path / "model.skops")


# what is refused


@pytest.mark.parametrize("name", ["os.system", "getattr chain", "numpy.testing", "setstate", "second pickle"])
def test_harm_in_either_file_of_a_pair_opens_neither(name: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    model, preprocessor = pair(tmp_path)
    for file in (model, preprocessor):
        whole = file.read_bytes()
        file.write_bytes(HOSTILE[name].build(canary))
        with pytest.raises(PickleRefused, match=HOSTILE[name].wants.replace(".", r"\.")):
            imported(preprocessor, model)
        file.write_bytes(whole)
    assert not canary.exists()


def test_another_version_is_refused_before_it_is_opened() -> None:
    files = PAIR / "preprocessor_20250717_214053.pkl", PAIR / "model_20250717_214053.pkl"
    with pytest.raises(ForeignVersion, match=r"scikit-learn 1\.1\.3, which scikit-learn 1\.9\.\d,.*--isolated"):
        imported(*files)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"model": 1}, "holds a dict"),
        (StandardScaler().fit([[1.0], [2.0]]), "predicts nothing"),
        (Pipeline([("a", LogisticRegression()), ("b", LogisticRegression())]), "transforms nothing"),
        (LogisticRegression(), "save it fitted"),
    ],
)
def test_what_is_no_fitted_model_is_refused(value: Any, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=reason):
        imported(saved(value, tmp_path / "model.pkl"))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("model.txt", b"tree\nnothing", "no model that LightGBM reads"),
        ("model.txt", b"hello", "no model that LightGBM wrote"),
        ("model.json", b"{}", "no model that XGBoost reads"),
        ("model.skops", b"PK\x03\x04", "none that skops wrote"),
    ],
)
def test_what_is_no_file_of_its_kind_is_refused(name: str, data: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ImportRefused, match=reason):
        imported(tmp_path / name)


# a contract that is there already


def test_a_contract_that_is_there_keeps_what_people_declared(tmp_path: Path) -> None:
    model, preprocessor = pair(tmp_path)
    inputs = {
        "tenure": {"type": "number", "min": 0, "max": 100, "optional": True, "unit": "months"},
        "charges": {"type": "number", "optional": True},
        "contract": {"type": "category", "seen": ["One year"]},
        "payment": {"type": "category", "categories": ["card", "cheque"], "optional": True},
        "senior": {"type": "category", "seen": [0, 1]},
    }
    project = Project.model_validate({"project": {"name": "mine"}, "inputs": inputs, "model": {"kind": "imported"}})
    adopted = imported(preprocessor, model, project=project)
    tenure, contract = adopted.contract.inputs["tenure"], adopted.contract.inputs["contract"]
    assert isinstance(tenure, Number)
    assert (tenure.max, tenure.unit) == (100, "months")
    assert isinstance(contract, Category)
    assert contract.known == ("Month-to-month", "One year", "Two year"), "what is learnt is learnt anew"
    compiled(adopted)


def test_a_model_of_other_columns_than_the_contract_s_is_refused(tmp_path: Path) -> None:
    model, preprocessor = pair(tmp_path)
    project = Project.model_validate(
        {"project": {"name": "mine"}, "inputs": {"tenure": {"type": "number"}}, "model": {"kind": "imported"}}
    )
    with pytest.raises(ImportRefused, match="takes charges, contract, payment, senior, which the contract of mine"):
        imported(preprocessor, model, project=project)


def test_the_model_may_be_served_natively_through_the_same_list(tmp_path: Path) -> None:
    model, preprocessor = pair(tmp_path)
    adopted = imported(preprocessor, model)
    opened = load_pickle(pickle.dumps(adopted.model, 5), "model.pkl")
    np.testing.assert_array_equal(
        opened.predict_proba(adopted.rows[:50]), adopted.model.predict_proba(adopted.rows[:50])
    )


# which files


def test_the_newest_complete_pair_of_a_folder_is_taken(tmp_path: Path) -> None:
    for name in (
        "model_20250717_214053.pkl",
        "preprocessor_20250717_214053.pkl",
        "model_20250717_214252.pkl",
        "preprocessor_20250717_214252.pkl",
        "model_20250801_000000.pkl",
        "metrics_20250801_000000.json",
        "model_tracking.csv",
    ):
        (tmp_path / name).touch()
    source = find_source(tmp_path)
    assert [file.name for file in source.files] == ["preprocessor_20250717_214252.pkl", "model_20250717_214252.pkl"]


def test_a_folder_with_one_model_and_its_preprocessor(tmp_path: Path) -> None:
    for name in ("model.joblib", "preprocessor.joblib", "readme.md"):
        (tmp_path / name).touch()
    assert [file.name for file in find_source(tmp_path).files] == ["preprocessor.joblib", "model.joblib"]


@pytest.mark.parametrize("names", [(), ("a.pkl", "b.pkl"), ("model_20250717_214053.pkl", "a.pkl")])
def test_a_folder_that_does_not_tell_its_model_is_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ImportRefused, match="name the model's file"):
        find_source(tmp_path)


def test_a_preprocessor_is_given_to_a_file_not_to_a_folder(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").touch()
    with pytest.raises(ImportRefused, match=r"stands before one model's file, and .* is a folder; name the file"):
        find_source(tmp_path, tmp_path / "preprocessor.pkl")


def test_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="does not exist"):
        find_source(tmp_path / "gone")
