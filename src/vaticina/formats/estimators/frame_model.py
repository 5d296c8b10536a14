"""A preprocessor and a model of others, asked with rows as the contract encodes them.

They were fitted to a table of numbers and texts, so each row is turned back into what its table held.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.contract import Matrix

ELSE = "another value (vaticina)"
"""Stands for a text that is none of a column's categories."""


class Column(TypedDict):
    """A column of the table: its name, the encoded matrix's column behind it, and of a category its values by code.

    A column with nothing behind it, such as an identifier that was taken for a category, holds an unknown value.
    """

    name: str
    at: int | None
    values: list[Any] | None


class Framed:
    """``parts``, transformers with a model last, each fitted to what the one before it gives.

    ``named``: the first part was fitted to a table with names, not to a matrix.
    """

    def __init__(self, parts: Sequence[Any], columns: Sequence[Column], named: bool) -> None:
        self.parts = list(parts)
        self.columns = list(columns)
        self.named = named

    def predict_proba(self, matrix: Matrix) -> Matrix:
        """The classes' probabilities: (n, classes)."""
        return probabilities(self.parts[-1], self.transformed(matrix))

    def predict(self, matrix: Matrix) -> Matrix:
        """The model's values: (n,)."""
        return values(self.parts[-1], self.transformed(matrix))

    def transformed(self, matrix: Matrix) -> Any:
        """What the model is given."""
        value = self.table(matrix)
        for part in self.parts[:-1]:
            value = part.transform(value)
        return value

    def table(self, matrix: Matrix) -> Any:
        """What the first part is given: a data frame, or a matrix."""
        decoded = self.decoded(matrix)
        if self.named:
            return pd.DataFrame({column["name"]: one for column, one in zip(self.columns, decoded, strict=True)})
        return np.column_stack(decoded)

    def decoded(self, matrix: Matrix) -> list[NDArray[Any]]:
        """The columns of the table: doubles, or objects of texts, with NaN for what is missing."""
        return [_decoded(column, matrix) for column in self.columns]


def _decoded(column: Column, matrix: Matrix) -> NDArray[Any]:
    codes = np.full(len(matrix), np.inf) if column["at"] is None else matrix[:, column["at"]]
    values = column["values"]
    if values is None:
        return codes
    whole = bool(values) and not any(isinstance(value, str) for value in values)
    table = np.array([*values, max(values) + 1 if whole else ELSE, np.nan], dtype=np.float64 if whole else object)
    known = np.where(np.isnan(codes), len(values) + 1, np.minimum(codes, len(values)))
    found: NDArray[Any] = table[known.astype(np.intp)]
    return found


def with_none(column: NDArray[Any]) -> NDArray[Any]:
    """``column`` with None for what is missing, where it holds texts."""
    if column.dtype != object:
        return column
    return np.array([None if value != value else value for value in column], dtype=object)


def probabilities(model: Any, rows: Any) -> Matrix:
    """(n, classes): of a classifier, or of LightGBM's or XGBoost's own booster."""
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(rows), dtype=np.float64)
    found = np.asarray(_boosted(model, rows), dtype=np.float64)
    return found if found.ndim == 2 else np.column_stack([1.0 - found, found])


def values(model: Any, rows: Any) -> Matrix:
    """(n,): of a regressor, or of a booster."""
    found = model.predict(rows) if type(model).__name__ != "Booster" else _boosted(model, rows)
    return np.asarray(found, dtype=np.float64).reshape(-1)


def _boosted(model: Any, rows: Any) -> Any:
    if not type(model).__module__.startswith("xgboost"):
        return model.predict(rows)
    import xgboost

    names = rows.columns.tolist() if isinstance(rows, pd.DataFrame) else model.feature_names
    return model.predict(xgboost.DMatrix(rows, feature_names=names))
