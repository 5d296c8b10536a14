"""What training chooses on real tables is compiled, proved and published, within the time that publishing may take."""

import shutil
import time
from pathlib import Path

import pytest

from tests.cli.shell import done
from tests.real_tables import TABLES, csv_file
from vaticina.bootstrap import Workspace
from vaticina.datasets.contract_inference import infer_contract
from vaticina.tasks import served_form
from vaticina.tasks.table.pipelines import compared_pipelines
from vaticina.usecases.release import Published
from vaticina.usecases.train import train

NAMES = ("adult", "bank_marketing", "german_credit", "diamonds", "online_shoppers", "heart_disease", "ktas_triage")

EXAMPLES = Path(__file__).parents[2] / "src" / "vaticina" / "examples"

LONGEST = 60.0
"""Seconds that compiling and verifying may add to publishing."""

ROWS = 5_000


def published(folder: Path) -> tuple[Published, float]:
    """What training the project published, and the seconds that compiling and verifying took."""
    times = {}

    def note(step: str, _: float) -> None:
        times[step] = time.monotonic()

    result = train(Workspace(folder), note)
    return result, times["measuring on held-out rows"] - times["compiling and verifying"]


def check(result: Published, seconds: float) -> None:
    manifest = result.manifest
    assert manifest.runtime == "onnx", manifest.verification
    assert manifest.verification["verified"]
    assert manifest.verification["flips"] == 0
    assert manifest.verification["near_rows"] <= 20_000
    assert seconds <= LONGEST


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_init_chooses_is_compiled(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, target = TABLES[name]
    monkeypatch.chdir(tmp_path)
    done("init", "project", "--from", csv_file(file), "--target", target)
    check(*published(tmp_path / "project"))


@pytest.mark.parametrize("name", ["medico", "contugas"])
def test_an_example_is_compiled(name: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / name, tmp_path / name)
    check(*published(tmp_path / name))


@pytest.mark.parametrize("name", NAMES)
def test_what_might_have_been_chosen_is_compiled_as_well(name: str, tmp_path: Path) -> None:
    file, target = TABLES[name]
    data = infer_contract(csv_file(file), "project", target).dataset.sample(ROWS)
    for candidate in compared_pipelines(data.contract.columns, bool(data.contract.classes)).values():
        form = served_form(candidate.fit(data.matrix, data.target), data.contract, data.matrix)
        assert form.family == "onnx", form.verification
