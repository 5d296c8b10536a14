"""Each registered converter answers as its class does: what the property tests leave out, on fewer rows."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import VotingRegressor
from sklearn.feature_selection import (
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
    f_regression,
)
from sklearn.linear_model import (
    BayesianRidge,
    ElasticNetCV,
    LassoCV,
    LogisticRegressionCV,
    PoissonRegressor,
    Ridge,
    RidgeCV,
    SGDRegressor,
)
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor

from tests.exact.comparison import divergence
from tests.exact.samples import asked, draw, ranged, sample
from tests.exact.test_properties import CLASSIFIERS, REGRESSORS
from vaticina.exact.converters import CONVERTER_FILES
from vaticina.exact.graph import CONVERTERS
from vaticina.exact.verify import MARGIN, TOLERANCE
from vaticina.formats.autogluon import graph as autogluon_graph
from vaticina.formats.estimators import category_graph, frame_graph
from vaticina.tasks.table import calibrated_graph

OF_OUR_CLASSES = (autogluon_graph, calibrated_graph, category_graph, frame_graph)

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "compilation.md"

ROWS = 10_000

NUMBERS: list[Any] = [
    RidgeCV(),
    LassoCV(alphas=[0.1, 0.01], cv=2),
    ElasticNetCV(alphas=[0.1, 0.01], cv=2),
    BayesianRidge(),
    SGDRegressor(random_state=0, eta0=1e-6, tol=1.0),
    PoissonRegressor(alpha=1.0, max_iter=1_000, tol=1e-1),
    SVR(kernel="linear", C=1e-4, epsilon=1.0),
    VotingRegressor([("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=4))], weights=[1.0, 3.0]),
    TransformedTargetRegressor(Ridge(), transformer=StandardScaler(with_mean=False)),
    TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp, check_inverse=False),
    make_pipeline(QuantileTransformer(n_quantiles=60), Ridge()),
    make_pipeline(QuantileTransformer(n_quantiles=60, output_distribution="normal"), Ridge()),
    make_pipeline(FunctionTransformer(), "passthrough", RobustScaler(with_centering=False), Ridge()),
    make_pipeline(MinMaxScaler((-1.0, 1.0)), DecisionTreeRegressor(max_depth=6)),
    make_pipeline(
        VarianceThreshold(),
        SelectKBest(f_regression, k=5),
        SelectPercentile(f_regression, percentile=90),
        GenericUnivariateSelect(f_regression, mode="k_best", param=3),
        Ridge(),
    ),
    make_pipeline(
        SelectFpr(f_regression, alpha=0.9),
        SelectFdr(f_regression, alpha=0.9),
        SelectFwe(f_regression, alpha=0.9),
        Ridge(),
    ),
    make_pipeline(SelectFromModel(Ridge(), max_features=3), SequentialFeatureSelector(Ridge(), cv=2), Ridge()),
    make_pipeline(StandardScaler(with_std=False), KMeans(4, n_init=1, random_state=0), Ridge()),
]

CLASSES: list[Any] = [
    LogisticRegressionCV(Cs=[0.1], cv=2, tol=1e-1, max_iter=1_000),
    TunedThresholdClassifierCV(GaussianNB(), cv=2),
]


def class_name(model: Any) -> str:
    return type(model).__name__


@pytest.mark.parametrize("model", NUMBERS, ids=class_name)
def test_a_regressor_keeps_its_values(model: Any) -> None:
    data = sample(0)
    pipeline = ranged(model).fit(data.rows, data.target)
    measured = divergence(pipeline, data.contract, data.rows, draw(ROWS, np.random.default_rng(0)))
    assert measured.difference < 1e-6


@pytest.mark.parametrize("model", CLASSES, ids=class_name)
def test_a_classifier_keeps_its_labels_and_probabilities(model: Any) -> None:
    data = sample(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of defaults that will change
        pipeline = ranged(model).fit(data.rows, data.target)
    measured = divergence(pipeline, data.contract, data.rows, asked(ROWS, 0))
    assert (measured.flips, measured.difference < 1e-6) == (0, True)


ELSEWHERE = {
    "vaticina.formats.autogluon.model.AutogluonModel",
    "vaticina.tasks.table.calibrated_classifier.CalibratedClassifier",
    "sklearn.model_selection._classification_threshold.FixedThresholdClassifier",
    "sklearn.ensemble._iforest.IsolationForest",
    "sklearn.cluster._kmeans.KMeans",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.impute._base.MissingIndicator",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.preprocessing._encoders.OneHotEncoder",
    "sklearn.preprocessing._encoders.OrdinalEncoder",
    "lightgbm.basic.Booster",
    "vaticina.formats.estimators.frame_model.FrameModel",
    "sklearn.frozen._frozen.FrozenEstimator",
    "sklearn.model_selection._search.GridSearchCV",
    "sklearn.model_selection._search.RandomizedSearchCV",
    "sklearn.model_selection._search_successive_halving.HalvingGridSearchCV",
    "sklearn.model_selection._search_successive_halving.HalvingRandomSearchCV",
    "vaticina.pickles.stand_ins.SkippedSampler",
    "vaticina.formats.estimators.pandas_categories.PandasCategories",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRanker",
    "xgboost.sklearn.XGBRegressor",
    "xgboost.sklearn.XGBRFClassifier",
    "xgboost.sklearn.XGBRFRegressor",
}
"""What ``test_special``, the preparations of ``samples``, and ``tests/formats`` exercise."""


def test_no_converter_is_left_out() -> None:
    assert CONVERTER_FILES
    assert OF_OUR_CLASSES
    tested = set(ELSEWHERE)
    for model, _ in (*CLASSIFIERS.values(), *REGRESSORS.values()):
        tested.add(full_name(model))
    for model in (*NUMBERS, *CLASSES):
        tested.add(full_name(model))
        if isinstance(model, Pipeline):
            tested.update(map(full_name, model.named_steps.values()))
    assert set(CONVERTERS) - tested == set()


def full_name(model: Any) -> str:
    return f"{type(model).__module__}.{type(model).__qualname__}"


def test_the_page_names_every_class_and_every_tolerance() -> None:
    page = PAGE.read_text(encoding="utf-8")
    absent = [name for name in CONVERTERS if f"`{name.rpartition('.')[2]}`" not in page]
    assert absent == []
    assert {MARGIN, *TOLERANCE.values()} == {1e-6}
    assert "10⁻⁶" in page
