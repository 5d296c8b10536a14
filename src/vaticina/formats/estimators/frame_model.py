"""A preprocessor and a model of somebody else, asked with rows as the contract encodes them.

They were fitted to a table of numbers and texts, so each encoded row is turned back into a row of that table.
"""

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.formats.estimators.boosters import booster_answers, booster_probabilities, is_booster

OTHER_TEXT = "another value (vaticina)"
"""Stands for a text that is none of a column's categories."""


class FrameColumn(TypedDict):
    """A column of the table: its name, the encoded matrix's column behind it, and of a category its values by code.

    A column with nothing behind it, such as an identifier that was taken for a category, holds an unknown value.
    Published pickles hold such columns, so the keys stay as they are.
    """

    name: str
    at: int | None
    values: list[Any] | None


class FrameModel:
    """``parts``, transformers with a model last, each fitted to what the one before it gives.

    ``named``: the first part was fitted to a table with names, not to a matrix. Published pickles hold these
    attributes, so they stay as they are.
    """

    def __init__(self, parts: Sequence[Any], columns: Sequence[FrameColumn], named: bool) -> None:
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
        """What the model is given: rows (n, columns) after all transformers."""
        rows = self.table(matrix)
        for transformer in self.parts[:-1]:
            rows = transformer.transform(rows)
        return rows

    def table(self, matrix: Matrix) -> "pd.DataFrame | NDArray[Any]":
        """What the first part is given: a data frame, or a matrix."""
        if not self.named:
            return np.column_stack(self.decoded(matrix))
        by_name: dict[str, NDArray[Any]] = {}
        for column in self.columns:
            by_name[column["name"]] = _decoded(column, matrix)
        return pd.DataFrame(by_name)

    def decoded(self, matrix: Matrix) -> list[NDArray[Any]]:
        """The columns of the table, each (n,): doubles, or objects of texts, with NaN for what is missing."""
        return [_decoded(column, matrix) for column in self.columns]


def _decoded(column: FrameColumn, matrix: Matrix) -> NDArray[Any]:
    index, categories = column["at"], column["values"]
    if index is None:
        codes = np.full(len(matrix), np.inf)
    else:
        codes = matrix[:, index]
    if categories is None:
        return codes
    by_code = _values_by_code(categories)
    codes = np.clip(codes, 0, len(categories))
    codes = np.where(np.isnan(codes), len(categories) + 1, codes)
    decoded: NDArray[Any] = by_code[codes.astype(np.intp)]
    return decoded


def _values_by_code(categories: Sequence[Any]) -> NDArray[Any]:
    """(categories + 2,): the categories, a value that is none of them, and NaN; doubles unless a category is a text."""
    if not categories or str in map(type, categories):
        return np.array([*categories, OTHER_TEXT, np.nan], dtype=object)
    return np.array([*categories, max(categories) + 1, np.nan], dtype=np.float64)


def with_none(column: NDArray[Any]) -> NDArray[Any]:
    """``column`` with None for what is missing, where it holds texts."""
    if column.dtype != object:
        return column
    filled = column.copy()
    filled[pd.isna(column)] = None
    return filled


def probabilities(model: Any, rows: Any) -> Matrix:
    """(n, classes): of a classifier, or of LightGBM's or XGBoost's own booster."""
    if is_booster(model):
        return booster_probabilities(model, rows)
    return np.asarray(model.predict_proba(rows), dtype=np.float64)


def values(model: Any, rows: Any) -> Matrix:
    """(n,): of a regressor, or of a booster."""
    if is_booster(model):
        return booster_answers(model, rows).reshape(-1)
    return np.asarray(model.predict(rows), dtype=np.float64).reshape(-1)
