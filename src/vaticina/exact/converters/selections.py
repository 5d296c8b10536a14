"""Selections of columns, whatever they were chosen by."""

from typing import Any

import numpy as np

from vaticina.exact.graph import Graph, Value, converts


@converts(
    "sklearn.feature_selection._from_model.SelectFromModel",
    "sklearn.feature_selection._sequential.SequentialFeatureSelector",
    "sklearn.feature_selection._univariate_selection.GenericUnivariateSelect",
    "sklearn.feature_selection._univariate_selection.SelectFdr",
    "sklearn.feature_selection._univariate_selection.SelectFpr",
    "sklearn.feature_selection._univariate_selection.SelectFwe",
    "sklearn.feature_selection._univariate_selection.SelectKBest",
    "sklearn.feature_selection._univariate_selection.SelectPercentile",
    "sklearn.feature_selection._variance_threshold.VarianceThreshold",
)
def selection(part: Any, graph: Graph, value: Value) -> Value:
    """The columns that were chosen."""
    return graph.columns(value, np.flatnonzero(part.get_support()).tolist())
