"""The scikit-learn pipelines of tables: from the encoded float64 matrix through a preprocessor to an estimator."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from vaticina.contract import Column

MISSING = -1
"""The code of a missing category, below all known ones."""

BOOSTING = {"learning_rate": 0.1, "max_iter": 200, "max_features": 0.5, "l2_regularization": 10.0, "random_state": 0}
"""Half of the columns at each split and a strong penalty: large tables lose nothing by it, small ones need it."""

FOREST = {"n_estimators": 100, "min_samples_leaf": 3, "random_state": 0}


def compared_pipelines(columns: Sequence[Column], has_classes: bool) -> dict[str, Pipeline]:
    """The unfitted pipelines that selection compares, by name, the simplest first; for classes or for a number.

    Each takes the contract's matrix: NaN where a value is missing, codes 0 to size - 1 for categories and size for
    any other. Linear: median imputation, scaling, and one column per category, the missing one included; an unknown
    one has none. Forest: codes are numbers, missing or unknown is -1. Boosting: the same with NaN, for which
    each split has a side. Trees cut ordered codes as well as one-hot columns, at any number of categories.
    """
    if has_classes:
        linear, forest, boosting = _classifiers()
    else:
        linear, forest, boosting = _regressors()
    return {
        "linear": one_hot_pipeline(columns, linear),
        "forest": Pipeline([("prepare", _codes(columns, MISSING, _median())), ("model", forest)]),
        "boosting": Pipeline([("prepare", _codes(columns, np.nan, "passthrough")), ("model", boosting)]),
    }


def one_hot_pipeline(columns: Sequence[Column], estimator: Any) -> Pipeline:
    """``estimator`` behind median imputation, scaling, and one column per category: any estimator takes that."""
    return Pipeline([("prepare", _one_hot(columns)), ("model", estimator)])


def _classifiers() -> tuple[Any, Any, Any]:
    return (
        LogisticRegression(C=0.1, max_iter=1_000),
        RandomForestClassifier(**FOREST),
        HistGradientBoostingClassifier(**BOOSTING, early_stopping=False),
    )


def _regressors() -> tuple[Any, Any, Any]:
    return (
        Ridge(),
        RandomForestRegressor(**FOREST, max_features=0.5),
        HistGradientBoostingRegressor(**BOOSTING, early_stopping=False),
    )


def _one_hot(columns: Sequence[Column]) -> ColumnTransformer:
    numbers = Pipeline([("impute", _median()), ("scale", StandardScaler())])
    codes = [[float(MISSING), *column_codes] for column_codes in _category_codes(columns)]
    categories = Pipeline(
        [
            ("missing", SimpleImputer(strategy="constant", fill_value=MISSING)),
            ("one_hot", OneHotEncoder(categories=codes, handle_unknown="ignore", sparse_output=False)),
        ]
    )
    return _by_kind(columns, numbers, categories)


def _codes(columns: Sequence[Column], missing: float, numbers: Any) -> ColumnTransformer:
    """Numbers as ``numbers`` transforms them, and codes of categories with ``missing`` for missing and unknown ones."""
    codes = _category_codes(columns)
    categories = OrdinalEncoder(categories=codes, handle_unknown="use_encoded_value", unknown_value=missing)
    return _by_kind(columns, numbers, categories)


def _median() -> SimpleImputer:
    return SimpleImputer(strategy="median")


def _category_codes(columns: Sequence[Column]) -> list[list[float]]:
    """The codes of each column of categories, in the order of the columns."""
    codes = []
    for column in columns:
        if column.kind == "category":
            codes.append(list(map(float, range(column.size))))
    return codes


def _by_kind(columns: Sequence[Column], numbers: Any, categories: Any) -> ColumnTransformer:
    """Applies each transformer to the columns of its kind; one without columns is left out, which converters need."""
    transformers = []
    for name, kind, transformer in (("numbers", "number", numbers), ("categories", "category", categories)):
        indices = [index for index, column in enumerate(columns) if column.kind == kind]
        if indices:
            transformers.append((name, transformer, indices))
    return ColumnTransformer(transformers)
