"""How far a graph is from its original, by a count of its own: verification itself is on trial elsewhere."""

import warnings
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.exact.compile import compile_model
from vaticina.exact.split_rows import turning_rows
from vaticina.exact.verification_rows import allowed
from vaticina.tasks import task_of
from vaticina.tasks.compiled import OnnxRuntime
from vaticina.tasks.native import NativeRuntime

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
    compiled = compile_model(model, contract)
    runtime = OnnxRuntime(compiled.graph)
    random = np.random.default_rng(seed)
    near = turning_rows(compiled, real, allowed(contract), 10_000, random)
    both = np.concatenate([rows, near])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unknown categories and huge numbers
        expected = NativeRuntime(model, contract, task_of(contract)).predict(both)
    found = in_batches(runtime, both)
    unsure = np.zeros(len(both), dtype=bool)
    if "probabilities" in expected.columns:
        best = np.sort(expected.columns["probabilities"], axis=1)
        unsure = best[:, -1] - best[:, -2] <= MARGIN
        difference = np.abs(found.columns["probabilities"] - expected.columns["probabilities"])
        flips = int(((found.columns["label"] != expected.columns["label"]) & ~unsure).sum())
    else:
        values = expected.columns["value"]
        equal = found.columns["value"] == values  # infinite ones too
        apart = np.abs(np.where(equal, 0.0, found.columns["value"]) - np.where(equal, 0.0, values))
        difference, flips = apart / np.maximum(1.0, np.abs(values)), 0
    return Found(len(both), len(near), flips, float(difference.max()))


def in_batches(runtime: OnnxRuntime, rows: Matrix) -> Outputs:
    """The answers to ``rows``, asked in batches of many sizes."""
    cuts = [0, *np.cumsum(BATCHES).tolist(), *range(1_000, len(rows), 1_000), len(rows)]
    parts = [runtime.predict(rows[low:high]) for low, high in pairwise(cuts)]
    return Outputs(
        len(rows), {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    )
