"""Splits: which rows a model is trained on and which are held out, and which rows must stay together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract.encoder import Matrix

MIN_DIFFERENT_ROWS = 100

Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of the rows to train on, and of those held out."""

    train: Index
    held_out: Index


def duplicate_groups(matrix: Matrix, target: NDArray[Any] | None) -> Index:
    """The group of each row (rows,): exact duplicates of inputs and target have the same number.

    A model that was trained on a row has seen its duplicates too, so all of them go to one side of a split. Where
    fewer than 100 different rows exist, duplicates are the nature of the table (a few flags, say), and each row is a
    group of its own.
    """
    columns = matrix
    if target is not None:
        columns = np.column_stack([matrix, target])
    rows = np.ascontiguousarray(np.nan_to_num(columns, nan=np.finfo(np.float64).min) + 0.0)  # -0.0 is 0.0
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    groups: Index = np.unique(keys, return_inverse=True)[1]
    if len(groups) and groups.max() + 1 >= MIN_DIFFERENT_ROWS:
        return groups
    return np.arange(len(rows))


def stratified_split(groups: Index, strata: Index, share: float, seed: int = 0) -> Split:
    """Holds out about ``share`` of each stratum's rows, whole groups only; of two groups one is trained on."""
    is_held_out = _ranks(groups, strata, seed) < share
    return Split(np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out))


def split_by_order(order: NDArray[Any], share: float) -> Split:
    """Holds out the last ``share`` of the rows by ``order``: the past predicts the future."""
    by_time = np.argsort(order, kind="stable")
    train_size = len(order) - round(share * len(order))
    return Split(np.sort(by_time[:train_size]), np.sort(by_time[train_size:]))


def folds(groups: Index, strata: Index, count: int, seed: int = 0) -> list[Split]:
    """At most ``count`` folds for cross-validation: each row is held out once, groups stay whole.

    Each stratum is spread evenly over the folds.
    """
    fold_of_row = np.floor(_ranks(groups, strata, seed) * count).astype(np.intp)
    splits = []
    for fold in np.unique(fold_of_row):
        splits.append(Split(np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold)))
    return splits


def _ranks(groups: Index, strata: Index, seed: int) -> NDArray[np.float64]:
    """A rank in (0, 1) for each row: where the middle of its group stands among its stratum's rows, in random order.

    A group counts in the stratum of its first row.
    """
    _, first_rows, group_of_row, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    ranks = np.empty(len(sizes))
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    stratum_of_group = strata[first_rows][shuffled]
    for stratum in np.unique(stratum_of_group):
        members = shuffled[stratum_of_group == stratum]
        ends = np.cumsum(sizes[members])
        ranks[members] = (ends - sizes[members] / 2) / ends[-1]
    return ranks[group_of_row]
