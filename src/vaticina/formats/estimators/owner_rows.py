"""Encoded rows as the owner of a model would hold them: a table with the model's own columns, or a matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.formats.estimators.frame_model import CATEGORY, FrameColumn

UNSEEN_TEXTS = ("another value (vaticina)", "", "Ωmega", "0")
"""Texts that stand for one that no part has seen, one after the other."""

UNSEEN_STEPS = (1, 1_000, 1_000_000)
"""How far beyond the largest whole number of a column the numbers lie that no part has seen."""


def owner_columns(columns: Sequence[FrameColumn], matrix: Matrix) -> list[NDArray[Any]]:
    """Each column (n,) as it was when the model was fitted: doubles, whole numbers, flags, or objects of texts.

    What is missing is None where the column's encoder learnt None, else NaN. A category that is not listed is one of
    several values that no part has seen.
    """
    return [_owner_column(column, matrix) for column in columns]


def owner_table(columns: Sequence[FrameColumn], matrix: Matrix) -> pd.DataFrame:
    """The rows as a table with the names of ``columns``."""
    series: dict[str, pd.Series[Any]] = {}
    for column, values in zip(columns, owner_columns(columns, matrix), strict=True):
        series[column["name"]] = pd.Series(values, dtype=values.dtype)
        if column.get("dtype") == CATEGORY:
            series[column["name"]] = pd.Series(_categorical(column, matrix))
    return pd.DataFrame(series)


def _categorical(column: FrameColumn, matrix: Matrix) -> pd.Categorical:
    """The column as one of pandas' categories, by its codes; a value that is not listed is missing."""
    categories = column["values"] or []
    codes = np.full(len(matrix), -1.0)
    if column["at"] is not None:
        encoded = matrix[:, column["at"]]
        codes = np.where(encoded < len(categories), encoded, -1.0)
    return pd.Categorical.from_codes(codes.astype(np.intp), categories=list(categories))


def owner_matrix(columns: Sequence[FrameColumn], matrix: Matrix) -> NDArray[Any]:
    """The rows as a matrix (n, columns): of doubles, or of objects where a column holds texts."""
    return np.column_stack(owner_columns(columns, matrix))


def _owner_column(column: FrameColumn, matrix: Matrix) -> NDArray[Any]:
    place, categories = column["at"], column["values"]
    if categories is None:
        if place is None:
            raise ValueError(f"nothing stands for the number {column['name']}")
        return matrix[:, place]
    codes = np.full(len(matrix), float(len(categories)))
    if place is not None:
        codes = matrix[:, place]
    return _values_of(categories, codes, missing_is_none=column.get("missing_is_none", False))


def _values_of(categories: Sequence[Any], codes: Matrix, *, missing_is_none: bool) -> NDArray[Any]:
    """The values of the ``codes`` (n,)."""
    values = np.empty(len(codes), dtype=object)
    is_missing = np.isnan(codes)
    is_listed = codes < len(categories)
    is_unseen = ~is_missing & ~is_listed
    if categories:
        listed = np.empty(len(categories), dtype=object)
        listed[:] = categories
        values[is_listed] = listed[codes[is_listed].astype(np.intp)]
    values[is_unseen] = _cycled(_unseen_values(categories), int(is_unseen.sum()))
    values[is_missing] = None if missing_is_none else np.nan
    return _as_fitted(values, categories, bool(is_missing.any()))


def _cycled(values: Sequence[Any], size: int) -> NDArray[Any]:
    """(size,): the ``values`` again and again."""
    cycle = np.empty(len(values), dtype=object)
    cycle[:] = values
    return np.resize(cycle, size)


def _unseen_values(categories: Sequence[Any]) -> list[Any]:
    """Values that are none of ``categories``."""
    if categories and not isinstance(categories[0], str):
        return [max(categories) + step for step in UNSEEN_STEPS]
    return [text for text in UNSEEN_TEXTS if text not in categories]


def _as_fitted(values: NDArray[Any], categories: Sequence[Any], has_missing: bool) -> NDArray[Any]:
    """``values`` with the type that pandas gives such a column; one of numbers with gaps is of doubles."""
    if not categories or isinstance(categories[0], str) or None in values.tolist():
        return values
    if has_missing:
        return values.astype(np.float64)
    return np.array(values.tolist())
