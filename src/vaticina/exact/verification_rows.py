"""The rows a compiled model is verified on: real and rounded ones, ends of ranges, and where trees turn."""

from collections.abc import Iterator

import numpy as np

from vaticina.contract import Contract, Matrix
from vaticina.contract.fields import Category, Integer, Number
from vaticina.exact.compile import Compiled
from vaticina.exact.split_rows import Allowed, turning_rows

MAX_NEAR = 20_000
MAX_REAL = 20_000
FEW = 100

NEAR, SINGLE = "near", "single"
"""Kinds of rows: those at which a tree turns, and those that are asked one at a time, as most requests come."""


def verification_rows(contract: Contract, real: Matrix, compiled: Compiled, seed: int = 0) -> dict[str, Matrix]:
    """Encoded rows by the name of their kind, none of which the contract would refuse for its missing values or
    categories; ``real`` are training and held-out rows (n, columns).

    ``near`` rows are at most 20 000 (see ``turns``). ``mixed`` rows are real ones with other categories.
    """
    random = np.random.default_rng(seed)
    some = real if len(real) <= MAX_REAL else real[random.choice(len(real), MAX_REAL, replace=False)]
    few = some[random.choice(len(some), min(len(some), FEW), replace=False)]
    may_come = allowed(contract)
    return {
        "real": some,
        "rounded": np.concatenate(list(_rounded(contract, some))),
        "mixed": _mixed(some, may_come, random),
        "ends": np.concatenate([few, *_ends(contract, few, may_come)]),
        NEAR: turning_rows(compiled, some, may_come, MAX_NEAR, random),
        SINGLE: few,
    }


def _rounded(contract: Contract, rows: Matrix) -> Iterator[Matrix]:
    """As people and machines round: to whole numbers, to one decimal, to 32 bits."""
    numbers = [at for at, column in enumerate(contract.columns) if column.kind == "number"]
    for decimals in (0, 1):
        copy = rows.copy()
        copy[:, numbers] = np.round(copy[:, numbers], decimals)
        yield copy
    yield rows.astype(np.float32).astype(np.float64)


def _mixed(rows: Matrix, allowed: Allowed, random: np.random.Generator) -> Matrix:
    """Each category drawn anew, unknown and missing ones among them where the contract takes them."""
    mixed = rows.copy()
    for at, codes in allowed.codes.items():
        mixed[:, at] = random.choice([*codes, np.nan] if at in allowed.optional else codes, len(rows))
    return mixed if allowed.codes else rows[:0]


def _ends(contract: Contract, rows: Matrix, allowed: Allowed) -> Iterator[Matrix]:
    """Each number at zero and at both ends of what is declared or seen, each column missing where it may be."""
    for at, column in enumerate(contract.columns):
        field = contract.inputs[column.input]
        ends = [] if column.kind == "category" else [0.0, -0.0]
        if isinstance(field, Number | Integer):
            ends += [float(end) for end in (*(field.seen or ()), field.min, field.max) if end is not None]
        yield from (_moved(rows, at, end) for end in ends)
    yield from (_moved(rows, at, np.nan) for at in allowed.optional)


def allowed(contract: Contract) -> Allowed:
    """The known codes of each category, and that of an unknown one unless the contract refuses it."""
    codes = {}
    for at, column in enumerate(contract.columns):
        field = contract.inputs[column.input]
        if isinstance(field, Category):
            closed = field.categories is not None
            codes[at] = [float(code) for code in range(column.size + (0 if closed else 1))]
    optional = [at for at, column in enumerate(contract.columns) if contract.inputs[column.input].optional]
    return Allowed(codes, optional)


def _moved(rows: Matrix, column: int, value: float) -> Matrix:
    copy = rows.copy()
    copy[:, column] = value
    return copy
