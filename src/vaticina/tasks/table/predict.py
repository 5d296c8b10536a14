"""Predicting with a fitted classifier or regressor."""

from typing import Any

import numpy as np

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.tasks.table.labels import label_of


def predict_table(model: Any, matrix: Matrix, contract: Contract) -> Outputs:
    """The labels and probabilities, or the values, that ``model`` gives for ``matrix`` (n, columns).

    A model that ``answers_labels`` says itself which class it answers, unless the contract has a threshold.
    """
    if contract.classes and contract.model.threshold is None and getattr(model, "answers_labels", False):
        label, probabilities = model.classify(matrix)
        return Outputs(len(matrix), {"label": label, "probabilities": probabilities})
    if contract.classes:
        probabilities = np.asarray(model.predict_proba(matrix), dtype=np.float64)
        return Outputs(len(matrix), {"label": label_of(probabilities, contract), "probabilities": probabilities})
    return Outputs(len(matrix), {"value": np.asarray(model.predict(matrix), dtype=np.float64).reshape(len(matrix))})
