"""What is served of a model of somebody else is what its owner gets from the library itself, labels too."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

from vaticina.contract import Encoder, Outputs
from vaticina.contract.envelope import make_validator
from vaticina.errors import ImportRefused
from vaticina.foreign.isolation import Isolation
from vaticina.formats import file_formats, recognise
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.estimators.frame_model import FrameModel
from vaticina.formats.source import file_source
from vaticina.progress import no_report
from vaticina.tasks.served_model import ServedModel
from vaticina.usecases.owner_comparison import served_as_the_file_answers

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")

RANDOM = np.random.default_rng(8)
NUMBERS = ["edad", "saldo"]
CITIES = ["Lima", "Cusco", "Ica"]


def people(size: int = 240, *, missing: Any = np.nan) -> tuple[pd.DataFrame, Any]:
    """A table of people and whether each bought; every ninth city is ``missing``."""
    frame = pd.DataFrame(
        {
            "edad": RANDOM.integers(18, 80, size).astype(float),
            "saldo": np.round(RANDOM.normal(1500, 900, size), 2),
            "ciudad": RANDOM.choice(CITIES, size).astype(object),
        }
    )
    bought = frame.edad / 80 + (frame.ciudad == "Ica") * 0.6 + RANDOM.normal(0, 0.3, size) > 0.8
    frame["ciudad"] = pd.Series(
        [missing if row % 9 == 0 else city for row, city in enumerate(frame.ciudad)], dtype=object
    )
    return frame, bought.astype(int).to_numpy()


def adopted(model: Any, folder: Path, **options: Any) -> AdoptedModel:
    file = folder / "model.pkl"
    file.write_bytes(pickle.dumps(model))
    source = file_source(file)
    adoption = Adoption(
        source=source,
        name="tienda",
        isolation=Isolation(cache=Path(), never=True),
        file_formats=file_formats(source),
        **options,
    )
    return recognise(source).adopt(adoption, no_report)


def outputs(model: AdoptedModel, served: ServedModel, rows: list[dict[str, Any]]) -> Outputs:
    """What is served for a client's rows."""
    checked = make_validator(model.contract).check_all(rows)
    return served.runtime.predict(Encoder(model.contract).matrix(checked))


def client_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return plain.to_dict("records")  # type: ignore[no-any-return]


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
    found = outputs(imported, served_as_the_file_answers(imported), client_rows(rows))
    np.testing.assert_allclose(found.columns["probabilities"], model.predict_proba(rows), atol=1e-12)


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
