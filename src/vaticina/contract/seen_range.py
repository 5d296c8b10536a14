"""Which inputs of a row lie outside what training saw."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from vaticina.contract.contract import Column, Contract
from vaticina.contract.encoder import Matrix
from vaticina.contract.fields import Series

OutsideRows = Mapping[int, tuple[str, ...]]
"""For each row that lies outside, by its index: the names of the inputs that do, in the contract's order."""


OutsideCounts = Mapping[str, int]
"""For each input that lies outside in any of some rows: in how many."""

NONE_OUTSIDE: OutsideCounts = {}


class SeenRange:
    """Tells which inputs lie outside what training saw: beyond a learnt range, or in an unknown category."""

    def __init__(self, contract: Contract) -> None:
        bounds = [_bounds(contract, column) for column in contract.columns]
        self._inputs = [column.input for column in contract.columns]
        self._bounds = bounds
        self._low = np.array([low for low, _ in bounds])
        self._high = np.array([high for _, high in bounds])

    def outside(self, matrix: Matrix) -> OutsideRows:
        """The rows of the encoded matrix that lie outside; what is missing does not. Most often there are none."""
        if len(matrix) == 1:  # a lone caller's row: numpy costs more to ask than the row to look at
            return self._lone_row(matrix[0].tolist())
        beyond: NDArray[np.bool_] = (matrix < self._low) | (matrix > self._high)
        rows: dict[int, tuple[str, ...]] = {}
        for index in np.flatnonzero(beyond.any(axis=1)).tolist():
            rows[index] = self._names(np.flatnonzero(beyond[index]).tolist())
        return rows

    def _lone_row(self, row: Sequence[float]) -> OutsideRows:
        beyond = []
        for column, (value, (low, high)) in enumerate(zip(row, self._bounds, strict=True)):
            if value < low or value > high:
                beyond.append(column)
        return {0: self._names(beyond)} if beyond else {}

    def _names(self, columns: Sequence[int]) -> tuple[str, ...]:
        """The inputs of ``columns``, each once: a series has many columns."""
        return tuple(dict.fromkeys(self._inputs[column] for column in columns))


def outside_names(rows: OutsideRows, start: int, stop: int) -> tuple[str, ...]:
    """The names that any row from ``start`` to before ``stop`` has, each once, in the order in which they come."""
    names: dict[str, None] = {}
    for index in range(start, stop):
        names.update(dict.fromkeys(rows.get(index, ())))
    return tuple(names)


def count_outside(rows: OutsideRows) -> OutsideCounts:
    """In how many of ``rows`` each input lies outside."""
    counts: Counter[str] = Counter()
    for names in rows.values():
        counts.update(names)
    return counts


def _bounds(contract: Contract, column: Column) -> tuple[float, float]:
    if column.kind == "category":
        return 0.0, float(column.size - 1) if column.size else np.inf
    field = contract.inputs[column.input]
    seen = getattr(field, "seen", None)
    if seen is None or isinstance(seen[0], datetime) or (isinstance(field, Series) and column.name.endswith(".end")):
        return -np.inf, np.inf
    return float(seen[0]), float(seen[1])
