"""Codes of a table's own values, in the place of the values that a model of others was fitted to."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.graph import OTHER, Field, Value

NEVER = -1.0
"""The code of a category that the contract does not know: no row has it."""

Codes = NDArray[np.float64]


def codes_of(categories: Iterable[Sequence[Any]], value: Value) -> list[Codes]:
    """For each column of ``value`` its ``categories`` as the matrix has them; NaN for the missing one."""
    fields: Sequence[Field | None] = value.fields or [None] * value.width
    return [_codes(one, field) for one, field in zip(categories, fields, strict=True)]


def _codes(categories: Sequence[Any], field: Field | None) -> Codes:
    if field is None or field.values is None:
        return np.asarray(categories, dtype=np.float64)
    return np.array([_code(category, field.values) for category in categories], dtype=np.float64)


def _code(category: Any, values: Sequence[Any]) -> float:
    if is_missing(category):
        return np.nan
    return float(values.index(category)) if category in values else NEVER


def fillings(statistics: Sequence[Any], value: Value) -> tuple[Codes, tuple[Field, ...]]:
    """What an imputer puts where a value is missing, as the matrix has it, and the fields that hold it then.

    A text that is no category yet becomes one, behind the code that stands for any other.
    """
    if not value.fields:
        return np.asarray(statistics, dtype=np.float64), ()
    filled = [_filling(statistic, field) for statistic, field in zip(statistics, value.fields, strict=True)]
    return np.array([code for code, _ in filled], dtype=np.float64), tuple(field for _, field in filled)


def _filling(statistic: Any, field: Field) -> tuple[float, Field]:
    if field.values is None or is_missing(statistic):
        return float(statistic) if statistic is not None else np.nan, field
    if statistic in field.values:
        return float(field.values.index(statistic)), field
    return float(len(field.values)), replace(field, values=(*field.values, statistic))


def with_other(values: Iterable[Any]) -> tuple[Any, ...]:
    """``values`` by code, with what stands for any other."""
    return (*values, OTHER)


def is_missing(value: Any) -> bool:
    """Whether ``value`` is None or not a number."""
    return value is None or (isinstance(value, float) and value != value)
