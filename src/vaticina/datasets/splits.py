"""Which rows must stay together when data is divided, and how it is divided."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract.encoder import Matrix

MIN_UNITS = 100

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of the rows to train on, and of those held out."""

    train: Index
    held: Index


def repeats(matrix: Matrix, target: NDArray[Any] | None) -> Index:
    """A number for each row (rows,), the same for exact repeats of inputs and target.

    A repeat of a training row is no row that the model never saw, so both go to one side. Where fewer than 100
    different rows exist, repeats are the nature of the table (a few flags, say), and each row stands alone.
    """
    whole = matrix if target is None else np.column_stack([matrix, target])
    rows = np.ascontiguousarray(np.nan_to_num(whole, nan=np.finfo(np.float64).min) + 0.0)  # -0.0 is 0.0
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    units: Index = np.unique(keys, return_inverse=True)[1]
    return units if len(units) and units.max() + 1 >= MIN_UNITS else np.arange(len(rows))


def split(units: Index, strata: Index, share: float, seed: int = 0) -> Split:
    """Holds out about ``share`` of each stratum's rows, whole units only; two units suffice to keep one to train on."""
    held = _places(units, strata, seed) < share
    return Split(np.flatnonzero(~held), np.flatnonzero(held))


def split_last(order: NDArray[Any], share: float) -> Split:
    """Holds out the last ``share`` of the rows by ``order``: the past predicts the future."""
    by_time = np.argsort(order, kind="stable")
    kept = len(order) - round(share * len(order))
    return Split(np.sort(by_time[:kept]), np.sort(by_time[kept:]))


def folds(units: Index, strata: Index, parts: int, seed: int = 0) -> list[Split]:
    """Cross-validation: each row is held out once, each stratum and whole units spread over at most ``parts`` folds."""
    part = np.floor(_places(units, strata, seed) * parts).astype(np.intp)
    return [Split(np.flatnonzero(part != at), np.flatnonzero(part == at)) for at in np.unique(part)]


def _places(units: Index, strata: Index, seed: int) -> NDArray[np.float64]:
    """A place in (0, 1) for each row: its unit's middle when the units of its stratum are lined up in random order.

    A unit counts in the stratum of its first row.
    """
    _, first, unit, sizes = np.unique(units, return_index=True, return_inverse=True, return_counts=True)
    places = np.empty(len(sizes))
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    stratum = strata[first][shuffled]
    for one in np.unique(stratum):
        members = shuffled[stratum == one]
        reached = np.cumsum(sizes[members])
        places[members] = (reached - sizes[members] / 2) / reached[-1]
    return places[unit]
