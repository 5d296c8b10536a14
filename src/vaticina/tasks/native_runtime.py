"""The runtime of models that are not compiled: the fitted Python object itself, from a pickle that was audited."""

import pickle

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.tasks.task import Task

PICKLE_FILE = "model.pkl"
"""The file of a bundle that holds the model, as a plain pickle."""


class NativeRuntime:
    """Asks a fitted scikit-learn model, or one of ours that is asked in the same way, as its task says."""

    family = "native"
    served_as = "natively"

    def __init__(self, model: object, contract: Contract, task: Task) -> None:
        self._model = model
        self._contract = contract
        self._task = task

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns)."""
        return self._task.predict(self._model, matrix, self._contract)

    def files(self) -> dict[str, bytes]:
        """The model as a bundle holds it."""
        return {PICKLE_FILE: pickle.dumps(self._model, protocol=5)}

    def close(self) -> None:
        """Nothing is held open."""
