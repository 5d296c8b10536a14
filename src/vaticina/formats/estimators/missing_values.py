"""Which inputs a model really answers without: what its parts tell of missing values is put to the model itself."""

from collections.abc import Mapping, Sequence

import numpy as np

from vaticina.contract import Contract, Matrix
from vaticina.contract.fields import AnyInput
from vaticina.formats.estimators.frame_model import FrameModel


def required_inputs(model: FrameModel, contract: Contract, rows: Matrix) -> list[str]:
    """The optional inputs without which ``model`` refuses a row, or answers no number; ``rows`` are of its kind."""
    complete = _complete_row(rows)
    if not _answers(model, contract, complete):
        return []
    required = []
    for index, column in enumerate(contract.columns):
        if contract.inputs[column.input].optional:
            incomplete = complete.copy()
            incomplete[:, index] = np.nan
            if not _answers(model, contract, incomplete):
                required.append(column.input)
    return required


def without_optional(inputs: Mapping[str, AnyInput], names: Sequence[str]) -> dict[str, AnyInput]:
    """``inputs``, of which those called ``names`` must be given."""
    changed = dict(inputs)
    for name in names:
        changed[name] = inputs[name].model_copy(update={"optional": False})
    return changed


def _complete_row(rows: Matrix) -> Matrix:
    """A row (1, columns) in which nothing is missing."""
    complete = np.zeros((1, rows.shape[1]))
    for index, column in enumerate(rows.T):
        present = column[~np.isnan(column)]
        if len(present):
            complete[0, index] = present[0]
    return complete


def _answers(model: FrameModel, contract: Contract, row: Matrix) -> bool:
    try:
        if contract.classes:
            return bool(np.isfinite(model.predict_proba(row)).all())
        return bool(np.isfinite(model.predict(row)).all())
    except Exception:  # a model of others raises what it pleases
        return False
