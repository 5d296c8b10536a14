"""AutoGluon's linear model taken apart: what each category adds to the margins, and the numbers with their weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.exact.graph import NotCompilable

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class NumberGroup:
    """Features of the linear model that go through the same fitted ``steps``, with their ``weights`` (features, m)."""

    features: Sequence[str]
    steps: Sequence[Any]
    weights: Weights


@dataclass(frozen=True, slots=True)
class LinearParts:
    """The parts whose sum are the margins (n, m) of a linear model.

    They are the ``intercept`` (m,), for each category the row of its table (probes, m), by the feature's name, and
    the groups of numbers.
    """

    intercept: Weights
    tables: dict[str, Weights]
    numbers: Sequence[NumberGroup]


def read_linear_model(model: Any, probes: pd.DataFrame) -> LinearParts:
    """The parts of a fitted ``LinearModel``; row i of ``probes`` has code i of each category. Raises NotCompilable."""
    weights = np.atleast_2d(model.model.coef_).T
    tables: dict[str, Weights] = {}
    numbers: list[NumberGroup] = []
    start = 0
    for name, pipeline, columns in model._pipeline.transformers_:
        if name == "remainder" or not len(columns):
            continue
        encoded = _dense(pipeline.transform(probes[columns]))
        end = start + encoded.shape[1]
        if name == "cats":
            tables.update(_tables(pipeline, probes[columns], weights[start:end]))
        elif name in ("cont", "bool", "skew"):
            steps = [step for _, step in pipeline.steps]
            numbers.append(NumberGroup(list(columns), steps, weights[start:end]))
        else:
            raise NotCompilable(f"the linear model's {name!r} features have no compiled form")
        start = end
    return LinearParts(np.atleast_1d(model.model.intercept_), tables, numbers)


def _tables(pipeline: Any, probes: pd.DataFrame, weights: Weights) -> dict[str, Weights]:
    """For each category what its codes add (probes, m): its own one-hot columns times their weights."""
    encoded = _dense(pipeline.transform(probes))
    groups = pipeline.steps[-1][1].encoder_._ohe.categories_
    if sum(map(len, groups)) != encoded.shape[1]:
        raise NotCompilable("the linear model's one-hot columns are not those of its categories")
    tables: dict[str, Weights] = {}
    start = 0
    for name, group in zip(probes.columns, groups, strict=True):
        end = start + len(group)
        tables[str(name)] = encoded[:, start:end] @ weights[start:end]
        start = end
    return tables


def _dense(values: Any) -> Weights:
    if hasattr(values, "todense"):
        values = values.todense()
    dense: Weights = np.asarray(values, dtype=np.float64)
    return dense
