"""What is served of a model of somebody else is what its owner gets from the library itself, labels too."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV, TunedThresholdClassifierCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

from tests.formats.owned_models import CITIES, NUMBERS, RANDOM, adopted, check_served, client_rows, outputs, people
from vaticina.errors import ImportRefused
from vaticina.formats.estimators.frame_model import FrameModel
from vaticina.usecases.owner_comparison import served_as_the_file_answers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

ENCODERS: dict[str, Any] = {
    "one hot": OneHotEncoder(handle_unknown="ignore"),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    "frequent": make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
    "joined": OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=3),
}


@pytest.mark.parametrize("missing", [None, np.nan], ids=["None", "NaN"])
@pytest.mark.parametrize("name", ENCODERS)
def test_null_is_the_missing_mark_that_the_encoder_learnt(name: str, missing: Any, tmp_path: Path) -> None:
    frame, bought = people(missing=missing)
    columns = ColumnTransformer(
        [("texts", ENCODERS[name], ["ciudad"]), ("numbers", StandardScaler(), ["edad", "saldo"])]
    )
    model = make_pipeline(columns, LogisticRegression()).fit(frame, bought)
    rows = frame.head(60)
    imported = adopted(model, tmp_path)
    served = check_served(imported, model, rows)
    assert served.family == "onnx" or name == "joined"


def test_an_imputer_may_fill_in_none(tmp_path: Path) -> None:
    frame, bought = people(missing=None)
    texts = make_pipeline(SimpleImputer(missing_values=None, strategy="most_frequent"), OneHotEncoder())
    columns = ColumnTransformer([("texts", texts, ["ciudad"]), ("numbers", StandardScaler(), NUMBERS)])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, bought)
    imported = adopted(model, tmp_path)
    assert check_served(imported, model, frame).family == "onnx"


def test_a_column_with_both_marks_is_refused(tmp_path: Path) -> None:
    frame, bought = people(missing=None)
    frame.loc[3, "ciudad"] = np.nan
    columns = ColumnTransformer([("texts", OneHotEncoder(handle_unknown="ignore"), ["ciudad"])])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, bought)
    with pytest.raises(ImportRefused, match="'ciudad' has both None and NaN"):
        adopted(model, tmp_path)


def test_the_label_is_the_models_own_where_it_is_not_the_likeliest(tmp_path: Path) -> None:
    frame, bought = people(60)
    model = make_pipeline(StandardScaler(), SVC(probability=True, random_state=1)).fit(frame[NUMBERS], bought)
    numbers = people(1_000)[0][NUMBERS]
    labels = model.predict(numbers)
    assert (labels != model.predict_proba(numbers).argmax(axis=1)).any()
    imported = adopted(model, tmp_path)
    found = outputs(imported, served_as_the_file_answers(imported), client_rows(numbers))
    np.testing.assert_array_equal(found.columns["label"], labels)


def test_a_model_that_would_answer_otherwise_is_refused_with_the_row(tmp_path: Path) -> None:
    """Our reading of the file is bent: its columns stand in the wrong order."""
    frame, bought = people()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame[NUMBERS], bought)
    imported = adopted(model, tmp_path)
    assert isinstance(imported.model, FrameModel)
    edad, saldo = imported.model.columns
    imported.model.columns = [{**edad, "at": saldo["at"]}, {**saldo, "at": edad["at"]}]
    with pytest.raises(ImportRefused, match=r"for edad = \S+, saldo = \S+ the file answers \S+ with probabilities"):
        served_as_the_file_answers(imported)


def threshold_models() -> dict[str, Any]:
    """Classifiers that answer the positive class from another probability on than one half."""
    scaled = make_pipeline(StandardScaler(), LogisticRegression())
    return {
        "fixed": FixedThresholdClassifier(scaled, threshold=0.2),
        "fixed for the first class": FixedThresholdClassifier(scaled, threshold=0.7, pos_label=0),
        "tuned": TunedThresholdClassifierCV(scaled, scoring="recall", cv=3),
        "after a scaler": make_pipeline(
            StandardScaler(), FixedThresholdClassifier(LogisticRegression(), threshold=0.3)
        ),
        "of decisions": FixedThresholdClassifier(scaled, threshold=1.0, response_method="decision_function"),
    }


@pytest.mark.parametrize("name", threshold_models())
def test_the_label_follows_the_models_own_threshold(name: str, tmp_path: Path) -> None:
    frame, bought = people()
    model = threshold_models()[name].fit(frame[NUMBERS], bought)
    labels = model.predict(frame[NUMBERS])
    assert (labels != model.predict_proba(frame[NUMBERS]).argmax(axis=1)).any()
    imported = adopted(model, tmp_path)
    served = served_as_the_file_answers(imported)
    found = outputs(imported, served, client_rows(frame[NUMBERS]))
    np.testing.assert_array_equal(found.columns["label"], labels)
    if name != "of decisions":
        assert served.family == "onnx"
        assert "on, as the model says" in imported.notes[-1]


def test_a_threshold_that_somebody_chose_replaces_the_models_own(tmp_path: Path) -> None:
    frame, bought = people()
    model = threshold_models()["fixed"].fit(frame[NUMBERS], bought)
    imported = adopted(model, tmp_path, threshold=0.6)
    found = outputs(imported, served_as_the_file_answers(imported), client_rows(frame[NUMBERS]))
    chosen = model.predict_proba(frame[NUMBERS])[:, 1] >= 0.6
    np.testing.assert_array_equal(found.columns["label"], chosen)


def shops(size: int = 300) -> tuple[pd.DataFrame, Any]:
    """A table with the text of one of forty shops, which decides."""
    frame, _ = people(size)
    shop = RANDOM.integers(0, 40, size)
    frame["store_id"] = pd.Series([f"S{number:03d}" for number in shop], dtype=object)
    return frame[["edad", "store_id"]], shop % 2


def shop_model(encoder: Any) -> tuple[Any, pd.DataFrame]:
    frame, odd = shops()
    columns = ColumnTransformer([("shop", encoder, ["store_id"]), ("numbers", StandardScaler(), ["edad"])])
    return make_pipeline(columns, LogisticRegression()).fit(frame, odd), frame


def test_a_column_that_the_model_uses_stays_an_input_whatever_it_is_called(tmp_path: Path) -> None:
    model, frame = shop_model(OneHotEncoder(handle_unknown="ignore"))
    imported = adopted(model, tmp_path)
    assert list(imported.contract.inputs) == ["edad", "store_id"]
    assert "if it only names rows: --id store_id" in imported.notes[0]
    check_served(imported, model, frame)


def test_a_column_that_must_hold_known_texts_cannot_name_rows(tmp_path: Path) -> None:
    model, _ = shop_model(OneHotEncoder(handle_unknown="error"))
    with pytest.raises(ImportRefused, match="'store_id' may hold its own categories only"):
        adopted(model, tmp_path, identifier="store_id")


def test_a_number_that_the_model_uses_cannot_name_rows(tmp_path: Path) -> None:
    frame, bought = people()
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame[NUMBERS], bought)
    with pytest.raises(ImportRefused, match="'saldo' is a number to the model"):
        adopted(model, tmp_path, identifier="saldo")


USED_TWICE: dict[str, list[Any]] = {
    "scaled": [("numbers", StandardScaler(), ["edad", "hijos"])],
    "passed through": [("rest", "passthrough", ["edad", "hijos"])],
    "imputed": [("numbers", SimpleImputer(), ["edad", "hijos"])],
    "in bins": [("bins", KBinsDiscretizer(3, strategy="uniform"), ["edad", "hijos"])],
}


@pytest.mark.parametrize("name", USED_TWICE)
@pytest.mark.parametrize("first", [True, False])
def test_a_number_that_is_also_a_category_stays_a_number(name: str, first: bool, tmp_path: Path) -> None:
    frame, bought = people()
    frame["hijos"] = RANDOM.integers(0, 4, len(frame))
    parts = [*USED_TWICE[name], ("codes", OneHotEncoder(handle_unknown="ignore"), ["hijos", "ciudad"])]
    if not first:
        parts.reverse()
    model = make_pipeline(ColumnTransformer(parts), LogisticRegression(max_iter=2_000)).fit(frame, bought)
    rows = frame.assign(hijos=RANDOM.integers(-3, 12, len(frame)))
    imported = adopted(model, tmp_path)
    check_served(imported, model, rows, 1e-9)


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(3),
        RandomForestRegressor(3),
        LinearRegression(),
        KNeighborsRegressor(algorithm="brute"),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_model_of_several_targets_is_refused_in_plain_words(model: Any, tmp_path: Path) -> None:
    frame, bought = people(60)
    model.fit(frame[NUMBERS], np.column_stack([bought, 1 - bought]))
    with pytest.raises(ImportRefused, match=f"{type(model).__name__} predicts 2 targets at once"):
        adopted(model, tmp_path)


@pytest.mark.parametrize("labels", [[False, True], [0.0, 1.0], [-1, 1], ["9", "10"], [7, 7]], ids=str)
def test_labels_come_back_as_they_were(labels: list[Any], tmp_path: Path) -> None:
    frame, bought = people()
    model = make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0))
    model.fit(frame[NUMBERS], np.array(labels)[bought])
    imported = adopted(model, tmp_path)
    found = outputs(imported, served_as_the_file_answers(imported), client_rows(frame[NUMBERS]))
    answered = [imported.contract.classes[place] for place in found.columns["label"]]
    assert answered == model.predict(frame[NUMBERS]).tolist()
    assert {type(label) for label in answered} == {type(labels[0])}


def test_a_text_that_an_imputer_takes_for_missing_is_one_of_the_categories(tmp_path: Path) -> None:
    frame, bought = people(missing="?")
    texts = make_pipeline(
        SimpleImputer(missing_values="?", strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    )
    columns = ColumnTransformer([("texts", texts, ["ciudad"]), ("numbers", StandardScaler(), NUMBERS)])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, bought)
    imported = adopted(model, tmp_path)
    assert check_served(imported, model, frame).family == "onnx"


def test_a_text_that_an_imputer_fills_in_may_be_sent_too(tmp_path: Path) -> None:
    frame, bought = people()
    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="falta"), OneHotEncoder(handle_unknown="ignore")
    )
    columns = ColumnTransformer([("texts", texts, ["ciudad"]), ("numbers", StandardScaler(), NUMBERS)])
    model = make_pipeline(columns, LogisticRegression()).fit(frame, bought)
    rows = frame.assign(ciudad="falta")
    imported = adopted(model, tmp_path)
    assert check_served(imported, model, rows).family == "onnx"


def test_a_number_that_stands_for_a_missing_one_is_among_the_rows_that_are_compared(tmp_path: Path) -> None:
    """A graph that reads -999 as a number would be refused."""
    frame, bought = people()
    numbers = frame[NUMBERS].copy()
    numbers.loc[::5, "saldo"] = -999.0
    model = make_pipeline(SimpleImputer(missing_values=-999.0), StandardScaler(), LogisticRegression())
    imported = adopted(model.fit(numbers, bought), tmp_path)
    assert -999.0 in imported.constants["saldo"]
    served = served_as_the_file_answers(imported)
    assert served.family == "onnx"
    assert served.verification["constants"] > 0
    assert served.verification["unreached"] == 0
    found = outputs(imported, served, client_rows(numbers))
    np.testing.assert_allclose(found.columns["probabilities"], model.predict_proba(numbers), atol=1e-12)


def test_the_report_counts_the_thresholds_that_no_row_reached(tmp_path: Path) -> None:
    frame, bought = people(1_000)
    model = RandomForestClassifier(60, random_state=0).fit(frame[NUMBERS], bought)
    imported = adopted(model, tmp_path)
    report = served_as_the_file_answers(imported).verification
    assert report["rows"] <= 20_000
    assert report["constants"] > sum(tree.tree_.node_count // 2 for tree in model.estimators_)
    assert 0 < report["unreached"] < report["constants"]


def test_the_categories_of_all_parts_are_the_columns_own(tmp_path: Path) -> None:
    frame, bought = people()
    frame["ciudad"] = RANDOM.choice(CITIES, len(frame)).astype(object)
    parts = [
        ("all", OrdinalEncoder(categories=[CITIES], handle_unknown="use_encoded_value", unknown_value=-1), ["ciudad"]),
        ("one", OneHotEncoder(categories=[["Ica"]], handle_unknown="ignore"), ["ciudad"]),
        ("numbers", StandardScaler(), NUMBERS),
    ]
    model = make_pipeline(ColumnTransformer(parts), LogisticRegression()).fit(frame, bought)
    imported = adopted(model, tmp_path)
    check_served(imported, model, frame)


def test_an_input_may_be_missing_only_where_the_model_answers_without_it(tmp_path: Path) -> None:
    """Of two parts that take saldo one fills it in; the other passes what is missing on to a model that refuses it."""
    frame, bought = people()
    parts = [("filled", SimpleImputer(), NUMBERS), ("scaled", StandardScaler(), ["saldo"])]
    model = make_pipeline(ColumnTransformer(parts), LogisticRegression(max_iter=2_000)).fit(frame[NUMBERS], bought)
    inputs = adopted(model, tmp_path).contract.inputs
    assert inputs["edad"].optional
    assert not inputs["saldo"].optional


def test_weights_of_transformers_are_compiled(tmp_path: Path) -> None:
    frame, bought = people()
    parts = [("texts", OneHotEncoder(handle_unknown="ignore"), ["ciudad"]), ("numbers", StandardScaler(), NUMBERS)]
    columns = ColumnTransformer(parts, transformer_weights={"texts": 3.0, "numbers": -0.5})
    model = make_pipeline(columns, RandomForestClassifier(5, random_state=0)).fit(frame, bought)
    imported = adopted(model, tmp_path)
    assert check_served(imported, model, frame).family == "onnx"


def test_a_threshold_at_the_end_of_a_search_is_the_models_own(tmp_path: Path) -> None:
    frame, bought = people()
    inner = make_pipeline(StandardScaler(), FixedThresholdClassifier(LogisticRegression(), threshold=0.25))
    parameter = "fixedthresholdclassifier__estimator__C"
    model = GridSearchCV(inner, {parameter: [0.1, 1.0]}, cv=2).fit(frame[NUMBERS], bought)
    imported = adopted(model, tmp_path)
    assert imported.contract.model.threshold == 0.25
    found = outputs(imported, served_as_the_file_answers(imported), client_rows(frame[NUMBERS]))
    np.testing.assert_array_equal(found.columns["label"], model.predict(frame[NUMBERS]))
