"""A project's model as it is fitted, before it is compiled and published."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from vaticina.contract import Contract, Matrix, Project
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.parts import read_parts
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
    parts = read_parts(project, report)
    model = fit(project, parts, report)
    contract = model.contract
    facts = {**model.facts, **parts.facts}
    train, held = parts.train.under(contract), parts.held.under(contract)
    return Trained(model.model, contract, train, held, facts, parts.data, model.artefacts)
