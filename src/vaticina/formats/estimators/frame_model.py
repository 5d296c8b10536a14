"""A preprocessor and a model of somebody else, asked with rows as the contract encodes them.

They were fitted to a table of numbers and texts, so each encoded row is turned back into a row of that table.
"""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.formats.estimators.boosters import booster_answers, booster_probabilities, is_booster

OTHER_TEXT = "another value (vaticina)"
"""Stands for a text that is none of a column's categories."""

CATEGORY = "category"
"""The ``dtype`` of a column that was fitted as one of pandas' categories."""


class FrameColumn(TypedDict):
    """A column of the table: its name, the encoded matrix's column behind it, and of a category its values by code.

    A column with nothing behind it, such as an identifier that was taken for a category, holds an unknown value.
    ``missing_is_none`` where the column's encoder learnt None for what is missing; elsewhere that is NaN. ``dtype`` is
    "category" for a column that was fitted as one of pandas. Published pickles hold such columns, so the keys stay as
    they are.
    """

    name: str
    at: int | None
    values: list[Any] | None
    missing_is_none: NotRequired[bool]
    dtype: NotRequired[str]


class FrameModel:
    """``parts``, transformers with a model last, each fitted to what the one before it gives.

    ``named``: the first part was fitted to a table with names, not to a matrix. ``answers_labels``: the model's own
    ``predict`` says which class is answered, which need not be the likeliest. Published pickles hold these attributes,
    so they stay as they are.
    """

    answers_labels = False
    """Of pickles that were published before the attribute was there."""

    def __init__(self, parts: Sequence[Any], columns: Sequence[FrameColumn], named: bool) -> None:
        self.parts = list(parts)
        self.columns = list(columns)
        self.named = named
        self.answers_labels = hasattr(self.parts[-1], "classes_")

    def classify(self, matrix: Matrix) -> tuple[NDArray[np.int64], Matrix]:
        """The place of the answered class among the model's, (n,), and the classes' probabilities, (n, classes)."""
        rows = self.transformed(matrix)
        model = self.parts[-1]
        return label_places(model, rows), probabilities(model, rows)

    def predicts_classes(self, matrix: Matrix) -> bool:
        """Whether ``predict`` answers classes; classifiers of somebody's own may answer anything."""
        try:
            label_places(self.parts[-1], self.transformed(matrix))
        except KeyError:
            return False
        except Exception:  # it is asked for many more rows when it is compared with its file
            return True
        return True

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
        by_name: dict[str, Any] = {}
        for column in self.columns:
            values = _decoded(column, matrix)
            by_name[column["name"]] = values
            if column.get("dtype") == CATEGORY:
                by_name[column["name"]] = pd.Categorical(values, categories=column["values"])
        return pd.DataFrame(by_name)

    def decoded(self, matrix: Matrix) -> list[NDArray[Any]]:
        """The columns of the table, each (n,): doubles, or objects of texts, with None or NaN for what is missing."""
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
    if column.get("missing_is_none"):
        by_code = by_code.astype(object)
        by_code[-1] = None
    codes = np.clip(codes, 0, len(categories))
    codes = np.where(np.isnan(codes), len(categories) + 1, codes)
    decoded: NDArray[Any] = by_code[codes.astype(np.intp)]
    return decoded


def _values_by_code(categories: Sequence[Any]) -> NDArray[Any]:
    """(categories + 2,): the categories, a value that is none of them, and NaN; doubles unless a category is a text."""
    if not categories or str in map(type, categories):
        return np.array([*categories, OTHER_TEXT, np.nan], dtype=object)
    return np.array([*categories, max(categories) + 1, np.nan], dtype=np.float64)


def label_places(model: Any, rows: Any) -> NDArray[np.int64]:
    """The places of the labels that ``predict`` answers among the model's classes: (n,)."""
    places = {label: place for place, label in enumerate(np.asarray(model.classes_).tolist())}
    labels = np.asarray(model.predict(rows)).reshape(-1).tolist()
    return np.array([places[label] for label in labels], dtype=np.int64)


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
