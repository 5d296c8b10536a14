"""A project's model as it is fitted, before it is compiled and published."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from vaticina.contract import Contract, Matrix, Project
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.training_data import read_training_data
from vaticina.progress import Report
from vaticina.tasks.row_training import Fit


@dataclass(frozen=True)
class Trained:
    model: Any
    contract: Contract
    train: Dataset
    held: Dataset
    facts: dict[str, Any]
    data: dict[str, Any]
    artefacts: dict[str, bytes]

    @property
    def rows(self) -> Matrix:
        return np.concatenate([self.train.matrix, self.held.matrix])


def fitted(project: Project, fit: Fit, report: Report) -> Trained:
    data = read_training_data(project, report)
    model = fit(project, data, report)
    contract = model.contract
    facts = {**model.facts, **data.facts}
    train, held = data.train.with_contract(contract), data.held_out.with_contract(contract)
    return Trained(model.model, contract, train, held, facts, data.summary, model.artefacts)
