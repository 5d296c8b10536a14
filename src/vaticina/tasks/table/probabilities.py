"""Whether what a model gives for its classes are probabilities."""

import numpy as np

from vaticina.contract import Contract, Outputs

SUM_TOLERANCE = 1e-3
"""How far a row's probabilities may sum from 1: models that compute in 32 bits round."""

RANGE_TOLERANCE = 1e-6


def improper_probabilities(outputs: Outputs, contract: Contract) -> str | None:
    """Why the probabilities in ``outputs`` are none, in words; None when they are, or when there are no classes."""
    if not contract.classes:
        return None
    probabilities = outputs.columns["probabilities"]
    if probabilities.shape != (outputs.size, len(contract.classes)):
        return f"it gives numbers of shape {probabilities.shape} for {len(contract.classes)} classes"
    outside = ~np.isfinite(probabilities) | (probabilities < -RANGE_TOLERANCE) | (probabilities > 1 + RANGE_TOLERANCE)
    if outside.any():
        return f"it gives {probabilities[outside][0]:.6g} for a class, which is not between 0 and 1"
    sums = probabilities.sum(axis=1)
    wrong = np.abs(sums - 1.0) > SUM_TOLERANCE
    if wrong.any():
        return f"the numbers that it gives for the classes of a row sum to {sums[wrong][0]:.6g}, not to 1"
    return None
