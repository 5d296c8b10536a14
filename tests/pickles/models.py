"""One fitted model of every kind that may be native, on data small enough to fit in milliseconds."""

from collections.abc import Callable
from functools import partial
from typing import Any

import lightgbm
import numpy as np
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import (
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    GammaRegressor,
    HuberRegressor,
    Lasso,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    PoissonRegressor,
    QuantileRegressor,
    Ridge,
    RidgeClassifier,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
)
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    LabelBinarizer,
    LabelEncoder,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR

from vaticina.formats.estimators.frame_model import FrameColumn, FrameModel
from vaticina.formats.estimators.pandas_categories import PandasCategories
from vaticina.tasks.clusters.model import ClusterAnomaly, Member
from vaticina.tasks.table.calibrated_classifier import CalibratedClassifier, log_probabilities

ROWS = 120
RANDOM = np.random.default_rng(7)
NUMBERS = RANDOM.normal(size=(ROWS, 3))
CODES = RANDOM.integers(0, 4, ROWS).astype(float)
X = np.column_stack([NUMBERS, CODES])
GAPS = X.copy()
GAPS[::9, 0] = np.nan
TWO = (X[:, 0] + X[:, 1] > 0).astype(int)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])
TEXTS = np.array(["no", "yes"])[TWO]
VALUE = np.abs(X[:, 0] * 2 + X[:, 3]) + 0.1

Fitted = tuple[Any, Any]


def by_columns(last: Any, y: Any = TWO, model: Any = None) -> Fitted:
    """A pipeline with imputation, scaling and ``last`` for the column of codes."""
    numbers = Pipeline([("impute", SimpleImputer(add_indicator=True)), ("scale", StandardScaler())])
    parts = ColumnTransformer([("a", numbers, [0, 1]), ("b", RobustScaler(), slice(2, 3)), ("c", last, [3])])
    pipeline = Pipeline([("prepare", parts), ("model", model or LogisticRegression())])
    return pipeline.fit(GAPS, y), GAPS


def of(model: Any, y: Any, x: Any = X) -> Fitted:
    return model.fit(x, y), x


def calibrated() -> Fitted:
    forest = Pipeline([("scale", StandardScaler()), ("forest", RandomForestClassifier(5, random_state=0))])
    forest.fit(X, THREE)
    calibration = LogisticRegression().fit(log_probabilities(forest.predict_proba(X)), THREE)
    return CalibratedClassifier(forest, calibration), X


def clustered() -> Fitted:
    scaler = StandardScaler().fit(X)
    kmeans = KMeans(2, n_init=1, random_state=0).fit(scaler.transform(X))
    members = {}
    for number in range(2):
        forest = IsolationForest(n_estimators=5, random_state=0).fit(X)
        members[number] = Member(scaler, forest, -0.1)
    return ClusterAnomaly(np.zeros(4), scaler, kmeans, np.array([1, 0]), members), X


def mlp(kind: Any, y: Any, **settings: Any) -> Fitted:
    return of(kind(hidden_layer_sizes=(4,), max_iter=400, tol=0.5, n_iter_no_change=2, random_state=0, **settings), y)


def boosting(kind: Any, y: Any, **settings: Any) -> Fitted:
    return of(kind(max_iter=3, min_samples_leaf=5, random_state=0, **settings), y)


def gradient(kind: Any, y: Any, **settings: Any) -> Fitted:
    return of(kind(n_estimators=3, random_state=0, **settings), y)


def boosted(kind: Any, y: Any) -> Fitted:
    return of(kind(n_estimators=2, n_jobs=1, verbosity=-1 if "LGBM" in kind.__name__ else 0), y, GAPS)


def xgboosted() -> Fitted:
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(X, TWO), 2)
    return booster, xgboost.DMatrix(X)


def ranked() -> Fitted:
    return xgboost.XGBRanker(n_estimators=2, n_jobs=1).fit(X, TWO, qid=np.zeros(ROWS)), X


def of_pandas_categories() -> Fitted:
    columns = [
        FrameColumn(name="number", at=0, values=None),
        FrameColumn(name="text", at=1, values=["a", "b", "c", "d"]),
    ]
    categories = PandasCategories({"text": ["a", "b", "c", "d"]})
    table = categories.transform(FrameModel([categories], columns, named=True).table(X[:, [0, 3]]))
    model = lightgbm.LGBMClassifier(n_estimators=2, verbosity=-1, n_jobs=1).fit(table, TWO)
    return FrameModel([categories, model], columns, named=True), X[:, [0, 3]]


def framed() -> Fitted:
    columns = [FrameColumn(name=f"x{position}", at=position, values=None) for position in range(4)]
    return FrameModel([StandardScaler().fit(X), LogisticRegression().fit(X, TWO)], columns, named=False), X


ORDINARY: dict[str, Any] = {
    "transformers": [
        *(Binarizer(), KBinsDiscretizer(2, encode="ordinal", strategy="uniform"), KNNImputer(), MaxAbsScaler()),
        *(MinMaxScaler(), Normalizer(), PCA(2), PolynomialFeatures(), PowerTransformer(), TruncatedSVD(2)),
        *(QuantileTransformer(n_quantiles=20), VarianceThreshold(), MiniBatchKMeans(2, n_init=1)),
    ],
    "classifiers": [
        *(SVC(), LinearSVC(), NuSVC(), RidgeClassifier(), BernoulliNB(), KNeighborsClassifier(algorithm="brute")),
        *(GaussianNB(), LinearDiscriminantAnalysis(), QuadraticDiscriminantAnalysis()),
        *(SGDClassifier(loss="log_loss"), AdaBoostClassifier(n_estimators=2), BaggingClassifier(n_estimators=2)),
        *(FixedThresholdClassifier(LogisticRegression()), CalibratedClassifierCV(LogisticRegression(), cv=2)),
        LogisticRegressionCV(Cs=[0.1], cv=2, use_legacy_attributes=False, scoring="accuracy", l1_ratios=(0,)),
    ],
    "regressors": [
        *(BayesianRidge(), ElasticNet(), ElasticNetCV(cv=2), GammaRegressor(), HuberRegressor(), Lasso()),
        *(AdaBoostRegressor(n_estimators=2), BaggingRegressor(n_estimators=2), KernelRidge()),
        KNeighborsRegressor(algorithm="brute"),
        *(
            LassoCV(cv=2),
            LinearSVR(loss="squared_epsilon_insensitive", dual=False),
            NuSVR(),
            PoissonRegressor(),
            QuantileRegressor(),
            SGDRegressor(),
            SVR(),
        ),
    ],
}
"""What the pipelines of others are made of, beside what ours are."""


TARGETS = {"transformers": None, "classifiers": TWO, "regressors": VALUE}


def ordinary() -> dict[str, Callable[[], Fitted]]:
    """Name of a class -> what fits one."""
    fitters: dict[str, Callable[[], Fitted]] = {}
    for kind, models in ORDINARY.items():
        for model in models:
            fitters[type(model).__name__] = partial(of, model, TARGETS[kind])
    return fitters


MODELS: dict[str, Callable[[], Fitted]] = {
    **ordinary(),
    "framed": framed,
    "lightgbm, three": lambda: boosted(lightgbm.LGBMClassifier, THREE),
    "lightgbm, number": lambda: boosted(lightgbm.LGBMRegressor, VALUE),
    "lightgbm's booster": lambda: (boosted(lightgbm.LGBMClassifier, TWO)[0].booster_, GAPS),
    "xgboost, two": lambda: boosted(xgboost.XGBClassifier, TWO),
    "xgboost, number": lambda: boosted(xgboost.XGBRegressor, VALUE),
    "xgboost's booster": xgboosted,
    "xgboost, rank": ranked,
    "xgboost, forests": lambda: boosted(xgboost.XGBRFClassifier, TWO),
    "xgboost, forests of numbers": lambda: boosted(xgboost.XGBRFRegressor, VALUE),
    "categories of pandas": of_pandas_categories,
    "one-hot": lambda: by_columns(OneHotEncoder(handle_unknown="ignore")),
    "one-hot, rare ones joined": lambda: by_columns(
        OneHotEncoder(min_frequency=2, handle_unknown="infrequent_if_exist", sparse_output=False, dtype=np.float32)
    ),
    "ordinal": lambda: by_columns(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)),
    "ordinal in integers": lambda: by_columns(OrdinalEncoder(dtype=np.int64)),
    "target encoder": lambda: by_columns(TargetEncoder()),
    "target encoder of texts": lambda: by_columns(TargetEncoder(), y=TEXTS),
    "passed through": lambda: by_columns("passthrough"),
    "missing indicator": lambda: of(MissingIndicator(), None, GAPS),
    "logistic, two": lambda: of(LogisticRegression(), TWO),
    "logistic, three": lambda: of(LogisticRegression(), THREE),
    "logistic, texts": lambda: of(LogisticRegression(), TEXTS),
    "descent, hinge": lambda: of(SGDClassifier(), TWO),
    "linear": lambda: of(LinearRegression(), VALUE),
    "ridge": lambda: of(Ridge(), VALUE),
    "ridge, chosen": lambda: of(RidgeCV(), VALUE),
    "random forest": lambda: of(RandomForestClassifier(4, random_state=0), THREE),
    "random forest, own generator": lambda: of(RandomForestClassifier(2, random_state=np.random.RandomState(3)), TWO),
    "random forest, number": lambda: of(RandomForestRegressor(4, random_state=0), VALUE),
    "extra trees": lambda: of(ExtraTreesClassifier(4, class_weight="balanced", random_state=0), TEXTS),
    "extra trees, number": lambda: of(ExtraTreesRegressor(4, random_state=0), VALUE),
    "gradient, two": lambda: gradient(GradientBoostingClassifier, TWO),
    "gradient, three": lambda: gradient(GradientBoostingClassifier, THREE),
    "gradient, exponential": lambda: gradient(GradientBoostingClassifier, TWO, loss="exponential"),
    "gradient, squared": lambda: gradient(GradientBoostingRegressor, VALUE),
    "gradient, absolute": lambda: gradient(GradientBoostingRegressor, VALUE, loss="absolute_error"),
    "gradient, huber": lambda: gradient(GradientBoostingRegressor, VALUE, loss="huber"),
    "gradient, quantile": lambda: gradient(GradientBoostingRegressor, VALUE, loss="quantile"),
    "boosting, two": lambda: boosting(HistGradientBoostingClassifier, TWO),
    "boosting, three": lambda: boosting(HistGradientBoostingClassifier, THREE, early_stopping=True),
    "boosting, categories": lambda: boosting(
        HistGradientBoostingClassifier, TEXTS, categorical_features=[3], max_features=0.5
    ),
    "boosting, squared": lambda: boosting(HistGradientBoostingRegressor, VALUE, monotonic_cst=[1, 0, 0, 0]),
    "boosting, absolute": lambda: boosting(HistGradientBoostingRegressor, VALUE, loss="absolute_error"),
    "boosting, quantile": lambda: boosting(HistGradientBoostingRegressor, VALUE, loss="quantile", quantile=0.5),
    "boosting, poisson": lambda: boosting(HistGradientBoostingRegressor, VALUE, loss="poisson"),
    "boosting, gamma": lambda: boosting(HistGradientBoostingRegressor, VALUE, loss="gamma"),
    "isolation forest": lambda: of(IsolationForest(n_estimators=4, random_state=0), None),
    "k-means": lambda: of(KMeans(3, n_init=1, random_state=0), None),
    "perceptron": lambda: mlp(MLPClassifier, THREE),
    "perceptron, descent": lambda: mlp(MLPClassifier, TEXTS, solver="sgd", early_stopping=True),
    "perceptron, number": lambda: mlp(MLPRegressor, VALUE),
    "target scaled": lambda: of(TransformedTargetRegressor(Ridge(), transformer=StandardScaler()), VALUE),
    "target in log_probabilities": lambda: of(
        TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1), VALUE
    ),
    "isotonic": lambda: of(IsotonicRegression(out_of_bounds="clip"), VALUE, X[:, 0]),
    "labels": lambda: (LabelEncoder().fit(TEXTS), TEXTS),
    "labels, binary": lambda: (LabelBinarizer().fit(TEXTS), TEXTS),
    "calibrated": calibrated,
    "clusters": clustered,
}


def answers(model: Any, rows: Any) -> list[Any]:
    """What ``model`` answers to ``rows``, by each of scikit-learn's methods that it has."""
    arrays: list[Any] = []
    for method in ("predict", "predict_proba", "decision_function", "score_samples", "transform"):
        if hasattr(model, method):
            answer = getattr(model, method)(rows)
            if isinstance(answer, tuple):
                arrays.extend(answer)
            else:
                arrays.append(answer)
    return arrays
