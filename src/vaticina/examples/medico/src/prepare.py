"""Patients' values on one scale, from 0 to 1 over the ranges that the contract declares."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

RANGES = {"edad": (0.0, 150.0), "fiebre": (35.0, 45.0), "dolor": (0.0, 10.0)}
"""Years, °C, and points of a scale of pain."""


def normalise(name: str, values: Values) -> Values:
    """``values`` of the input ``name``, 0 at the low end of its range and 1 at the high end."""
    low, high = RANGES[name]
    return (values - low) / (high - low)
