"""The native runtime: the fitted Python model itself, opened through the audit."""

import pickle
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Bundle, Contract, Matrix, Outputs

MODEL = "model.pkl"
"""The file of a bundle that holds the model, as a plain pickle."""


class Opener(Protocol):
    """Opens a pickle only when every name in it is allowed. Raises PickleRefused."""

    def __call__(self, data: bytes, where: str) -> Any:
        """The object in ``data``; ``where`` names it in errors."""
        ...


class NativeRuntime:
    """Asks a fitted scikit-learn model, or one of ours in its manner."""

    family = "native"

    def __init__(self, model: Any, contract: Contract) -> None:
        self._model = model
        self._ask = asker(model, contract)

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, columns)."""
        return self._ask(matrix)

    def files(self) -> dict[str, bytes]:
        """The model as a bundle holds it."""
        return {MODEL: pickle.dumps(self._model, protocol=5)}

    def close(self) -> None:
        """Nothing is held open."""


def load(bundle: Bundle, open_pickle: Opener) -> NativeRuntime:
    """The runtime of a bundle's ``model.pkl``. Raises BundleCorrupt and PickleRefused."""
    model = open_pickle(bundle.read(MODEL), f"{MODEL} of version {bundle.version}")
    return NativeRuntime(model, bundle.manifest.contract)


def asker(model: Any, contract: Contract) -> Callable[[Matrix], Outputs]:
    """How ``model`` is asked for what the contract's kind promises."""
    if contract.model.kind == "clusters":
        return lambda matrix: _clusters(model, matrix)
    if contract.classes:
        return lambda matrix: _classes(model, matrix, contract)
    return lambda matrix: _value(model, matrix)


def _classes(model: Any, matrix: Matrix, contract: Contract) -> Outputs:
    probabilities = np.asarray(model.predict_proba(matrix), dtype=np.float64)
    return Outputs(len(matrix), {"label": label_of(probabilities, contract), "probabilities": probabilities})


def label_of(probabilities: Matrix, contract: Contract) -> NDArray[np.int64]:
    """The likelier class, or the positive one from the contract's threshold on: (n,) indices."""
    likelier: NDArray[np.int64] = probabilities.argmax(axis=1)
    if contract.model.threshold is None or len(contract.classes) != 2:
        return likelier
    positive = contract.positive_index
    return np.where(probabilities[:, positive] >= contract.model.threshold, positive, 1 - positive)


def _value(model: Any, matrix: Matrix) -> Outputs:
    return Outputs(len(matrix), {"value": np.asarray(model.predict(matrix), dtype=np.float64).reshape(len(matrix))})


def _clusters(model: Any, matrix: Matrix) -> Outputs:
    cluster, score, anomaly = model.predict(matrix)
    return Outputs(len(matrix), {"cluster": cluster, "score": score, "anomaly": anomaly})
