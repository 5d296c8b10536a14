"""The rows that a compiled model is verified on: real and rounded ones, ends of ranges, and where trees split."""

from collections.abc import Iterator

import numpy as np

from vaticina.exact.arrays import Matrix
from vaticina.exact.compile import Compiled
from vaticina.exact.row_space import RowSpace
from vaticina.exact.split_rows import split_rows
from vaticina.exact.verify import NEAR, SINGLE

MAX_NEAR = 20_000
MAX_REAL = 20_000
FEW = 100


def verification_rows(space: RowSpace, real: Matrix, compiled: Compiled | None, seed: int = 0) -> dict[str, Matrix]:
    """Rows of ``space`` by the name of their kind; ``real`` are training and held-out rows (n, columns).

    ``near`` rows are at most 20 000 (see ``split_rows``); there are none without a graph, ``compiled``. ``mixed`` rows
    are real ones with other categories.
    """
    random = np.random.default_rng(seed)
    some = real
    if len(real) > MAX_REAL:
        some = real[random.choice(len(real), MAX_REAL, replace=False)]
    near = real[:0]
    if compiled is not None:
        near = split_rows(compiled, some, space, MAX_NEAR, random)
    few = some[random.choice(len(some), min(len(some), FEW), replace=False)]
    return {
        "real": some,
        "rounded": np.concatenate(list(_rounded(space, some))),
        "mixed": _mixed(space, some, random),
        "ends": np.concatenate([few, *_ends(space, few)]),
        NEAR: near,
        SINGLE: few,
    }


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


def _ends(space: RowSpace, rows: Matrix) -> Iterator[Matrix]:
    """Each number at zero and at its ends, each column missing where it may be."""
    for place in space.numbers:
        for end in (0.0, -0.0, *space.columns[place].ends):
            yield _with(rows, place, end)
    for place in space.optional:
        yield _with(rows, place, np.nan)


def _with(rows: Matrix, column: int, value: float) -> Matrix:
    """A copy of ``rows`` with ``value`` in a column."""
    copy = rows.copy()
    copy[:, column] = value
    return copy
