"""Rows of the kind a model was fitted to, when there are no data: what a compiled form is compared on."""

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Contract, Matrix
from vaticina.contract.fields import Category, Flag
from vaticina.formats.columns import Columns, Known

ROWS = 2_000
GAPS = 0.05
"""Share of values left out where they may be missing."""

WIDE = 2.0
"""Standard deviations that the rows reach are this many times those of the data: their edges count too."""


def plausible_rows(contract: Contract, columns: Columns, seed: int = 0, size: int = ROWS) -> Matrix:
    """(size, columns) encoded rows: numbers around what the parts were fitted to, categories evenly, some missing."""
    random = np.random.default_rng(seed)
    known = {one.name: one for one in columns.known}
    rows = np.empty((size, len(contract.columns)))
    for at, column in enumerate(contract.columns):
        own = contract.inputs[column.input]
        if isinstance(own, Category):
            rows[:, at] = random.integers(0, max(1, column.size), size)
        elif isinstance(own, Flag):
            rows[:, at] = random.integers(0, 2, size)
        else:
            rows[:, at] = _numbers(known.get(column.input), random, size)
        if own.optional:
            rows[random.random(size) < GAPS, at] = np.nan
    return rows


def _numbers(one: Known | None, random: np.random.Generator, size: int) -> NDArray[np.float64]:
    """Around the known centre, within the known reach, or of every size; a third of them whole."""
    if one is not None and one.reach is not None:
        low, high = one.reach
        found = random.uniform(low - 0.1 * (high - low), high + 0.1 * (high - low), size)
    elif one is not None and one.spread is not None:
        found = random.normal(one.centre or 0.0, WIDE * one.spread, size)
    else:
        centre = abs(one.centre) if one is not None and one.centre is not None else 0.0
        found = centre + random.choice([-1.0, 1.0], size) * 10.0 ** random.uniform(-2, 4, size)
    whole = random.random(size) < 1 / 3
    found[whole] = np.round(found[whole])
    return found
