"""How far a graph is from its original, by a count of its own: verification itself is on trial elsewhere."""

import warnings
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from vaticina.contract import Contract, Matrix
from vaticina.exact.arrays import Columns
from vaticina.exact.compile import compile_table
from vaticina.exact.session import GraphSession
from vaticina.exact.split_rows import turning_rows
from vaticina.formats.sklearn.native import NativeRuntime
from vaticina.tasks.row_space import goal_of, row_space

MARGIN = 1e-6

BATCHES = (1, 2, 7, 64)
"""Sizes of the first batches; the rest comes in thousands."""


@dataclass(frozen=True, slots=True)
class Found:
    """Rows asked, those of them at a turn of a tree, labels that differ beyond a tie, and the largest difference."""

    rows: int
    near: int
    flips: int
    difference: float


def compared(model: Any, contract: Contract, real: Matrix, rows: Matrix, seed: int = 0) -> Found:
    """``model`` against its graph on ``rows`` and on ``real`` rows moved to where its trees turn."""
    compiled = compile_table(model, goal_of(contract))
    session = GraphSession(compiled.graph)
    random = np.random.default_rng(seed)
    near = turning_rows(compiled, real, row_space(contract), 10_000, random)
    both = np.concatenate([rows, near])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unknown categories and huge numbers
        expected = NativeRuntime(model, contract).predict(both).columns
    found = in_batches(session, both)
    unsure = np.zeros(len(both), dtype=bool)
    if "probabilities" in expected:
        best = np.sort(expected["probabilities"], axis=1)
        unsure = best[:, -1] - best[:, -2] <= MARGIN
        difference = np.abs(found["probabilities"] - expected["probabilities"])
        flips = int(((found["label"] != expected["label"]) & ~unsure).sum())
    else:
        values = expected["value"]
        equal = found["value"] == values  # infinite ones too
        apart = np.abs(np.where(equal, 0.0, found["value"]) - np.where(equal, 0.0, values))
        difference, flips = apart / np.maximum(1.0, np.abs(values)), 0
    return Found(len(both), len(near), flips, float(difference.max()))


def in_batches(session: GraphSession, rows: Matrix) -> Columns:
    """The answers to ``rows``, asked in batches of many sizes."""
    cuts = [0, *np.cumsum(BATCHES).tolist(), *range(1_000, len(rows), 1_000), len(rows)]
    parts = [session.run(rows[low:high]) for low, high in pairwise(cuts)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
