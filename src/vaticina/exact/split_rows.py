"""Rows at which a graph's trees turn, to the last bit.

Each node is asked by a real row that passes it, moved to both sides of the node's question. For a number these are two
neighbouring doubles: if the original turned anywhere else, even one double away, one of the two would be answered
otherwise. For a category they are two codes, next to each other where codes are compared by size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Integers, Matrix
from vaticina.exact.compile import Compiled
from vaticina.exact.graph import Value
from vaticina.exact.row_space import RowSpace
from vaticina.exact.session import GraphSession
from vaticina.exact.threshold_search import Search
from vaticina.exact.tree import Tree, turns_left, visitors

WITNESSES = 5_000
"""Rows that are sent down every tree to find one for each node."""

ROUNDS = 8
"""Times that a node is asked by another row, where there are few nodes: one row may end the same on both sides."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """Nodes of a forest: ``start`` (n, columns) is a row that passes each; ``place`` (n, 4) tells its tree and node,
    the forest's column that it asks, and the input's column behind that one."""

    start: Matrix
    place: Integers

    def where(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> "Nodes":
        """Those at ``index``."""
        return Nodes(self.start[index], self.place[index])


def turning_rows(compiled: Compiled, real: Matrix, space: RowSpace, most: int, random: np.random.Generator) -> Matrix:
    """At most ``most`` rows: ``real`` ones (n, columns) moved to both sides of a node that they pass.

    The nodes are drawn when there are too many. A column that may be missing is also left out at its node.
    """
    parts = [real[:0]]
    if compiled.forests and len(real):
        probe = GraphSession(compiled.probe)
        for at in range(len(compiled.forests)):
            forest = _Forest(compiled, at, probe)
            parts += forest.rows(real, space, most // len(compiled.forests), random)
    return np.concatenate(parts)


class _Forest:
    """One forest of a graph, with the probe that tells what it is given."""

    def __init__(self, compiled: Compiled, at: int, probe: GraphSession) -> None:
        value, self._trees = compiled.forests[at]
        self._columns = _known(value)
        self._probe = probe
        self._output = f"forest{at}"

    def rows(self, real: Matrix, space: RowSpace, most: int, random: np.random.Generator) -> list[Matrix]:
        """At most ``most`` rows at its nodes."""
        nodes = self._drawn(real, most // 3, random)
        columns = nodes.place[:, 3]
        coded = np.isin(columns, list(space.codes))
        missing = nodes.start.copy()
        missing[np.arange(len(missing)), columns] = np.nan
        return [
            *self._beside_numbers(nodes.where(~coded)),
            *self._beside_codes(nodes.where(coded), space, random),
            missing[np.isin(columns, space.optional)],
        ]

    def given(self, rows: Matrix) -> Matrix:
        """What the forest is given for ``rows`` (n, columns)."""
        matrix: Matrix = self._probe.run(rows)[self._output]
        return matrix

    def _drawn(self, real: Matrix, most: int, random: np.random.Generator) -> Nodes:
        """At most ``most`` nodes, each from several rounds of rows as long as there is room."""
        found = self._passed(_witnesses(real, random))
        rounds = min(ROUNDS, most // max(1, len(found.place)))
        more = [found, *(self._passed(_witnesses(real, random)) for _ in range(rounds - 1))]
        nodes = Nodes(np.concatenate([one.start for one in more]), np.concatenate([one.place for one in more]))
        if len(nodes.place) <= most:
            return nodes
        return nodes.where(random.choice(len(nodes.place), most, replace=False))

    def _passed(self, rows: Matrix) -> Nodes:
        """The nodes that some row passes and that ask for one column of the input."""
        given = self.given(rows)
        witnesses, places = [], []
        for at, tree in enumerate(self._trees):
            passing = visitors(tree, given)
            nodes = tree.inner
            behind = self._columns[tree.feature[nodes]]
            kept = (passing[nodes] >= 0) & (behind >= 0) & np.isfinite(tree.threshold[nodes])
            nodes = nodes[kept]
            witnesses.append(passing[nodes])
            places.append(np.stack([np.full(len(nodes), at), nodes, tree.feature[nodes], behind[kept]], axis=1))
        return Nodes(rows[np.concatenate(witnesses)], np.concatenate(places).astype(np.int64))

    def _beside_numbers(self, nodes: Nodes) -> list[Matrix]:
        thresholds = np.array([self._trees[tree].threshold[node] for tree, node, _, _ in nodes.place])
        search = Search(self.given, nodes.start, nodes.place[:, 3], nodes.place[:, 2], thresholds)
        return search.sides() if len(thresholds) else []

    def _beside_codes(self, nodes: Nodes, space: RowSpace, random: np.random.Generator) -> list[Matrix]:
        """For each node a code on its left and one on its right, the nearest to its threshold if it has one."""
        tables = {column: self._table(nodes, column, codes) for column, codes in space.codes.items()}
        moved = []
        for start, (at, node, feature, column) in zip(nodes.start, nodes.place.tolist(), strict=True):
            codes = np.asarray(space.codes[column])
            for code in _sides(self._trees[at], node, tables[column][:, feature], random):
                row = start.copy()
                row[column] = codes[code]
                moved.append(row)
        return [np.array(moved)] if moved else []

    def _table(self, nodes: Nodes, column: int, codes: Sequence[float]) -> Matrix:
        """What the forest is given for each of ``codes``: (codes, features)."""
        rows = np.repeat(nodes.start[:1], len(codes), axis=0)
        rows[:, column] = codes[: len(rows)]
        return self.given(rows)


def _sides(tree: Tree, node: int, values: Matrix, random: np.random.Generator) -> Iterator[int]:
    """The places of up to two of ``values``: one that turns left at ``node``, one that turns right."""
    left = turns_left(tree, np.full(len(values), node), values)
    ranks = random.random(len(values)) if node in tree.sets else np.nan_to_num(values)
    order = random.permutation(len(values))
    for side, sign in ((left, 1.0), (~left, -1.0)):
        chosen = order[side[order]]
        if len(chosen):
            yield int(chosen[np.argmax(sign * ranks[chosen])])


def _known(value: Value) -> Integers:
    return np.array([-1 if origin is None else origin for origin in value.origins])


def _witnesses(real: Matrix, random: np.random.Generator) -> Matrix:
    """Some rows in a random order, the complete ones last: they are the better witnesses."""
    rows = real[random.permutation(len(real))[:WITNESSES]]
    return rows[np.argsort(-np.isnan(rows).sum(axis=1), kind="stable")]
