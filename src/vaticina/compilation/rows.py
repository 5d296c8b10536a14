"""The rows a compiled model is verified on: real ones, rounded ones, the ends of ranges, thresholds' neighbourhoods."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Contract, Matrix

MAX_NEAR = 20_000
MAX_REAL = 20_000

STEPS = (-2, -1, 0, 1, 2)
"""How many doubles a neighbour lies from a threshold, which may be off by one itself from arithmetic back."""


def verification_rows(
    contract: Contract, real: Matrix, thresholds: Sequence[tuple[int, float]], seed: int = 0
) -> dict[str, Matrix]:
    """Encoded rows by the name of their kind; ``real`` are training and held-out rows (n, columns).

    ``near`` rows are real ones with one column moved to a threshold's neighbourhood: all thresholds when they are few
    enough, else a draw of them, 20 000 rows at most.
    """
    random = np.random.default_rng(seed)
    some = real if len(real) <= MAX_REAL else real[random.choice(len(real), MAX_REAL, replace=False)]
    numbers = [at for at, column in enumerate(contract.columns) if column.kind == "number"]
    return {
        "real": some,
        "rounded": np.concatenate(list(_rounded(some, numbers))),
        "ends": _ends(contract, some[random.choice(len(some), min(len(some), 100), replace=False)]),
        "near": _near(some, thresholds, random),
    }


def _rounded(rows: Matrix, numbers: list[int]) -> Iterator[Matrix]:
    """As people round: to whole numbers and to one decimal."""
    for decimals in (0, 1):
        copy = rows.copy()
        copy[:, numbers] = np.round(copy[:, numbers], decimals)
        yield copy


def _ends(contract: Contract, rows: Matrix) -> Matrix:
    """Each column at both ends of what is declared or seen, missing where it may be, and at unknown categories."""
    parts = [rows]
    for at, column in enumerate(contract.columns):
        field = contract.inputs[column.input]
        ends: list[float] = [0.0, float(column.size)] if column.kind == "category" else []
        for pair in (getattr(field, "seen", None), (getattr(field, "min", None), getattr(field, "max", None))):
            ends += [float(end) for end in pair or () if isinstance(end, int | float)]
        parts += [_moved(rows, at, end) for end in (*ends, *([np.nan] if field.optional else []))]
    return np.concatenate(parts)


def _near(rows: Matrix, thresholds: Sequence[tuple[int, float]], random: np.random.Generator) -> Matrix:
    places = list(dict.fromkeys(thresholds))
    most = MAX_NEAR // (len(STEPS) + 2)
    if len(places) > most:
        places = [places[at] for at in random.choice(len(places), most, replace=False)]
    base = random.integers(0, len(rows), len(places))
    parts = [_one_near(rows[at], column, value) for at, (column, value) in zip(base, places, strict=True)]
    return np.concatenate(parts) if parts else rows[:0]


def _one_near(row: NDArray[np.float64], column: int, value: float) -> Matrix:
    """Doubles around ``value``, and the floats around it: trees of floats turn there."""
    narrow = np.float32(value)
    floats = [float(np.nextafter(narrow, np.float32(side))) for side in (-np.inf, np.inf)]
    near = np.array([_step(value, count) for count in STEPS] + floats)
    copies = np.repeat(row[None, :], len(near), axis=0)
    copies[:, column] = near
    return copies


def _step(value: float, count: int) -> float:
    for _ in range(abs(count)):
        value = float(np.nextafter(value, np.inf if count > 0 else -np.inf))
    return value


def _moved(rows: Matrix, column: int, value: float) -> Matrix:
    copy = rows.copy()
    copy[:, column] = value
    return copy
