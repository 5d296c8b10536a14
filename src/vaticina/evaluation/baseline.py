"""The baseline: what the inputs and the outputs looked like at training, for drift to be told from later."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Column, Outputs
from vaticina.datasets.dataset import Dataset

BINS = 10


def make_baseline(data: Dataset, outputs: Outputs) -> dict[str, Any]:
    """Of each column of the matrix its bins or categories with counts, and of ``outputs`` (rows of ``data``) likewise.

    Numbers: inner ``edges`` at the deciles and the ``counts`` between them. Categories: ``counts`` by code,
    the last for unknown ones. ``missing`` counts what is missing.
    """
    columns = {column.name: _column(column, data.matrix[:, at]) for at, column in enumerate(data.contract.columns)}
    answered = {name: _output(values) for name, values in outputs.columns.items() if values.ndim == 1}
    return {"rows": data.size, "columns": columns, "outputs": answered}


def _column(column: Column, values: NDArray[np.float64]) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    missing = len(values) - len(known)
    if column.kind == "category":
        counts = np.bincount(known.astype(np.int64), minlength=column.size + 1)
        return {"counts": counts.tolist(), "missing": missing}
    return {**_bins(known), "missing": missing}


def _output(values: NDArray[Any]) -> dict[str, Any]:
    if values.dtype.kind == "f":
        return _bins(values)
    return {"counts": np.bincount(values.astype(np.int64)).tolist()}


def _bins(values: NDArray[np.float64]) -> dict[str, Any]:
    if not len(values):
        return {"edges": [], "counts": [0]}
    edges = np.unique(np.quantile(values, np.arange(1, BINS) / BINS))
    counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return {"edges": edges.tolist(), "counts": counts.tolist()}
