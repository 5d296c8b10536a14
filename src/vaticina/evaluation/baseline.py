"""The baseline: how inputs and outputs were distributed at training, with which later ones are compared for drift."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Column, Outputs
from vaticina.datasets.dataset import Dataset

BINS = 10


def make_baseline(data: Dataset, outputs: Outputs) -> dict[str, Any]:
    """The distribution of each column of the matrix, and of each of the ``outputs`` (rows of ``data``).

    Numbers: inner ``edges`` at the deciles and the ``counts`` between them. Categories: ``counts`` by code,
    the last for unknown ones. ``missing`` counts what is missing.
    """
    inputs = {}
    for index, column in enumerate(data.contract.columns):
        inputs[column.name] = _input_distribution(column, data.matrix[:, index])
    answers = {}
    for name, values in outputs.columns.items():
        if values.ndim == 1:
            answers[name] = _output_distribution(values)
    return {"rows": data.size, "columns": inputs, "outputs": answers}


def _input_distribution(column: Column, values: NDArray[np.float64]) -> dict[str, Any]:
    present = values[~np.isnan(values)]
    missing = len(values) - len(present)
    if column.kind == "category":
        counts = np.bincount(present.astype(np.int64), minlength=column.size + 1)
        return {"counts": counts.tolist(), "missing": missing}
    return {**_histogram(present), "missing": missing}


def _output_distribution(values: NDArray[Any]) -> dict[str, Any]:
    if values.dtype.kind == "f":
        return _histogram(values)
    return {"counts": np.bincount(values.astype(np.int64)).tolist()}


def _histogram(values: NDArray[np.float64]) -> dict[str, Any]:
    if not len(values):
        return {"edges": [], "counts": [0]}
    edges = np.unique(np.quantile(values, np.arange(1, BINS) / BINS))
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return {"edges": edges.tolist(), "counts": counts.tolist()}
