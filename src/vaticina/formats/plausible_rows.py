"""Rows of the kind a model was fitted to, when there are no data: what a compiled form is compared on."""

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Contract, Matrix
from vaticina.contract.fields import Category, Flag
from vaticina.formats.columns import FittedColumn, FittedTable

ROWS = 2_000
MISSING_SHARE = 0.05
"""Share of values left out where they may be missing."""

SPREAD = 2.0
"""The rows' standard deviation is this many times the data's, so that values at and beyond their edges occur too."""


def plausible_rows(contract: Contract, table: FittedTable, seed: int = 0, size: int = ROWS) -> Matrix:
    """(size, columns) encoded rows: numbers around what the parts were fitted to, categories evenly, some missing."""
    random = np.random.default_rng(seed)
    fitted = {column.name: column for column in table.columns}
    rows = np.empty((size, len(contract.columns)))
    for index, column in enumerate(contract.columns):
        field = contract.inputs[column.input]
        if isinstance(field, Category):
            rows[:, index] = random.integers(0, max(1, column.size), size)
        elif isinstance(field, Flag):
            rows[:, index] = random.integers(0, 2, size)
        else:
            rows[:, index] = _numbers(fitted.get(column.input, FittedColumn(column.input)), random, size)
        if field.optional:
            rows[random.random(size) < MISSING_SHARE, index] = np.nan
    return rows


def _numbers(column: FittedColumn, random: np.random.Generator, size: int) -> NDArray[np.float64]:
    """(size,): within the fitted bounds, or around the fitted centre, or of every size; a third of them whole."""
    centre = column.centre or 0.0
    if column.bounds is not None:
        low, high = column.bounds
        margin = 0.1 * (high - low)
        numbers = random.uniform(low - margin, high + margin, size)
    elif column.scale is not None:
        numbers = random.normal(centre, SPREAD * column.scale, size)
    else:
        numbers = abs(centre) + random.choice([-1.0, 1.0], size) * 10.0 ** random.uniform(-2, 4, size)
    whole = random.random(size) < 1 / 3
    numbers[whole] = np.round(numbers[whole])
    return numbers
