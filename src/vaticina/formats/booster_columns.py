"""What boosters tell of the columns that they were trained on: categories, ranges, and that any may be missing.

Importing this file registers what it knows beside the learners of ``vaticina.formats.columns``.
"""

from collections.abc import Mapping
from typing import Any

from vaticina.errors import ImportRefused
from vaticina.formats.columns import LEARNERS, FittedColumn, contract_categories
from vaticina.formats.lightgbm import categories as lightgbm_categories
from vaticina.formats.tree_columns import note_flags
from vaticina.formats.xgboost import categories as xgboost_categories
from vaticina.formats.xgboost.model_document import number_splits


def booster_in(part: Any) -> Any:
    """The booster that ``part`` is, or that it holds; None when it is no model of LightGBM or XGBoost."""
    if not type(part).__module__.startswith(("lightgbm.", "xgboost.")):
        return None
    if hasattr(part, "get_booster"):
        return part.get_booster()
    return getattr(part, "booster_", part)


def category_lists(part: Any) -> Mapping[int, list[Any]]:
    """The categories of each column that ``part``, a booster or an estimator around one, takes as one.

    They are by the column's number; a list is empty where the file does not hold it. Raises ImportRefused.
    """
    booster = booster_in(part)
    if booster is None:
        return {}
    if hasattr(booster, "pandas_categorical"):
        return lightgbm_categories.category_lists(booster)
    return xgboost_categories.category_lists(booster)


def _learn_booster(part: Any, columns: list[FittedColumn]) -> None:
    """A booster answers a row whatever is missing in it, and takes a category that it does not know for missing."""
    lists = category_lists(part)
    for index, column in enumerate(columns):
        column.takes_missing = True
        column.is_number |= index not in lists
    for index, values in lists.items():
        if values:
            columns[index].categories = _categories(columns[index].name, values)
    booster = booster_in(part)
    if not hasattr(booster, "pandas_categorical"):
        if len(columns) == booster.num_features():
            note_flags(columns, number_splits(booster))
        for index in xgboost_categories.flags(booster):
            columns[index].categories = [False, True]
    ranges = _ranges(booster)
    for column in columns:
        if column.categories is None and column.bounds is None:
            column.bounds = ranges.get(column.name)


def _categories(name: str, values: list[Any]) -> list[Any]:
    """``values`` as a contract has them. Raises ImportRefused."""
    categories = contract_categories(values)
    if categories is None:
        raise ImportRefused(f"The categories of {name} are numbers with fractions ({values[:5]}); no contract says so.")
    return categories


def _ranges(booster: Any) -> Mapping[str, tuple[float, float]]:
    """The least and the greatest number of each column, by its name, as LightGBM's boosters keep them."""
    if not hasattr(booster, "pandas_categorical"):
        return {}
    ranges = {}
    for name, info in booster.dump_model(num_iteration=1)["feature_infos"].items():
        if not info["values"] and info["min_value"] <= info["max_value"]:
            ranges[name] = (float(info["min_value"]), float(info["max_value"]))
    return ranges


BOOSTERS = (
    *("Booster", "LGBMClassifier", "LGBMRanker", "LGBMRegressor", "XGBClassifier", "XGBRFClassifier"),
    *("XGBRFRegressor", "XGBRanker", "XGBRegressor"),
)
LEARNERS.update(dict.fromkeys(BOOSTERS, _learn_booster))
