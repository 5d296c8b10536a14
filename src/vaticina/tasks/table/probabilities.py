"""Whether what a model gives for its classes are probabilities."""

import numpy as np

from vaticina.contract import Contract, Matrix, Outputs

SUM_TOLERANCE = 1e-3
"""How far a row's probabilities may sum from 1: models that compute in 32 bits round."""

RANGE_TOLERANCE = 1e-6

SILENT_SHARE = 0.1
"""Share of rows for which a model may give 0 for every class: one against the rest does, far from its data."""


def improper_probabilities(outputs: Outputs, contract: Contract) -> str | None:
    """Why the probabilities in ``outputs`` are none, in words; None when they are, or when there are no classes."""
    if not contract.classes:
        return None
    probabilities = outputs.columns["probabilities"]
    if probabilities.shape != (outputs.size, len(contract.classes)):
        return f"it gives numbers of shape {probabilities.shape} for {len(contract.classes)} classes"
    return improper_rows(probabilities)


def improper_rows(probabilities: Matrix) -> str | None:
    """Why the rows of ``probabilities`` (n, classes) are none, in words; None when they are."""
    outside = ~np.isfinite(probabilities) | (probabilities < -RANGE_TOLERANCE) | (probabilities > 1 + RANGE_TOLERANCE)
    if outside.any():
        return f"it gives {probabilities[outside][0]:.6g} for a class, which is not between 0 and 1"
    sums = probabilities.sum(axis=1)
    is_silent = ~probabilities.any(axis=1)
    if is_silent.mean() > SILENT_SHARE:
        return f"it gives 0 for every class of {is_silent.sum()} of {len(probabilities)} rows"
    wrong = ~is_silent & (np.abs(sums - 1.0) > SUM_TOLERANCE)
    if wrong.any():
        return f"the numbers that it gives for the classes of a row sum to {sums[wrong][0]:.6g}, not to 1"
    return None
