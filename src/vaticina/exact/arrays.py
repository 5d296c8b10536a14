"""The types of the arrays that a model is asked with and answers with."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""Rows of doubles, (n, columns), or a column of them, (n,)."""

Integers = NDArray[np.int64]

Columns = Mapping[str, NDArray[Any]]
"""The answers to n rows, by the name of the output; each array has n as its first dimension."""
