"""Rows at which a graph's trees split, to the last bit.

Each node is asked with a real row that passes it, moved to both sides of the node's question. For a number these are
two neighbouring doubles: if the original split anywhere else, even one double away, one of the two would be answered
otherwise. For a category they are two codes, next to each other where codes are compared by size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Integers, Matrix
from vaticina.exact.compile import Compiled
from vaticina.exact.graph import Value
from vaticina.exact.row_space import RowSpace
from vaticina.exact.session import GraphSession
from vaticina.exact.threshold_search import ThresholdSearch
from vaticina.exact.tree import Tree, goes_left, last_visitors

WITNESSES = 5_000
"""Rows that are sent down every tree to find one for each node."""

ROUNDS = 8
"""Times that a node is asked with another row, where there are few nodes: one row may end the same on both sides."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Inner nodes of a forest, each with a row that passes it.

    ``rows`` (n, columns) are those rows. ``trees`` and ``numbers`` (n,) say which tree and which of its nodes;
    ``features`` (n,) which column of the forest's input the node asks about, and with which of ``thresholds`` (n,);
    ``columns`` (n,) on which column of the graph's input that one depends.
    """

    rows: Matrix
    trees: Integers
    numbers: Integers
    features: Integers
    thresholds: Matrix
    columns: Integers

    def __len__(self) -> int:
        return len(self.rows)

    def count(self) -> int:
        """How many different nodes these are."""
        return len(set(zip(self.trees.tolist(), self.numbers.tolist(), strict=True)))

    def where(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> "Nodes":
        """The nodes at ``index``."""
        return Nodes(*[array[index] for array in self.arrays()])

    def arrays(self) -> list[NDArray[Any]]:
        """Its arrays, in the order of its fields."""
        return [self.rows, self.trees, self.numbers, self.features, self.thresholds, self.columns]


@dataclass(frozen=True, slots=True)
class SplitRows:
    """Rows (n, columns) on both sides of thresholds; ``unreached`` of the trees' ``thresholds`` have none."""

    rows: Matrix
    thresholds: int = 0
    unreached: int = 0


def split_rows(
    compiled: Compiled | None, real: Matrix, space: RowSpace, limit: int, random: np.random.Generator
) -> SplitRows:
    """At most ``limit`` rows: ``real`` ones (n, columns) moved to both sides of a node that they pass.

    The nodes are chosen evenly when there are too many. A column that may be missing is also left out at its node.
    Without a graph, ``compiled``, there are no nodes.
    """
    if compiled is None or not compiled.forests:
        return SplitRows(real[:0])
    probe = GraphSession(compiled.probe)
    rows, thresholds, reached = [real[:0]], 0, 0
    for number in range(len(compiled.forests)):
        forest = _Forest(compiled, number, probe)
        thresholds += forest.thresholds
        if len(real):
            nodes = forest.draw(real, limit // len(compiled.forests) // 3, random)
            moved, moved_nodes = forest.rows_at(nodes, space, random)
            rows += moved
            reached += moved_nodes
    return SplitRows(np.concatenate(rows), thresholds, thresholds - reached)


class _Forest:
    """One forest of a graph, with the probe that answers the forest's input."""

    def __init__(self, compiled: Compiled, number: int, probe: GraphSession) -> None:
        value, self._trees = compiled.forests[number]
        self._origins = _origins(value)
        self._probe = probe
        self._output = f"forest{number}"

    @property
    def thresholds(self) -> int:
        """How many thresholds its trees have, sets of categories among them."""
        count = 0
        for tree in self._trees:
            count += int(np.isfinite(tree.threshold[tree.inner]).sum())
        return count

    def input(self, rows: Matrix) -> Matrix:
        """The forest's input (n, features) for ``rows`` (n, columns)."""
        matrix: Matrix = self._probe.run(rows)[self._output]
        return matrix

    def draw(self, real: Matrix, limit: int, random: np.random.Generator) -> Nodes:
        """At most ``limit`` nodes, each with several rows as long as there is room."""
        first = self._passed(_witnesses(real, random))
        rounds = min(ROUNDS, limit // max(1, len(first)))
        others = [self._passed(_witnesses(real, random)) for _ in range(1, rounds)]
        nodes = _concatenated([first, *others])
        if len(nodes) <= limit:
            return nodes
        return nodes.where(np.linspace(0, len(nodes) - 1, limit).astype(np.intp))

    def rows_at(self, nodes: Nodes, space: RowSpace, random: np.random.Generator) -> tuple[list[Matrix], int]:
        """Rows on both sides of each of ``nodes``, and one without its column where that may be missing.

        The number says at how many different nodes a row stands.
        """
        is_category = np.isin(nodes.columns, list(space.codes))
        numbers, codes = nodes.where(~is_category), nodes.where(is_category)
        sides, is_crossed = self._beside_numbers(numbers)
        missing = nodes.rows.copy()
        missing[np.arange(len(nodes)), nodes.columns] = np.nan
        rows = [*sides, *self._beside_codes(codes, space, random), missing[np.isin(nodes.columns, space.optional)]]
        return rows, numbers.where(is_crossed).count() + codes.count()

    def _passed(self, rows: Matrix) -> Nodes:
        """The nodes that some row passes and that depend on one column of the graph's input."""
        matrix = self.input(rows)
        passed = []
        for number, tree in enumerate(self._trees):
            visitors = last_visitors(tree, matrix)
            nodes = tree.inner
            columns = self._origins[tree.feature[nodes]]
            is_usable = (visitors[nodes] >= 0) & (columns >= 0) & np.isfinite(tree.threshold[nodes])
            nodes = nodes[is_usable]
            trees = np.full(len(nodes), number)
            features = tree.feature[nodes].astype(np.int64)
            thresholds = tree.threshold[nodes]
            passed.append(Nodes(rows[visitors[nodes]], trees, nodes, features, thresholds, columns[is_usable]))
        return _concatenated(passed)

    def _beside_numbers(self, nodes: Nodes) -> tuple[list[Matrix], NDArray[np.bool_]]:
        """The last row on the left and the first on the right, of the nodes that have both; and which these are."""
        if not len(nodes):
            return [], np.zeros(0, dtype=bool)
        return ThresholdSearch(self.input, nodes.rows, nodes.columns, nodes.features, nodes.thresholds).sides()

    def _beside_codes(self, nodes: Nodes, space: RowSpace, random: np.random.Generator) -> list[Matrix]:
        """For each node a code on its left and one on its right, the nearest to its threshold if it has one."""
        tables = {column: self._code_table(nodes, column, codes) for column, codes in space.codes.items()}
        moved = []
        for start, number, node, feature, column in zip(
            nodes.rows, nodes.trees, nodes.numbers, nodes.features, nodes.columns.tolist(), strict=True
        ):
            codes = space.codes[column]
            for place in _sides(self._trees[number], int(node), tables[column][:, feature], random):
                row = start.copy()
                row[column] = codes[place]
                moved.append(row)
        if not moved:
            return []
        return [np.array(moved)]

    def _code_table(self, nodes: Nodes, column: int, codes: Sequence[float]) -> Matrix:
        """The forest's input for each of ``codes``: (codes, features)."""
        rows = np.repeat(nodes.rows[:1], len(codes), axis=0)
        rows[:, column] = codes[: len(rows)]
        return self.input(rows)


def _concatenated(parts: Sequence[Nodes]) -> Nodes:
    arrays = zip(*map(Nodes.arrays, parts), strict=True)
    return Nodes(*map(np.concatenate, arrays))


def _sides(tree: Tree, node: int, values: Matrix, random: np.random.Generator) -> list[int]:
    """The places of up to two of ``values``: one that goes left at ``node``, one that goes right.

    They are the nearest to the node's threshold, or any where the node asks for a set of categories.
    """
    is_left = goes_left(tree, np.full(len(values), node), values)
    ranks = np.nan_to_num(values)
    if node in tree.sets:
        ranks = random.random(len(values))
    order = random.permutation(len(values))
    left, right = order[is_left[order]], order[~is_left[order]]
    places = []
    if len(left):
        places.append(int(left[np.argmax(ranks[left])]))
    if len(right):
        places.append(int(right[np.argmax(-ranks[right])]))
    return places


def _origins(value: Value) -> Integers:
    """The input column of each column of ``value``; -1 where there are several."""
    return np.array([-1 if origin is None else origin for origin in value.origins])


def _witnesses(real: Matrix, random: np.random.Generator) -> Matrix:
    """Some rows in a random order, the complete ones last: they are the better witnesses."""
    rows = real[random.permutation(len(real))[:WITNESSES]]
    return rows[np.argsort(-np.isnan(rows).sum(axis=1), kind="stable")]
