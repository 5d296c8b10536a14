"""AutoGluon as a project has it trained: refusals before and artefacts after, on little data."""

import csv
import io
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tests.cli.shell import done
from tests.formats.gluon import SMALL, make
from tests.real_tables import csv_file
from tests.tasks.fitted import Trained, fitted
from vaticina.contract import load_project
from vaticina.errors import ProjectError, TrainingError
from vaticina.evaluation.metrics import roc_auc
from vaticina.formats.autogluon.fit import fit_project
from vaticina.progress import no_report

pytestmark = pytest.mark.slow

ONE = "hyperparameters = { GBM = { num_boost_round = 10 } }"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Two classes, chosen by the F1 score."""
    return fitted(load_project(make(tmp_path_factory.mktemp("two"))), fit_project, no_report)


def read(artefact: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(artefact.decode())))


def test_it_learns_and_is_measured_on_rows_it_never_saw(two: Trained) -> None:
    found = two.model.predict(two.held.matrix)
    assert roc_auc(two.held.strata, found.columns["probabilities"]) > 0.8
    assert len(two.held.matrix) == two.data["held_rows"] == 80


def test_texts_are_normalised_before_the_model_sees_them(two: Trained) -> None:
    assert two.contract.inputs["kind"].model_dump()["seen"] == ("blue", "green", "red")


def test_the_calibrated_threshold_is_the_contracts_and_decides(two: Trained) -> None:
    threshold = two.contract.model.threshold
    assert threshold is not None
    assert two.train.contract.model.threshold == two.facts["threshold"] == threshold
    assert two.model.predictor.decision_threshold == threshold
    columns = two.model.predict(two.held.matrix).columns
    assert (columns["label"] == (columns["probabilities"][:, 1] >= threshold)).all()
    assert set(columns["label"].tolist()) == {0, 1}


def test_the_threshold_is_calibrated_for_a_metric_of_its_own(tmp_path: Path) -> None:
    """The models are chosen by their probabilities all the same."""
    found = fitted(
        load_project(make(tmp_path, SMALL.replace("eval_metric", "threshold_metric"))), fit_project, no_report
    )
    assert found.model.predictor.eval_metric.name == "log_loss"
    assert found.contract.model.threshold == found.model.predictor.decision_threshold != 0.5


def test_the_leaderboard_and_the_importance_of_inputs_are_kept(two: Trained) -> None:
    board = read(two.artefacts["leaderboard.csv"])
    assert {row["model"] for row in board} >= {"LightGBM", "RandomForest", "LinearModel"}
    assert [row["model"] for row in two.facts["leaderboard"]] == [row["model"] for row in board]
    importance = {row["input"]: float(row["importance"]) for row in read(two.artefacts["feature_importance.csv"])}
    assert importance.keys() == two.contract.inputs.keys()
    assert max(importance, key=importance.__getitem__) in ("x", "y")


def test_a_number_is_predicted(tmp_path: Path) -> None:
    found = fitted(load_project(make(tmp_path, ONE, classes=0)), fit_project, no_report)
    value = found.model.predict(found.held.matrix).columns["value"]
    assert np.corrcoef(value, found.held.target)[0, 1] > 0.6
    assert "threshold" not in found.contract.model.model_fields_set


def test_three_classes_are_answered_in_the_contracts_order(tmp_path: Path) -> None:
    found = fitted(load_project(make(tmp_path, ONE, classes=3)), fit_project, no_report)
    columns = found.model.predict(found.held.matrix).columns
    assert found.contract.classes == ("no", "perhaps", "yes")
    assert columns["probabilities"].sum(axis=1) == pytest.approx(1)
    assert roc_auc(found.held.strata, columns["probabilities"]) > 0.75
    assert found.contract.model.threshold is None


@pytest.mark.parametrize(
    ("model", "error", "said"),
    [
        ('eval_metric = "beauty"', ProjectError, r"\[model\] eval_metric = 'beauty'"),
        ('presets = "excellent"', ProjectError, "excellent"),
        ('threshold_metric = "beauty"\n' + ONE, ProjectError, r"\[model\] threshold_metric = 'beauty'"),
        ("hyperparameters = { ORACLE = {} }", ProjectError, "ORACLE"),
        ("params = { colour = 3 }", ProjectError, "colour"),
    ],
)
def test_what_autogluon_does_not_know_is_refused_by_name(
    tmp_path: Path, model: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        fitted(load_project(make(tmp_path, model)), fit_project, no_report)


def test_a_real_table_through_the_contract_alone(tmp_path: Path) -> None:
    """The long form is benchmarks/gluon/tables.py: three tables, all rows, all families."""
    with csv_file("adult/adult_train.csv").open(encoding="utf-8") as file:
        (tmp_path / "adult.csv").write_text("".join(islice(file, 5_001)), encoding="utf-8")
    folder = tmp_path / "adult"
    done("init", "adult", "--from", tmp_path / "adult.csv", "--target", "income", "--folder", tmp_path)
    text = (folder / "project.toml").read_text(encoding="utf-8")
    before, _, after = text.partition("[model]\n")
    quick = '[model]\nkind = "autogluon"\nhyperparameters = { GBM = { num_boost_round = 80 } }\n'
    (folder / "project.toml").write_text(before + quick + after[after.index("[outputs]") :], encoding="utf-8")
    told = done("train", folder, "--json").json
    assert told["metrics"]["roc_auc"]["value"] > 0.89
    shown = done("models", "show", folder).out
    assert "served as onnx" in shown
    assert "leaderboard" in shown
    assert "capital_gain" in shown.partition("importance")[2]


def test_without_a_target_there_is_nothing_to_learn(tmp_path: Path) -> None:
    file = make(tmp_path, ONE) / "project.toml"
    text = file.read_text(encoding="utf-8").replace('target = "answer"\n', "").replace('answer = "label"', "")
    file.write_text(text.replace("[outputs]", ""), encoding="utf-8")
    with pytest.raises(TrainingError, match=r"\[data\] target"):
        fitted(load_project(tmp_path), fit_project, no_report)
