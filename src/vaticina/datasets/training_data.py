"""What a model of rows is trained on: a project's dataset, split into rows for training and held-out rows."""

from dataclasses import dataclass
from typing import Any

from vaticina.contract import Project
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.dataset_reader import read_dataset
from vaticina.datasets.generator import run_generator
from vaticina.datasets.params import Params, read_params
from vaticina.progress import Report


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The rows to ``train`` on, the rows that are ``held_out`` for measuring, and the project's parameters.

    ``summary`` describes the dataset, ``facts`` holds what makes the training repeatable: both as a version keeps them.
    """

    train: Dataset
    held_out: Dataset
    params: Params
    summary: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """The seed and the parameters of the model."""
        return {"seed": self.params.seed, "params": dict(self.params.model)}


def read_training_data(project: Project, report: Report) -> TrainingData:
    """The project's dataset, generated if it must be, read and split. Raises DataError and ProjectError."""
    report("reading the data", 0.0)
    run_generator(project)
    params = read_params(project)
    dataset = read_dataset(project)
    dataset.contract.check_outputs()
    split = dataset.split(params.test_size, params.seed)
    train, held_out = dataset.take(split.train), dataset.take(split.held_out)
    summary = {
        "rows": dataset.size,
        "train_rows": train.size,
        "held_rows": held_out.size,
        "fingerprint": dataset.fingerprint,
        "target": project.data.target,
        "notes": dataset.notes,
    }
    return TrainingData(train, held_out, params, summary)
