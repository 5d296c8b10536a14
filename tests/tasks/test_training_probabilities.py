"""A model of our own training is published only when what it gives for classes are probabilities."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vaticina.contract import Matrix, Project, load_project
from vaticina.datasets.training_data import TrainingData
from vaticina.errors import TrainingError
from vaticina.progress import Report, no_report
from vaticina.tasks.row_training import FittedModel, train_on_rows
from vaticina.tasks.table import TableTask
from vaticina.tasks.table.measure import measure_table
from vaticina.tasks.task import TrainingRequest

PROJECT = """
format = 1
[project]
name = "tienda"
[data]
source = "people.csv"
target = "bought"
[inputs.age]
type = "number"
[inputs.city]
type = "category"
[model]
kind = "table"
"""


class Scores:
    """A classifier that gives scores where probabilities are due."""

    def __init__(self, scores: tuple[float, float]) -> None:
        self.scores = scores

    def predict_proba(self, rows: Matrix) -> Matrix:
        return np.tile(self.scores, (len(rows), 1))


@pytest.mark.parametrize("scores", [(-1.0, 2.0), (0.2, 0.2), (np.nan, 1.0)], ids=str)
def test_scores_are_no_probabilities(scores: tuple[float, float], tmp_path: Path) -> None:
    lines = ["age,city,bought"]
    for number in range(80):
        lines.append(f"{20 + number % 40},{'Lima' if number % 3 else 'Ica'},{'yes' if number % 2 else 'no'}")
    (tmp_path / "people.csv").write_text("\n".join(lines))
    (tmp_path / "project.toml").write_text(PROJECT)

    def fit(project: Project, data: TrainingData, report: Report) -> FittedModel:
        model: Any = Scores(scores)
        return FittedModel(model, data.train.contract, {})

    request = TrainingRequest(load_project(tmp_path))
    with pytest.raises(TrainingError, match="does not give probabilities"):
        train_on_rows(TableTask(), request, fit, measure_table, no_report)
