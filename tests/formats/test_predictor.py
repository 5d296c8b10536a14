"""A folder that AutoGluon saved elsewhere becomes a project: audited, of the right version, compiled if it can be."""

import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from autogluon.tabular import TabularPredictor

from tests.compat.terminal import Terminal
from vaticina.contract import Encoder, Validator, load_project
from vaticina.errors import ForeignVersion, PickleRefused
from vaticina.foreign.isolation import Isolation
from vaticina.formats import find_source
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.autogluon import fit as autogluon
from vaticina.formats.autogluon.adopt import adopt_predictor
from vaticina.progress import no_report
from vaticina.tasks import served_form

pytestmark = pytest.mark.slow

LABEL = "condition"
NEVER = Isolation(cache=Path(), never=True)


def items(rows: int = 500) -> pd.DataFrame:
    """Texts, whole numbers, other numbers and flags, as somebody's notebook has them."""
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "kind": random.choice(["gold", "silver", "free"], rows),
            "side": random.choice(["left", "right"], rows),
            "stock": random.integers(0, 30, rows),
            "amount": random.normal(50, 20, rows).round(2),
            "pickup": random.random(rows) < 0.5,
        }
    )
    score = frame.stock / 15 + (frame.kind == "gold") + frame.pickup * 0.5 + random.normal(0, 0.4, rows)
    frame[LABEL] = np.where(score > 1.4, "new", "used")
    return frame


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made as the original made its own: a label, the F1 score, a calibrated threshold."""
    folder = tmp_path_factory.mktemp("elsewhere") / "runs"
    with autogluon.quietly():
        TabularPredictor(label=LABEL, eval_metric="f1", path=str(folder), verbosity=0).fit(
            items(),
            hyperparameters={"GBM": {"num_boost_round": 20}, "RF": {"n_estimators": 8}},
            calibrate_decision_threshold=True,
            num_cpus=1,
        )
    return folder


@pytest.fixture(scope="module")
def imported(runs: Path) -> AdoptedModel:
    return adopt_predictor(Adoption(source=find_source(runs), name="listings", isolation=NEVER), no_report)


def test_the_contract_is_read_from_the_predictor(imported: AdoptedModel) -> None:
    inputs = imported.contract.inputs
    assert {name: field.type for name, field in inputs.items()} == {
        "kind": "category",
        "side": "category",
        "stock": "integer",
        "amount": "number",
        "pickup": "flag",
    }
    assert inputs["kind"].model_dump()["seen"] == ("free", "gold", "silver")
    assert imported.contract.classes == ("new", "used")
    assert {name: output.quantity for name, output in imported.contract.outputs.items()} == {
        "prediction": "label",
        "probability": "positive_probability",
    }


def test_it_answers_as_autogluon_itself_does(imported: AdoptedModel, runs: Path) -> None:
    frame = items(80)
    rows: list[Any] = frame.drop(columns=LABEL).to_dict("records")
    matrix = Encoder(imported.contract).matrix(list(map(Validator(imported.contract).check, rows)))
    with autogluon.quietly():
        predictor = TabularPredictor.load(str(runs), verbosity=0)
        expected: Any = predictor.predict_proba(frame)[list(imported.contract.classes)].to_numpy()
        labels = predictor.predict(frame).tolist()
        answers = imported.model.predict(matrix).columns
    assert answers["probabilities"] == pytest.approx(expected, abs=1e-6)
    assert np.take(imported.contract.classes, answers["label"]).tolist() == labels


def test_the_calibrated_threshold_comes_with_it(imported: AdoptedModel) -> None:
    assert imported.contract.model.threshold == imported.model.predictor.decision_threshold
    assert imported.contract.positive == imported.model.predictor.positive_class


def test_it_compiles_with_its_whole_numbers_cut_as_autogluon_cuts_them(imported: AdoptedModel) -> None:
    served = served_form(imported.model, imported.contract, imported.rows)
    assert served.family == "onnx", str(served.verification)
    assert served.verification["flips"] == 0


def test_a_pickle_that_wants_more_is_refused_before_anything_is_opened(runs: Path, tmp_path: Path) -> None:
    bad = Path(shutil.copytree(runs, tmp_path / "runs"))
    (bad / "models" / "trainer.pkl").write_bytes(pickle.dumps(os.system))
    with pytest.raises(PickleRefused, match=r"models/trainer\.pkl is not opened: it wants posix\.system"):
        adopt_predictor(Adoption(source=find_source(bad), name="listings", isolation=NEVER), no_report)


def test_another_version_is_refused_with_both_named(runs: Path, tmp_path: Path) -> None:
    old = Path(shutil.copytree(runs, tmp_path / "runs"))
    (old / "version.txt").write_text("1.2", encoding="utf-8")
    with pytest.raises(ForeignVersion, match=r"made by AutoGluon 1\.2, and 1\.[0-9.]+ is installed"):
        adopt_predictor(Adoption(source=find_source(old), name="listings", isolation=NEVER), no_report)


def test_vaticina_import_runs(runs: Path, tmp_path: Path) -> None:
    shutil.copytree(runs, tmp_path / "runs")
    said = Terminal(tmp_path).run("vaticina import runs/ --name listings")
    assert "in production now" in said
    assert "compiled and verified" in said
    project = load_project(tmp_path / "listings")
    assert project.model.kind == "imported"
    assert "worker" not in Terminal(tmp_path).run("vaticina models show listings")
