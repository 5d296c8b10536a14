"""Where a graph's trees turn, to the last bit.

For a node that some real row passes, the two neighbouring doubles of its column are sought between which the row turns
the other way. If the original turned anywhere else, even one double away, one of the two would be answered otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaticina.compilation.compile import Compiled
from vaticina.compilation.graph import Value
from vaticina.compilation.tree import Tree, visitors
from vaticina.contract import Matrix
from vaticina.contract.fields import FLOAT_LIMIT
from vaticina.runtimes.onnx import OnnxRuntime

WITNESSES = 5_000
"""Rows that are sent down every tree to find one for each node."""

STEPS = [64**power for power in range(1, 11)]
"""How far from a row's own value its turn is sought, counted in doubles, before all there are."""

SIGN = np.iinfo(np.int64).min

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Turns:
    """Nodes (n,): the row that passes each, the input column and the forest's column it asks, and its threshold."""

    row: Whole
    column: Whole
    feature: Whole
    threshold: Matrix

    def take(self, index: NDArray[np.intp]) -> "Turns":
        """Those at ``index``."""
        return Turns(self.row[index], self.column[index], self.feature[index], self.threshold[index])


def turning_rows(
    compiled: Compiled, real: Matrix, optional: Sequence[int], most: int, random: np.random.Generator
) -> Matrix:
    """At most ``most`` rows: ``real`` ones (n, columns) moved to just before and just beyond a node that they pass.

    The nodes are drawn when there are too many. A column that is ``optional`` is also left out at its node.
    """
    if not compiled.forests or not len(real):
        return real[:0]
    rows = real if len(real) <= WITNESSES else real[random.choice(len(real), WITNESSES, replace=False)]
    rows = rows[np.argsort(-np.isnan(rows).sum(axis=1), kind="stable")]  # a complete row is the better witness
    probe = OnnxRuntime(compiled.probe)
    each = most // len(compiled.forests) // (3 if optional else 2)
    parts = []
    for at, (value, trees) in enumerate(compiled.forests):
        turns = _turns(trees, value, probe.predict(rows).columns[f"forest{at}"])
        if len(turns.row) > each:
            turns = turns.take(random.choice(len(turns.row), each, replace=False))
        parts += _moved(_Search(probe, f"forest{at}", rows, turns), optional)
    return np.concatenate(parts)


def _turns(trees: Sequence[Tree], value: Value, given: Matrix) -> Turns:
    """The nodes of ``trees`` that some row ``given`` to the forest passes and that ask a known column's number."""
    columns = np.array([-1 if origin is None else origin for origin in value.origins])
    found = []
    for tree in trees:
        passing = visitors(tree, given)
        nodes = tree.inner
        asked = (passing[nodes] >= 0) & (columns[tree.feature[nodes]] >= 0) & np.isfinite(tree.threshold[nodes])
        nodes = nodes[asked & ~np.isin(nodes, list(tree.sets))]
        feature = tree.feature[nodes]
        found.append(np.stack([passing[nodes], columns[feature], feature, tree.threshold[nodes]]))
    row, column, feature, threshold = np.concatenate(found, axis=1)
    return Turns(row.astype(np.int64), column.astype(np.int64), feature.astype(np.int64), threshold)


def _moved(search: "_Search", optional: Sequence[int]) -> list[Matrix]:
    below, above = search.flips()
    bracketed = search.is_left(below) & ~search.is_left(above)
    parts = [search.rows(value)[bracketed] for value in (below, above)]
    may_miss = bracketed & np.isin(search.turns.column, optional)
    return [*parts, search.rows(np.full(len(below), np.nan))[may_miss]]


class _Search:
    """Seeks for each turn the last double of its column that turns left."""

    def __init__(self, probe: OnnxRuntime, output: str, rows: Matrix, turns: Turns) -> None:
        self.turns = turns
        self._probe = probe
        self._output = output
        self._start = rows[turns.row]
        self._each = np.arange(len(turns.row))

    def rows(self, values: Matrix) -> Matrix:
        """The rows, each with one of ``values`` in its column."""
        moved = self._start.copy()
        moved[self._each, self.turns.column] = values
        return moved

    def is_left(self, values: Matrix) -> NDArray[np.bool_]:
        """Whether the nodes' questions are answered yes."""
        given = self._probe.predict(self.rows(values)).columns[self._output]
        left: NDArray[np.bool_] = given[self._each, self.turns.feature] <= self.turns.threshold
        return left

    def flips(self) -> tuple[Matrix, Matrix]:
        """The neighbouring doubles around each turn: the last to the left, the first to the right."""
        low, high = self._bracket()
        while np.any(low < high - 1):
            middle = (low >> 1) + (high >> 1) + (low & high & 1)
            left = self.is_left(_double(middle))
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        return _double(low), _double(high)

    def _bracket(self) -> tuple[Whole, Whole]:
        """Places to the left and to the right of each turn, from the row's own value outwards."""
        own = _place(np.nan_to_num(self._start[self._each, self.turns.column]))
        low, high = own, own + 1
        for step in STEPS:
            go_down, go_up = ~self.is_left(_double(low)), self.is_left(_double(high))
            if not np.any(go_down | go_up):
                return low, high
            low = np.where(go_down, np.maximum(own - step, -LAST), low)
            high = np.where(go_up, np.minimum(own + step, LAST), high)
        return np.where(self.is_left(_double(low)), low, -LAST), np.where(self.is_left(_double(high)), LAST, high)


def _place(values: Matrix) -> Whole:
    """The doubles numbered in their order, zero as 0: neighbours differ by one."""
    bits = values.view(np.int64)
    return np.where(bits < 0, SIGN - bits, bits)


def _double(places: Whole) -> Matrix:
    return np.where(places < 0, SIGN - places, places).view(np.float64)


LAST = int(_place(np.array([FLOAT_LIMIT]))[0])
"""The place of the largest number that a contract takes."""
