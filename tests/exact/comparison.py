"""How far a graph is from its original, by a count of its own: verification itself is on trial elsewhere."""

import warnings
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from vaticina.contract import Contract, Matrix
from vaticina.exact.arrays import Columns
from vaticina.exact.compile import compile_table
from vaticina.exact.session import GraphSession
from vaticina.exact.split_rows import split_rows
from vaticina.tasks import task_of
from vaticina.tasks.native_runtime import NativeRuntime
from vaticina.tasks.row_space import goal_of, row_space

MARGIN = 1e-6

BATCHES = (1, 2, 7, 64)
"""Sizes of the first batches; the rest comes in thousands."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """Rows asked, those of them at a split of a tree, labels that differ beyond a tie, and the largest difference."""

    rows: int
    near: int
    flips: int
    difference: float


def divergence(model: Any, contract: Contract, real: Matrix, rows: Matrix, seed: int = 0) -> Divergence:
    """``model`` against its graph on ``rows`` and on ``real`` rows moved to where its trees split."""
    compiled = compile_table(model, goal_of(contract))
    near = split_rows(compiled, real, row_space(contract), 10_000, np.random.default_rng(seed)).rows
    both = np.concatenate([rows, near])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unknown categories and huge numbers
        expected = NativeRuntime(model, contract, task_of(contract)).predict(both).columns
    actual = in_batches(GraphSession(compiled.graph), both)
    if "probabilities" not in expected:
        return Divergence(len(both), len(near), 0, largest_relative_difference(actual["value"], expected["value"]))
    best = np.sort(expected["probabilities"], axis=1)
    is_tie = best[:, -1] - best[:, -2] <= MARGIN
    flips = int(((actual["label"] != expected["label"]) & ~is_tie).sum())
    difference = float(np.abs(actual["probabilities"] - expected["probabilities"]).max())
    return Divergence(len(both), len(near), flips, difference)


def largest_relative_difference(actual: Matrix, expected: Matrix) -> float:
    is_equal = actual == expected  # infinite ones too
    differences = np.abs(np.where(is_equal, 0.0, actual) - np.where(is_equal, 0.0, expected))
    return float((differences / np.maximum(1.0, np.abs(expected))).max())


def in_batches(session: GraphSession, rows: Matrix) -> Columns:
    """The answers to ``rows``, asked in batches of many sizes."""
    cuts = [0, *np.cumsum(BATCHES).tolist(), *range(1_000, len(rows), 1_000), len(rows)]
    parts = defaultdict(list)
    for low, high in pairwise(cuts):
        for name, column in session.run(rows[low:high]).items():
            parts[name].append(column)
    return {name: np.concatenate(columns) for name, columns in parts.items()}
