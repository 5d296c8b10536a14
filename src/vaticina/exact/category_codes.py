"""Codes of a table's own values, in place of the values that an imported model was fitted to."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from vaticina.exact.arrays import Matrix
from vaticina.exact.graph import OTHER, Field, Value

NEVER = -1.0
"""The code of a category that no row can have, because the table does not list it."""


def codes_of(categories: Sequence[Sequence[Any]], value: Value) -> list[Matrix]:
    """For each column of ``value`` the codes of its ``categories``, as the matrix has them; NaN for a missing one."""
    if not value.fields:
        return [np.asarray(values, dtype=np.float64) for values in categories]
    return [_field_codes(values, field) for values, field in zip(categories, value.fields, strict=True)]


def _field_codes(categories: Sequence[Any], field: Field) -> Matrix:
    if field.values is None:
        return np.asarray(categories, dtype=np.float64)
    codes = np.full(len(categories), NEVER)
    for place, category in enumerate(categories):
        if is_missing(category):
            codes[place] = np.nan
        elif category in field.values:
            codes[place] = field.values.index(category)
    return codes


def fillings(statistics: Sequence[Any], value: Value) -> tuple[Matrix, tuple[Field, ...]]:
    """The codes that an imputer fills in for missing values, and the fields of the columns afterwards.

    A text that is no category yet becomes one, after the code that stands for any other.
    """
    if not value.fields:
        return np.asarray(statistics, dtype=np.float64), ()
    codes, fields = [], []
    for statistic, field in zip(statistics, value.fields, strict=True):
        code, filled = _filling(statistic, field)
        codes.append(code)
        fields.append(filled)
    return np.array(codes, dtype=np.float64), tuple(fields)


def _filling(statistic: Any, field: Field) -> tuple[float, Field]:
    if statistic is None:
        return np.nan, field
    if field.values is None or is_missing(statistic):
        return float(statistic), field
    if statistic in field.values:
        return float(field.values.index(statistic)), field
    return float(len(field.values)), replace(field, values=(*field.values, statistic))


def with_other(values: Iterable[Any]) -> tuple[Any, ...]:
    """``values`` by code, and after them what stands for any other."""
    return (*values, OTHER)


def is_missing(value: Any) -> bool:
    """Whether ``value`` is None or not a number."""
    return value is None or (isinstance(value, float) and value != value)
