"""Every task passes one contract suite, and every ``[model] kind`` fits a task and its formats."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import numpy as np
import orjson
import pytest

from tests.tasks.waves import wave
from vaticina.contract import Answers, Contract, Encoder, Matrix, Project
from vaticina.contract.envelope import make_validator
from vaticina.contract.kinds import KINDS, TaskName
from vaticina.contract.project import default_outputs, parse_project
from vaticina.datasets.series_file import read_series_file
from vaticina.datasets.training_data import read_training_data
from vaticina.exact.session import GraphSession
from vaticina.formats import FORMATS, TRAINERS
from vaticina.progress import no_report
from vaticina.tasks import TASKS, task_of
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.clusters.fit import fit_project_clusters
from vaticina.tasks.row_training import Fit
from vaticina.tasks.served_model import ServedModel
from vaticina.tasks.table.fit import fit_table
from vaticina.tasks.task import Task, TrainingRequest
from vaticina.tasks.window.fit import train_window
from vaticina.tasks.window.params import read_window_params

ROWS = """
[project]
name = "sample"
[data]
source = "data.csv"
{target}
[model]
{model}
[inputs.x]
type = "number"
[inputs.c]
type = "{second}"
"""

SERIES = """
[project]
name = "sample"
[data]
source = "data.csv"
[model]
kind = "window"
params = { window_size = 8, horizon = 2, epochs = 5 }
[inputs.data]
type = "series"
"""

CASES = {
    "classes": ROWS.format(
        target='target = "label"', model='estimator = "sklearn.linear_model.LogisticRegression"', second="category"
    ),
    "number": ROWS.format(
        target='target = "value"', model='estimator = "sklearn.linear_model.Ridge"', second="category"
    ),
    "clusters": ROWS.format(
        target="", model='kind = "clusters"\nclusters = 2\nparams = { trees = 20 }', second="number"
    ),
    "window": SERIES,
}
"""What each task is trained on: the table on classes, and on a number."""


@dataclass(frozen=True)
class Trained:
    task: Task
    candidate: Candidate
    project: Project


@dataclass(frozen=True)
class Fitted:
    """A model before it is compiled, with rows (n, columns) as it takes them."""

    task: Task
    model: object
    contract: Contract
    rows: Matrix


def write_rows(file: Path, second: Callable[[int], object]) -> None:
    random = np.random.default_rng(0)
    lines = ["x,c,label,value"]
    for row, x in enumerate(random.normal(size=300)):
        group = int(random.integers(0, 3))
        label = "yes" if x + group > 1 else "no"
        lines.append(f"{x:.3f},{second(group)},{label},{x + 2 * group + row % 5 / 10:.3f}")
    file.write_text("\n".join(lines) + "\n")


def write_series(file: Path) -> None:
    readings = wave(120)
    lines = ["timestamp,value"]
    for moment, value in zip(readings.moments.tolist(), readings.values.tolist(), strict=True):
        lines.append(f"{datetime.fromtimestamp(moment, UTC).isoformat()},{value}")
    file.write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module", params=CASES)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "window":
        write_series(folder / "data.csv")
    elif request.param == "clusters":
        write_rows(folder / "data.csv", float)
    else:
        write_rows(folder / "data.csv", "abc".__getitem__)
    return parse_project(CASES[request.param], folder / "project.toml")


@pytest.fixture(scope="module")
def trained(project: Project) -> Trained:
    task = TASKS[project.kind.task]
    return Trained(task, task.train(TrainingRequest(project), no_report), project)


@pytest.fixture(scope="module")
def fitted(project: Project) -> Fitted:
    task = TASKS[project.kind.task]
    if project.kind.task == "window":
        params = project.model.params
        assert not isinstance(params, str)
        window = train_window(read_series_file(project), read_window_params(params, {}), 0.2, 0, no_report)
        return Fitted(task, window.model, project.draft(), window.samples.rows)
    fits: dict[str, Fit] = {"table": fit_table, "clusters": fit_project_clusters}
    data = read_training_data(project, no_report)
    model = fits[project.kind.task](project, data, no_report)
    return Fitted(task, model.model, model.contract, data.train.matrix)


def rows_of(candidate: Candidate) -> list[dict[str, Any]]:
    """The inputs of the examples, as a server reads them from a manifest."""
    check = make_validator(candidate.contract).check
    return [check(orjson.loads(example.model_dump_json())["input"]) for example in candidate.examples]


def test_a_candidate_has_a_verified_graph_and_says_how_it_was_made(trained: Trained) -> None:
    candidate = trained.candidate
    assert task_of(candidate.contract) is trained.task
    assert candidate.served.verification["verified"], candidate.served.verification
    assert all(name.endswith(".onnx") for name in candidate.served.files)
    assert candidate.metrics
    assert candidate.training["estimator"]
    assert candidate.data["rows"]


def test_the_examples_are_what_the_runtime_answers(trained: Trained) -> None:
    candidate = trained.candidate
    assert isinstance(candidate.served, ServedModel)
    outputs = candidate.served.runtime.predict(Encoder(candidate.contract).matrix(rows_of(candidate)))
    assert outputs.size == len(candidate.examples) > 1
    for index, example in enumerate(candidate.examples):
        assert outputs.row(index) == example.outputs


def test_the_default_outputs_can_be_answered(trained: Trained) -> None:
    candidate = trained.candidate
    candidate.contract.check_outputs()
    rows = rows_of(candidate)
    assert isinstance(candidate.served, ServedModel)
    outputs = candidate.served.runtime.predict(Encoder(candidate.contract).matrix(rows))
    uids = list(map(str, range(len(rows))))
    shaped = Answers(candidate.contract, "1", dict(candidate.metrics)).shape(rows, outputs, uids, datetime.now(UTC))
    for body in shaped.bodies:
        answer = orjson.loads(body)
        assert answer.keys() == default_outputs(trained.project.kind, candidate.contract.classes).keys()
        assert None not in answer.values()


def test_the_graph_answers_what_the_model_answers(fitted: Fitted) -> None:
    compiled = fitted.task.compile(fitted.model, fitted.contract)
    expected = fitted.task.predict(fitted.model, fitted.rows, fitted.contract)
    actual = GraphSession(compiled.graph).run(fitted.rows)
    assert expected.size == len(fitted.rows)
    assert actual.keys() == expected.columns.keys()
    for name, column in expected.columns.items():
        np.testing.assert_allclose(actual[name], column, rtol=1e-9, atol=1e-12)


def test_rows_to_verify_on_are_rows_of_the_model_and_each_is_a_tie_or_not(fitted: Fitted) -> None:
    compiled = fitted.task.compile(fitted.model, fitted.contract)
    kinds = fitted.task.verification_rows(fitted.contract, fitted.rows, compiled).by_kind
    ties = fitted.task.ties(fitted.model, fitted.contract)
    assert sum(map(len, kinds.values())) > len(fitted.rows)
    for rows in filter(len, kinds.values()):
        assert rows.shape[1] == fitted.rows.shape[1]
        is_tie = ties(rows, fitted.task.predict(fitted.model, rows, fitted.contract).columns)
        assert is_tie.shape == (len(rows),)
        assert is_tie.dtype.kind == "b"


def test_what_a_model_answers_is_what_its_task_expects(fitted: Fitted) -> None:
    outputs = fitted.task.predict(fitted.model, fitted.rows, fitted.contract)
    assert fitted.task.output_error(outputs, fitted.contract) is None


def test_every_task_of_the_contract_is_in_the_table_and_trained_above() -> None:
    assert TASKS.keys() == set(get_args(TaskName))
    assert {parse_project(text, Path("project.toml")).kind.task for text in CASES.values()} == TASKS.keys()


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_a_task_and_a_trainer(name: str) -> None:
    assert KINDS[name].task in TASKS
    assert (KINDS[name].trainer == "format") == (name in TRAINERS)


@pytest.mark.parametrize("classes", [(), ("a", "b"), ("a", "b", "c")])
@pytest.mark.parametrize("name", KINDS)
def test_the_default_outputs_of_a_kind_are_among_its_quantities(name: str, classes: tuple[str, ...]) -> None:
    kind = KINDS[name]
    assert set(kind.default_outputs(classes).values()) <= kind.quantities(classes)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_brings_models_of_a_kind_whose_models_are_made_elsewhere_or_of_clusters(name: str) -> None:
    kind = KINDS[FORMATS[name].kind]
    assert kind.trainer == "nobody" or kind.task == "clusters"
