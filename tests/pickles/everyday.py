"""What people pickle every day beside the kinds of ``models.py``: searches, ensembles, selections, wrappers."""

import warnings
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import scipy.stats
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.covariance import EllipticEnvelope
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import FactorAnalysis, FastICA, IncrementalPCA, KernelPCA
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    f_regression,
)
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor, kernels
from sklearn.impute import IterativeImputer
from sklearn.kernel_approximation import Nystroem, PolynomialCountSketch, RBFSampler
from sklearn.linear_model import (
    ARDRegression,
    Lars,
    LarsCV,
    LassoLars,
    LassoLarsCV,
    LassoLarsIC,
    LogisticRegression,
    OrthogonalMatchingPursuit,
    OrthogonalMatchingPursuitCV,
    PassiveAggressiveClassifier,
    PassiveAggressiveRegressor,
    Perceptron,
    RANSACRegressor,
    Ridge,
    RidgeClassifierCV,
    SGDClassifier,
    SGDOneClassSVM,
    SGDRegressor,
    TheilSenRegressor,
    TweedieRegressor,
)
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    RepeatedStratifiedKFold,
    TimeSeriesSplit,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.naive_bayes import CategoricalNB, ComplementNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor, NearestCentroid
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, PowerTransformer, StandardScaler
from sklearn.random_projection import GaussianRandomProjection
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import OneClassSVM

from tests.pickles.models import GAPS, THREE, TWO, VALUE, Fitted, X, boosted, of
from vaticina.pickles.allowlist import UFUNCS
from vaticina.pickles.stand_ins import Ignored, SkippedSampler

POSITIVE = np.abs(X)
BOTH = np.column_stack([TWO, 1 - TWO])
C = {"C": [0.1, 1.0]}
TABLE = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": np.where(X[:, 3] > 1, "many", "few")})
GROWTH = {"resource": "n_samples", "min_resources": 40, "random_state": 0, "cv": 2}


DESCENT_LOSSES = (
    *("log_loss", "modified_huber", "squared_hinge", "perceptron", "squared_error", "huber", "epsilon_insensitive"),
    "squared_epsilon_insensitive",
)


def logistic() -> LogisticRegression:
    return LogisticRegression()


def tabled(numbers: Any, texts: Any) -> Fitted:
    """A pipeline over a data frame whose columns are chosen by ``numbers`` and ``texts``."""
    parts = ColumnTransformer(
        [("n", StandardScaler(), numbers), ("t", OneHotEncoder(handle_unknown="ignore", dtype=int), texts)]
    )
    return make_pipeline(parts, logistic()).fit(TABLE, TWO), TABLE


def searched(search_class: Any, choices: Any, **settings: Any) -> Fitted:
    return of(search_class(logistic(), choices, **settings), TWO)


def gaussian() -> Fitted:
    kernel = (
        kernels.ConstantKernel() * kernels.RBF()
        + kernels.WhiteKernel()
        + kernels.Matern()
        + kernels.RationalQuadratic()
        + kernels.ExpSineSquared()
        + kernels.DotProduct()
    )
    return of(GaussianProcessRegressor(kernel, optimizer=None, alpha=10.0), VALUE)


def passive(estimator_class: Any, target: Any) -> Fitted:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # deprecated since 1.8, and in many files
        return of(estimator_class(), target)


def ranked(model: Any) -> Fitted:
    return model.fit(X, TWO, group=[60, 60]), X


def sampled() -> Fitted:
    """A pipeline of imbalanced-learn after it was opened: its sampler passes rows on as they are."""
    return of(make_pipeline(StandardScaler(), SkippedSampler(), logistic()), TWO)


def chosen_by(score: str) -> Fitted:
    return of(TunedThresholdClassifierCV(logistic(), scoring=score, cv=2), TWO)


EVERYDAY: dict[str, Callable[[], Fitted]] = {
    "voting": lambda: of(VotingClassifier([("a", logistic()), ("b", NearestCentroid())]), TWO),
    "voting for a number": lambda: of(VotingRegressor([("a", Ridge()), ("b", Ridge(2.0))]), VALUE),
    "stacking": lambda: of(StackingClassifier([("a", logistic())], cv=2), TWO),
    "stacking for a number": lambda: of(StackingRegressor([("a", Ridge())], passthrough=True, cv=2), VALUE),
    "grid": lambda: searched(GridSearchCV, C, cv=RepeatedStratifiedKFold(n_splits=2, n_repeats=1), scoring="roc_auc"),
    "grid, two scores": lambda: searched(GridSearchCV, C, cv=2, scoring=["f1", "accuracy"], refit="f1"),
    "grid over times": lambda: of(GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=TimeSeriesSplit(2)), VALUE),
    "random search": lambda: searched(
        RandomizedSearchCV,
        {"C": scipy.stats.loguniform(0.1, 1.0), "max_iter": scipy.stats.randint(90, 110)},
        n_iter=2,
        cv=2,
        random_state=0,
    ),
    "halving": lambda: searched(HalvingGridSearchCV, C, **GROWTH),
    "halving at random": lambda: searched(HalvingRandomSearchCV, {"C": scipy.stats.uniform(0.1, 1.0)}, **GROWTH),
    "a pipeline with a search in it": lambda: of(
        make_pipeline(StandardScaler(), GridSearchCV(logistic(), C, cv=2)), TWO
    ),
    "frozen": lambda: of(CalibratedClassifierCV(FrozenEstimator(logistic().fit(X, TWO))), TWO),
    "temperature": lambda: of(CalibratedClassifierCV(logistic(), method="temperature", cv=2), THREE),
    "columns by an index": lambda: tabled(TABLE.select_dtypes("number").columns, TABLE.columns[2:]),
    "columns by an index of strings": lambda: tabled(["a", "b"], pd.Index(["kind"], dtype="string")),
    "columns by a range": lambda: tabled(pd.RangeIndex(2), [2]),
    "columns by a selector": lambda: tabled(
        make_column_selector(dtype_include=np.number), make_column_selector(dtype_include=object)
    ),
    "columns by a selector of Python's types": lambda: tabled(
        make_column_selector(dtype_include=[float, bool, np.floating]), make_column_selector(dtype_exclude=np.number)
    ),
    "one against the rest": lambda: of(OneVsRestClassifier(logistic()), THREE),
    "one against one": lambda: of(OneVsOneClassifier(logistic()), THREE),
    "output codes": lambda: of(OutputCodeClassifier(logistic(), random_state=0), THREE),
    "chain": lambda: of(ClassifierChain(logistic()), BOTH),
    "chain of numbers": lambda: of(RegressorChain(Ridge()), BOTH),
    "two targets": lambda: of(MultiOutputClassifier(logistic()), BOTH),
    "two numbers": lambda: of(MultiOutputRegressor(Ridge()), BOTH),
    "self-training": lambda: of(SelfTrainingClassifier(logistic()), np.where(X[:, 2] > 1, -1, TWO)),
    "gaussian process": gaussian,
    "gaussian process of classes": lambda: of(GaussianProcessClassifier(optimizer=None), TWO),
    "neighbours, default": lambda: of(KNeighborsClassifier(), TWO),
    "neighbours, manhattan": lambda: of(KNeighborsClassifier(metric="manhattan", algorithm="ball_tree"), THREE),
    "neighbours for a number": lambda: of(KNeighborsRegressor(p=3, weights="distance"), VALUE),
    "neighbours, chebyshev": lambda: of(KNeighborsRegressor(metric="chebyshev", algorithm="kd_tree"), VALUE),
    "outliers": lambda: of(LocalOutlierFactor(novelty=True), None),
    "sampled": sampled,
    "xgboost with callbacks": lambda: of(
        xgboost.XGBClassifier(n_estimators=2, callbacks=[Ignored()], n_jobs=1).set_params(callbacks=None), TWO
    ),
    "xgboost's forest": lambda: boosted(xgboost.XGBRFClassifier, TWO),
    "xgboost's forest of a number": lambda: boosted(xgboost.XGBRFRegressor, VALUE),
    "xgboost's ranker": lambda: ranked(xgboost.XGBRanker(n_estimators=2, n_jobs=1)),
    "lightgbm's ranker": lambda: ranked(lightgbm.LGBMRanker(n_estimators=2, n_jobs=1, verbosity=-1)),
    "iterative imputer": lambda: of(IterativeImputer(max_iter=2, random_state=0), None, GAPS),
    "union": lambda: of(make_union(StandardScaler(), MinMaxScaler()), None),
    "multinomial": lambda: of(MultinomialNB(), TWO, POSITIVE),
    "complement": lambda: of(ComplementNB(), TWO, POSITIVE),
    "categorical": lambda: of(CategoricalNB(), TWO, POSITIVE.astype(int)),
    "functions": lambda: of(
        make_union(*(FunctionTransformer(getattr(np, name)) for name in UFUNCS)), None, POSITIVE + 1
    ),
    "passive": lambda: passive(PassiveAggressiveClassifier, TWO),
    "passive, number": lambda: passive(PassiveAggressiveRegressor, VALUE),
    "types of numpy": lambda: (
        [np.bool_, np.float16, np.int8, np.int16, np.int32, np.uint8, np.integer, np.object_],
        None,
    ),
    "types": lambda: ([np.str_, str, dict, type(TABLE.index).__mro__[-1]], None),
    "times": lambda: (
        [date(2024, 5, 1), datetime(2024, 5, 1, 12)],  # noqa: DTZ001 -- as people write it
        None,
    ),
}

SCORES = ("accuracy", "balanced_accuracy", "f1", "jaccard", "matthews_corrcoef", "precision", "recall")
for score in SCORES:
    EVERYDAY[f"threshold by {score}"] = partial(chosen_by, score)

PLAIN: dict[str, tuple[tuple[Any, ...], Any, Any]] = {
    "classes": ((Perceptron(), RidgeClassifierCV(), NearestCentroid()), TWO, X),
    "losses of classes": (tuple(SGDClassifier(loss=loss) for loss in DESCENT_LOSSES), TWO, X),
    "numbers": (
        (
            *(ARDRegression(), Lars(), LarsCV(cv=2), LassoLars(), LassoLarsCV(cv=2), LassoLarsIC(), PLSRegression()),
            *(OrthogonalMatchingPursuit(), OrthogonalMatchingPursuitCV(cv=2)),
            *(RANSACRegressor(random_state=0), TheilSenRegressor(random_state=0, max_subpopulation=50)),
            *(TweedieRegressor(power=1.5, link="log"), TweedieRegressor(power=0), SGDRegressor(loss="huber")),
        ),
        VALUE,
        X,
    ),
    "selections": (
        (
            *(GenericUnivariateSelect(), SelectFdr(), SelectFpr(), SelectFwe(), SelectKBest(k=2), SelectPercentile()),
            *(SelectFromModel(logistic()), RFE(logistic()), RFECV(logistic(), cv=2)),
            *(SequentialFeatureSelector(logistic(), cv=2), SelectKBest(f_regression, k=1)),
        ),
        TWO,
        X,
    ),
    "transformers": (
        (
            *(FactorAnalysis(2), FastICA(2, random_state=0), IncrementalPCA(2), KernelPCA(2, kernel="rbf")),
            *(Nystroem(n_components=5), PolynomialCountSketch(n_components=5), RBFSampler(n_components=5)),
            *(GaussianRandomProjection(2), PowerTransformer()),
        ),
        None,
        X,
    ),
    "without a target": (
        (
            *(EllipticEnvelope(random_state=0), GaussianMixture(1), BayesianGaussianMixture(n_components=1)),
            *(OneClassSVM(), SGDOneClassSVM()),
        ),
        None,
        X,
    ),
}
"""Estimators by what they are fitted to: the target and the rows."""

for estimators, target, rows in PLAIN.values():
    for number, estimator in enumerate(estimators):
        EVERYDAY[f"{type(estimator).__name__} {number}"] = partial(of, estimator, target, rows)
