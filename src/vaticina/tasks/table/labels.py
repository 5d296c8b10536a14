"""Which class is answered for each row."""

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Contract, Matrix


def label_of(probabilities: Matrix, contract: Contract) -> NDArray[np.int64]:
    """The likeliest class, or the positive one from the contract's threshold on: (n,) indices into its classes."""
    likeliest: NDArray[np.int64] = probabilities.argmax(axis=1)
    if contract.model.threshold is None or len(contract.classes) != 2:
        return likeliest
    positive = contract.positive_index
    return np.where(probabilities[:, positive] >= contract.model.threshold, positive, 1 - positive)
