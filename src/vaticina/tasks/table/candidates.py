"""The models that are compared: one linear, one forest, one boosting, over the encoded float64 matrix."""

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
"""Half of the columns at each split and a strong penalty: what large tables do not miss, small ones need."""

FOREST = {"n_estimators": 100, "min_samples_leaf": 3, "random_state": 0}


def candidates(columns: Sequence[Column], classes: bool) -> dict[str, Pipeline]:
    """Unfitted pipelines by name, the simplest first, for classes or for a number.

    Each takes the contract's matrix: NaN where a value is missing, codes 0 to size - 1 for categories and size for
    any other. Linear: median imputation, scaling, and one column per category, the missing one included; an unknown
    one has none. Forest: codes stand as numbers, missing or unknown is -1. Boosting: the same with NaN, for which
    each split has a side. Trees cut ordered codes as well as one-hot columns, at any number of categories.
    """
    return {
        "linear": Pipeline([("prepare", _one_hot(columns)), ("model", _linear(classes))]),
        "forest": Pipeline([("prepare", _codes(columns, MISSING, impute=True)), ("model", _forest(classes))]),
        "boosting": Pipeline([("prepare", _codes(columns, np.nan)), ("model", _boosting(classes))]),
    }


def prepared(columns: Sequence[Column], estimator: Any) -> Pipeline:
    """``estimator`` behind median imputation, scaling, and one column per category: any estimator takes that."""
    return Pipeline([("prepare", _one_hot(columns)), ("model", estimator)])


def _linear(classes: bool) -> Any:
    return LogisticRegression(C=0.1, max_iter=1_000) if classes else Ridge()


def _forest(classes: bool) -> Any:
    return RandomForestClassifier(**FOREST) if classes else RandomForestRegressor(**FOREST, max_features=0.5)


def _boosting(classes: bool) -> Any:
    if classes:
        return HistGradientBoostingClassifier(**BOOSTING, early_stopping=False)
    return HistGradientBoostingRegressor(**BOOSTING, early_stopping=False)


def _one_hot(columns: Sequence[Column]) -> ColumnTransformer:
    numbers = Pipeline([("impute", _median()), ("scale", StandardScaler())])
    known = [[float(MISSING), *map(float, range(column.size))] for column in columns if column.kind == "category"]
    categories = Pipeline(
        [
            ("missing", SimpleImputer(strategy="constant", fill_value=MISSING)),
            ("one_hot", OneHotEncoder(categories=known, handle_unknown="ignore", sparse_output=False)),
        ]
    )
    return _by_kind(columns, numbers, categories)


def _codes(columns: Sequence[Column], missing: float, impute: bool = False) -> ColumnTransformer:
    known = [list(map(float, range(column.size))) for column in columns if column.kind == "category"]
    categories = OrdinalEncoder(categories=known, handle_unknown="use_encoded_value", unknown_value=missing)
    return _by_kind(columns, _median() if impute else "passthrough", categories)


def _median() -> SimpleImputer:
    return SimpleImputer(strategy="median")


def _by_kind(columns: Sequence[Column], numbers: Any, categories: Any) -> ColumnTransformer:
    """Applies each part to its columns; a part without columns is left out, which converters need."""
    parts = {"numbers": ("number", numbers), "categories": ("category", categories)}
    places = {name: [at for at, one in enumerate(columns) if one.kind == kind] for name, (kind, _) in parts.items()}
    return ColumnTransformer([(name, part, places[name]) for name, (_, part) in parts.items() if places[name]])
