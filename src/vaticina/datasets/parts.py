"""A project's rows, divided into those to train on and those held out for measuring."""

import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from vaticina.contract import Project
from vaticina.datasets.dataset import Dataset, read_dataset
from vaticina.datasets.params import Params, read_params
from vaticina.errors import DataError
from vaticina.progress import Report


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows to ``train`` on, the rows ``held`` out, and the project's parameters.

    ``data`` tells what they were made of, ``facts`` which parameters make the training repeatable: both as a version
    keeps them.
    """

    train: Dataset
    held: Dataset
    params: Params
    data: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """The seed and the parameters of the model."""
        return {"seed": self.params.seed, "params": dict(self.params.model)}


def read_parts(project: Project, report: Report) -> Parts:
    """The project's data, generated if need be, read and divided. Raises DataError and ProjectError."""
    report("reading the data", 0.0)
    generate(project)
    params = read_params(project)
    dataset = read_dataset(project)
    dataset.contract.check_outputs()
    split = dataset.split(params.test_size, params.seed)
    train, held = dataset.take(split.train), dataset.take(split.held)
    data = {
        "rows": dataset.size,
        "train_rows": train.size,
        "held_rows": held.size,
        "fingerprint": dataset.fingerprint,
        "target": project.data.target,
        "notes": dataset.notes,
    }
    return Parts(train, held, params, data)


def generate(project: Project) -> None:
    """Runs the project's own generator when its source is not there yet. Raises DataError."""
    source, script = project.data.source, project.data.generator
    if source is None or script is None or (project.folder / source).exists():
        return
    command = [sys.executable, script]
    ran = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)  # noqa: S603 -- the project's own script
    if ran.returncode or not (project.folder / source).exists():
        reason = (ran.stderr.strip().splitlines() or ["it wrote no such file"])[-1]
        raise DataError(f"{script} did not make {source}: {reason}")
