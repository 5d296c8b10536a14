"""What the preparations before a model tell of a table's columns: encoders, imputers, scalers, selections, pipelines.

Importing this file registers what it knows beside the learners of ``vaticina.formats.columns``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vaticina.formats.columns import (
    LEARNERS,
    FittedColumn,
    are_all,
    contract_categories,
    is_missing,
    is_nan,
    learn,
    note_numbers,
    plain_value,
)


def _learn_pipeline(part: Any, columns: list[FittedColumn]) -> list[FittedColumn] | None:
    passed_on: list[FittedColumn] | None = columns
    for _, step in part.steps:
        if passed_on is None:
            return None
        if step not in (None, "passthrough"):
            passed_on = learn(step, passed_on)
    return passed_on


def _learn_column_transformer(part: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    """Its columns side by side: those that a transformer passes on as they are, and others in the place of the rest."""
    for column in columns:
        column.used = column.is_needed
    places = getattr(part, "output_indices_", {})
    passed_on = derived_columns(max((place.stop for place in places.values()), default=0))
    for name, transformer, _ in part.transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        chosen: list[FittedColumn] | None = [
            columns[index] for index in part._transformer_to_input_indices.get(name, [])
        ]
        for column in chosen or ():
            column.used = True
        if not isinstance(transformer, str):
            chosen = learn(transformer, chosen or [])
        place = places.get(name, slice(0, 0))
        if chosen is not None and len(chosen) == place.stop - place.start:
            passed_on[place] = chosen
        else:
            note_numbers(chosen)
    return passed_on


def derived_columns(count: int) -> list[FittedColumn]:
    """Stand for ``count`` columns that a part computed: what later parts tell of them tells nothing of the table."""
    return [FittedColumn("") for _ in range(count)]


def _learn_imputer(part: Any, columns: list[FittedColumn]) -> list[FittedColumn] | None:
    fills_nan = isinstance(part.missing_values, float) and bool(np.isnan(part.missing_values))
    for column, statistic in zip(columns, part.statistics_, strict=True):
        _note_marks(column, part.missing_values, statistic)
        column.takes_missing |= fills_nan or part.missing_values is None
        column.learnt_none |= part.missing_values is None
        if isinstance(plain_value(statistic), bool):
            column.categories = [False, True]
        elif isinstance(statistic, str):
            if part.strategy == "constant":
                column.fill_values.append(statistic)
        elif column.centre is None and statistic is not None and np.isfinite(statistic):
            column.centre = float(statistic)
    kept = _filled_columns(part, columns)
    indicator = getattr(part, "indicator_", None)
    if indicator is None:
        return kept
    return [*kept, *derived_columns(len(indicator.features_))]


def _filled_columns(part: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    """``columns`` without those that were always missing when the imputer was fitted, which it drops."""
    if getattr(part, "keep_empty_features", False):
        return columns
    kept = []
    for column, statistic in zip(columns, part.statistics_, strict=True):
        if not is_nan(plain_value(statistic)):
            kept.append(column)
    return kept


def _learn_later_imputer(part: Any, columns: list[FittedColumn]) -> list[FittedColumn] | None:
    """An imputer that fills in what it computes of other columns or rows."""
    fills_nan = isinstance(part.missing_values, float) and bool(np.isnan(part.missing_values))
    for column in columns:
        column.takes_missing |= fills_nan
    note_numbers(columns)
    if part.add_indicator or part.n_features_in_ != len(columns):
        return None
    return columns


def _note_marks(column: FittedColumn, missing: Any, filling: Any) -> None:
    """Notes what an imputer takes for ``missing`` and what it fills in."""
    for mark in (missing, filling):
        if isinstance(mark, int | float | np.number) and np.isfinite(float(mark)):
            column.constants.append(float(mark))
    if isinstance(missing, str):
        column.text_marks.append(missing)


def _learn_encoder(part: Any, columns: list[FittedColumn]) -> None:
    refuses_others = getattr(part, "handle_unknown", "ignore") == "error"
    for column, fitted in zip(columns, part.categories_, strict=True):
        values = list(map(plain_value, fitted))
        present = [value for value in values if not is_missing(value)]
        column.takes_missing |= len(present) < len(values)
        column.learnt_none |= None in values
        column.learnt_nan |= any(map(is_nan, values))
        categories = contract_categories(present)
        if categories is None or are_all(categories, int):
            column.constants += list(map(float, present))
        if categories is None:
            column.is_number = True
        else:
            _set_categories(column, categories, refuses_others)


def _set_categories(column: FittedColumn, categories: list[Any], refuses_others: bool) -> None:
    """Sets the categories: last the constants that an imputer filled in, and the texts that it takes for missing."""
    own = [value for value in categories if value not in column.fill_values]
    filled = [value for value in categories if value in column.fill_values]
    marks = [text for text in column.text_marks if text not in categories]
    add_categories(column, [*own, *filled, *marks], refuses_others)
    if refuses_others and column.fill_values and not filled:
        column.takes_missing = False  # the encoder refuses the constant that stands for a missing value


def add_categories(column: FittedColumn, values: Sequence[Any], refuses_others: bool) -> None:
    """Adds the categories of one more part: all that any knows, or those that each part which refuses others takes."""
    known = column.categories
    if known is None or (refuses_others and not column.refuses_others):
        column.categories = list(values)
    elif refuses_others:
        column.categories = [value for value in known if value in values]
    elif not column.refuses_others:
        column.categories = [*known, *(value for value in values if value not in known)]
    column.refuses_others |= refuses_others


def _learn_standard_scaler(part: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    note_numbers(columns)
    for index, column in enumerate(columns):
        if part.mean_ is not None and column.centre is None:
            column.centre = float(part.mean_[index])
        if part.scale_ is not None:
            column.scale = float(part.scale_[index])
            mean = float(part.mean_[index])
            is_of_flags = 0 < mean < 1 and np.isclose(part.var_[index], mean * (1 - mean), rtol=1e-9, atol=0)
            column.may_be_flag |= bool(is_of_flags)
    return columns


def _learn_robust_scaler(part: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    note_numbers(columns)
    for index, column in enumerate(columns):
        if part.center_ is not None:
            column.centre = float(part.center_[index])
        if part.scale_ is not None:
            column.scale = float(part.scale_[index])
    return columns


def _learn_min_max_scaler(part: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    note_numbers(columns)
    for index, column in enumerate(columns):
        column.bounds = float(part.data_min_[index]), float(part.data_max_[index])
    return columns


def _pass_numbers_on(part: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    """A part that makes of each number another one, and leaves a missing one missing."""
    if getattr(part, "func", True) is not None:
        note_numbers(columns)
    return columns


def _pass_selection_on(part: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    """A selection of columns."""
    note_numbers(columns)
    return [columns[index] for index in np.flatnonzero(part.get_support())]


def _skip(_: Any, columns: list[FittedColumn]) -> list[FittedColumn]:
    """A step that changes no row."""
    return columns


LEARNERS.update(
    {
        "ColumnTransformer": _learn_column_transformer,
        "FunctionTransformer": _pass_numbers_on,
        "GenericUnivariateSelect": _pass_selection_on,
        "IterativeImputer": _learn_later_imputer,
        "KNNImputer": _learn_later_imputer,
        "MaxAbsScaler": _pass_numbers_on,
        "MinMaxScaler": _learn_min_max_scaler,
        "OneHotEncoder": _learn_encoder,
        "OrdinalEncoder": _learn_encoder,
        "Pipeline": _learn_pipeline,
        "PowerTransformer": _pass_numbers_on,
        "QuantileTransformer": _pass_numbers_on,
        "RobustScaler": _learn_robust_scaler,
        "SelectFdr": _pass_selection_on,
        "SelectFpr": _pass_selection_on,
        "SelectFromModel": _pass_selection_on,
        "SelectFwe": _pass_selection_on,
        "SelectKBest": _pass_selection_on,
        "SelectPercentile": _pass_selection_on,
        "SequentialFeatureSelector": _pass_selection_on,
        "SimpleImputer": _learn_imputer,
        "SkippedSampler": _skip,
        "StandardScaler": _learn_standard_scaler,
        "TargetEncoder": _learn_encoder,
        "VarianceThreshold": _pass_selection_on,
    }
)
