"""The rows on which the forms of a model are compared: every constant of the model first, then rows as they come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vaticina.exact.arrays import Integers, Matrix
from vaticina.exact.compile import Compiled
from vaticina.exact.row_space import ColumnSpace, RowSpace
from vaticina.exact.split_rows import split_rows
from vaticina.exact.verify import NEAR, SINGLE

MOST = 20_000
"""Rows of all kinds together."""

MOST_CONSTANTS = 10_000
"""Rows that hold a constant of a column."""

MOST_NATIVE = 6_000
"""Rows of all other kinds, where there is no graph: what is compared then is how the model itself is asked."""

LEAST_OTHERS = 3_000
"""Rows that are kept for those without a constant."""

REPEATS = 4_000
"""Each constant stands in several rows, as long as there are no more rows than this."""

FEW = 100


@dataclass(frozen=True, slots=True)
class VerificationRows:
    """Rows by the name of their kind. ``unreached`` of the model's ``constants`` stand in none of them.

    Constants are the values of columns that a model treats in a way of their own, and the thresholds of its trees.
    """

    by_kind: dict[str, Matrix]
    constants: int = 0
    unreached: int = 0


def verification_rows(space: RowSpace, real: Matrix, compiled: Compiled | None, seed: int = 0) -> VerificationRows:
    """At most 20 000 rows of ``space``; ``real`` are training and held-out rows, or rows like them (n, columns).

    ``constant``: each column at each value that the model may treat in a way of its own. ``near``: both sides of each
    threshold, see ``split_rows``; there are none without a graph, ``compiled``. The rest are real rows, evenly chosen,
    the same rounded, and with other categories; ``single`` rows are asked one by one.
    """
    random = np.random.default_rng(seed)
    values = _values_to_try(space)
    tried = [values[place] for place in evenly(len(values), MOST_CONSTANTS)]
    constants = _rows_at(tried, real)
    near = split_rows(compiled, real, space, MOST - LEAST_OTHERS - len(constants), random)
    most = MOST
    if compiled is None:
        most = min(MOST, len(constants) + MOST_NATIVE)
    others = _other_rows(space, real, most - len(constants) - len(near.rows), random)
    unreached = len(values) - len(tried) + near.unreached
    kinds = {**others, "constant": constants, NEAR: near.rows}
    return VerificationRows(kinds, len(values) + near.thresholds, unreached)


def _values_to_try(space: RowSpace) -> list[tuple[int, float]]:
    """The number of a column and a value for it: of a number zero, its ends and constants, of a category each code.

    Where a column may be missing, NaN is one of its values.
    """
    values: list[tuple[int, float]] = []
    for place, column in enumerate(space.columns):
        column_values: list[float] = column.codes
        if column.kind == "number":
            column_values = _numbers_to_try(column)
        if column.is_optional:
            column_values.append(np.nan)
        for value in column_values:
            values.append((place, value))
    return values


def _numbers_to_try(column: ColumnSpace) -> list[float]:
    """Zero, the ends, and each constant with its two neighbours."""
    numbers = [0.0, -0.0, *column.ends]
    for constant in column.constants:
        numbers += [constant, float(np.nextafter(constant, -np.inf)), float(np.nextafter(constant, np.inf))]
    return numbers


def _rows_at(values: Sequence[tuple[int, float]], real: Matrix) -> Matrix:
    """Rows like the ``real`` ones, each with one of ``values`` in its column."""
    if not values or not len(real):
        return real[:0]
    repeats = max(1, min(FEW, REPEATS // len(values)))
    rows = real[np.resize(evenly(len(real), FEW), repeats * len(values))].copy()
    for index, (place, value) in enumerate(values):
        rows[index * repeats : (index + 1) * repeats, place] = value
    return rows


def _other_rows(space: RowSpace, real: Matrix, most: int, random: np.random.Generator) -> dict[str, Matrix]:
    """At most ``most`` rows: real ones, some rounded, some with other categories, and a few asked one by one."""
    few = real[evenly(len(real), FEW)]
    share = (most - len(few)) // 3
    some = real[evenly(len(real), share)]
    return {
        "real": some,
        "rounded": np.concatenate(list(_rounded(space, real[evenly(len(real), share // 3)]))),
        "mixed": _mixed(space, some, random),
        SINGLE: few,
    }


def evenly(count: int, most: int) -> Integers:
    """At most ``most`` of the numbers from 0 to ``count`` - 1, at even distances, the first and the last among them."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).astype(np.int64)


def _rounded(space: RowSpace, rows: Matrix) -> Iterator[Matrix]:
    """As people and machines round: to whole numbers, to one decimal, to 32 bits."""
    for decimals in (0, 1):
        copy = rows.copy()
        copy[:, space.numbers] = np.round(copy[:, space.numbers], decimals)
        yield copy
    yield rows.astype(np.float32).astype(np.float64)


def _mixed(space: RowSpace, rows: Matrix, random: np.random.Generator) -> Matrix:
    """Each category drawn anew, unknown and missing ones among them where they may come."""
    if not space.codes:
        return rows[:0]
    mixed = rows.copy()
    for place, codes in space.codes.items():
        choices = list(codes)
        if place in space.optional:
            choices.append(np.nan)
        mixed[:, place] = random.choice(choices, len(rows))
    return mixed
