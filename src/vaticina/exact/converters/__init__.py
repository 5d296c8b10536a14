"""How each class of scikit-learn, LightGBM and XGBoost becomes nodes of a graph: one file for each family.

Importing this package registers all of them. Converters of other classes stand beside these classes, and are registered
by importing their files.
"""

from vaticina.exact.converters import (
    forests,
    histogram_boosting,
    isolation_forest,
    kmeans,
    lightgbm,
    linear,
    meta,
    naive_bayes,
    quantiles,
    selections,
    support_vectors,
    transforms,
    xgboost,
)

CONVERTER_FILES = (
    forests,
    histogram_boosting,
    isolation_forest,
    kmeans,
    lightgbm,
    linear,
    meta,
    naive_bayes,
    quantiles,
    selections,
    support_vectors,
    transforms,
    xgboost,
)
