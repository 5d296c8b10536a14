"""Files that hold a dict or a list with a model in it, as scripts save them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler

from tests.formats.owned_models import adopted, client_rows, outputs
from vaticina.errors import ImportRefused
from vaticina.usecases.owner_comparison import served_as_the_file_answers

RANDOM = np.random.default_rng(3)
FRAME = pd.DataFrame({"edad": RANDOM.integers(18, 80, 120).astype(float), "saldo": RANDOM.normal(1500, 900, 120)})
BOUGHT = (FRAME.edad / 80 + FRAME.saldo / 4000 > 0.9).astype(int).to_numpy()
SCALER = StandardScaler().fit(FRAME)
MODEL = LogisticRegression().fit(SCALER.transform(FRAME), BOUGHT)
PIPELINE = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, BOUGHT)
EXPECTED = PIPELINE.predict_proba(FRAME)

BUNDLES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "a dict": ({"model": PIPELINE, "features": ["edad", "saldo"], "accuracy": 0.9}, ("model",)),
    "a dict in a dict": ({"pipeline": {"model": PIPELINE, "version": 3}}, ("pipeline.model",)),
    "a key with a point": ({"v1.0": {"model": PIPELINE}}, ("v1.0.model",)),
    "a transformer and a model": ({"model": MODEL, "scaler": SCALER}, ("scaler", "model")),
    "a list": ([PIPELINE, "churn"], ("0",)),
    "a tuple": ((SCALER, MODEL), ("0", "1")),
    "a number as key": ({1: PIPELINE}, ("1",)),
}


@pytest.mark.parametrize("name", BUNDLES)
def test_the_part_that_a_key_names_is_served(name: str, tmp_path: Path) -> None:
    bundle, keys = BUNDLES[name]
    imported = adopted(bundle, tmp_path, keys=keys)
    answered = outputs(imported, served_as_the_file_answers(imported), client_rows(FRAME)).columns
    np.testing.assert_allclose(answered["probabilities"], EXPECTED, atol=1e-12)


REFUSED: dict[str, tuple[Any, tuple[str, ...], str]] = {
    "no key": (
        {"version": 1, "clf": PIPELINE},
        (),
        r"holds a dict of version \(int\), clf \(Pipeline\); say which is the model: --key clf",
    ),
    "no such key": (
        {"model": PIPELINE},
        ("modelo",),
        r"has no part --key modelo: it holds a dict of model \(Pipeline\)",
    ),
    "a key too deep": ({"a": {"b": PIPELINE}}, ("a.b.c",), r"a\.b holds a Pipeline, which has no parts"),
    "no dict": (PIPELINE, ("model",), "holds a Pipeline, not a dict of parts; leave --key out"),
    "a transformer left out": (
        {"model": MODEL, "scaler": SCALER},
        ("model",),
        "holds a StandardScaler as scaler beside the model.*--key scaler --key model",
    ),
    "no model": ({"model": "path/to/model"}, ("model",), "is a str, which predicts nothing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_key_can_mean_is_refused(name: str, tmp_path: Path) -> None:
    bundle, keys, message = REFUSED[name]
    with pytest.raises(ImportRefused, match=message):
        adopted(bundle, tmp_path, keys=keys)


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    bundle = {"model": PIPELINE, "labels": LabelEncoder().fit(["no", "yes"]), "columns": ["edad", "saldo"]}
    notes = adopted(bundle, tmp_path, keys=("model",)).notes
    assert any("a LabelEncoder as 'labels'" in note for note in notes)
    assert any("the list 'columns' too (edad, saldo)" in note for note in notes)
