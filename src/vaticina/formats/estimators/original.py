"""The objects of somebody's files, asked as their owner asks them: raw rows, and the library's public methods."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.foreign.interpreter import ForeignInterpreter
from vaticina.formats.adoption import AskOriginal
from vaticina.formats.estimators.bundle_parts import PartPlace
from vaticina.formats.estimators.frame_model import FrameColumn, label_places, probabilities, values
from vaticina.formats.estimators.owner_rows import owner_columns, owner_matrix, owner_table
from vaticina.tasks.table.labels import label_of


class OriginalModel:
    """``objects`` in the order in which rows pass them, the model last, and the ``columns`` that they take.

    ``has_names``: the first object was fitted to a table with names, not to a matrix. ``decides``: the model's own
    ``predict`` says which class is answered; else the contract's threshold does, which somebody chose for it.
    """

    def __init__(
        self,
        objects: Sequence[Any],
        columns: Sequence[FrameColumn],
        contract: Contract,
        *,
        has_names: bool,
        decides: bool,
    ) -> None:
        self._transformers = list(objects[:-1])
        self._model = objects[-1]
        self._columns = list(columns)
        self._contract = contract
        self._has_names = has_names
        self._decides = decides

    def ask(self, matrix: Matrix) -> Outputs:
        """What the owner gets for the encoded rows ``matrix`` (n, columns)."""
        rows = self._transformed(matrix)
        if not self._contract.classes:
            return Outputs(len(matrix), {"value": values(self._model, rows)})
        shares = probabilities(self._model, rows)
        label = label_of(shares, self._contract)
        if self._decides and hasattr(self._model, "classes_"):
            label = label_places(self._model, rows)
        return Outputs(len(matrix), {"label": label, "probabilities": shares})

    def targets(self, matrix: Matrix) -> int:
        """How many labels or numbers ``predict`` answers for each row of ``matrix`` (n, columns); 1 if it refuses."""
        try:
            answer = np.asarray(self._model.predict(self._transformed(matrix)))
        except Exception:  # it is asked for many more rows when what is served of it is compared with it
            return 1
        if answer.ndim < 2 or not hasattr(self._model, "fit"):
            return 1  # a booster that is no estimator answers a probability for each class
        return int(answer.shape[1])

    def _transformed(self, matrix: Matrix) -> Any:
        """What the model is given."""
        rows: Any = owner_matrix(self._columns, matrix)
        if self._has_names:
            rows = owner_table(self._columns, matrix)
        for transformer in self._transformers:
            rows = transformer.transform(rows)
        return rows


def ask_elsewhere(
    interpreter: ForeignInterpreter,
    parts: Sequence[PartPlace],
    columns: Sequence[FrameColumn],
    contract: Contract,
    *,
    decides: bool,
) -> AskOriginal:
    """Asks the objects at ``parts``, in order, in the ``interpreter`` of their versions."""
    files = [place.file for place in parts]
    keys = {str(number): list(place.path) for number, place in enumerate(parts)}
    question = {"parts": files, "keys": keys, "columns": [column["name"] for column in columns]}

    def ask(matrix: Matrix) -> Outputs:
        answer = interpreter.answers(question, owner_columns(columns, matrix))
        if not contract.classes:
            return Outputs(len(matrix), {"value": answer["value"].reshape(len(matrix))})
        shares = answer["probabilities"]
        label = label_of(shares, contract)
        if decides and "label" in answer:
            label = answer["label"]
        return Outputs(len(matrix), {"label": label, "probabilities": shares})

    return ask
