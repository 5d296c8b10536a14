"""AutoGluon's linear model taken apart: what each category adds to the margins, and the numbers with their weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.formats.autogluon.anatomy import Unknown

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Linear:
    """The margins (n, m) are ``intercept`` (m,), a row of each of ``tables`` (probes, m), and for each of ``numbers``
    its features through its fitted steps times its weights (features, m)."""

    intercept: Weights
    tables: dict[str, Weights]
    numbers: Sequence[tuple[Sequence[str], Sequence[Any], Weights]]


def linear_parts(model: Any, probe: pd.DataFrame) -> Linear:
    """The parts of a fitted ``LinearModel``; row i of ``probe`` holds code i of each category. Raises Unknown."""
    weights = np.atleast_2d(model.model.coef_).T
    tables: dict[str, Weights] = {}
    numbers = []
    at = 0
    for name, pipeline, columns in model._pipeline.transformers_:
        if name == "remainder" or not len(columns):
            continue
        steps = [step for _, step in pipeline.steps]
        width = _dense(pipeline.transform(probe[columns])).shape[1]
        own = weights[at : at + width]
        at += width
        if name == "cats":
            tables.update(_tables(pipeline, probe[columns], own))
        elif name in ("cont", "bool", "skew"):
            numbers.append((list(columns), steps, own))
        else:
            raise Unknown(f"the linear model's {name!r} features have no compiled form")
    return Linear(np.atleast_1d(model.model.intercept_), tables, numbers)


def _tables(pipeline: Any, probe: pd.DataFrame, weights: Weights) -> dict[str, Weights]:
    """For each category what its codes add: one column at a time moves from the first row's code to another's."""
    encoded = _dense(pipeline.transform(probe))
    groups = pipeline.steps[-1][1].encoder_._ohe.categories_
    ends = np.cumsum([len(group) for group in groups])
    if ends[-1] != encoded.shape[1]:
        raise Unknown("the linear model's one-hot columns are not those of its categories")
    starts = [0, *ends[:-1].tolist()]
    return {
        str(name): encoded[:, start:end] @ weights[start:end]
        for name, start, end in zip(probe.columns, starts, ends.tolist(), strict=True)
    }


def _dense(values: Any) -> Weights:
    dense: Weights = np.asarray(values.todense() if hasattr(values, "todense") else values, dtype=np.float64)
    return dense
