"""What a model's pickle may be made of: exact names, grouped by what may be done with them.

The list is what our own native models and ordinary pipelines of others need with numpy 2, scikit-learn 1.9, LightGBM
and XGBoost, found by training each and reading its pickle. A name is never a prefix: a library is no safer than its
worst function (``numpy.testing`` runs code).
"""

from collections.abc import Mapping
from types import NoneType

from vaticina.pickles.moved import MOVED
from vaticina.pickles.stack_values import Call, Items, Named, OneOf, Pairs, Result


def _names(modules: Mapping[str, str]) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module, names in modules.items() for name in names.split())


OBJECTS = _names(
    {
        "lightgbm.basic": "Booster",
        "lightgbm.sklearn": "LGBMClassifier LGBMRegressor",
        "sklearn.calibration": "CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration",
        "sklearn.cluster._kmeans": "KMeans MiniBatchKMeans",
        "sklearn.compose._column_transformer": "ColumnTransformer _RemainderColsList",
        "sklearn.compose._target": "TransformedTargetRegressor",
        "sklearn.decomposition._pca": "PCA",
        "sklearn.decomposition._truncated_svd": "TruncatedSVD",
        "sklearn.discriminant_analysis": "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis",
        "sklearn.dummy": "DummyClassifier DummyRegressor",
        "sklearn.ensemble._bagging": "BaggingClassifier BaggingRegressor",
        "sklearn.ensemble._forest": (
            "ExtraTreesClassifier ExtraTreesRegressor RandomForestClassifier RandomForestRegressor"
        ),
        "sklearn.ensemble._gb": "GradientBoostingClassifier GradientBoostingRegressor",
        "sklearn.ensemble._gb_losses": (  # up to 1.3, as the next but one
            "BinomialDeviance ExponentialLoss HuberLossFunction LeastAbsoluteError LeastSquaresError "
            "MultinomialDeviance QuantileLossFunction"
        ),
        "sklearn.ensemble._hist_gradient_boosting.binning": "_BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.loss": (
            "BinaryCrossEntropy CategoricalCrossEntropy LeastAbsoluteDeviation LeastSquares Poisson"
        ),
        "sklearn.ensemble._hist_gradient_boosting.gradient_boosting": (
            "HistGradientBoostingClassifier HistGradientBoostingRegressor"
        ),
        "sklearn.ensemble._hist_gradient_boosting.predictor": "TreePredictor",
        "sklearn.ensemble._iforest": "IsolationForest",
        "sklearn.ensemble._weight_boosting": "AdaBoostClassifier AdaBoostRegressor",
        "sklearn.feature_selection._variance_threshold": "VarianceThreshold",
        "sklearn.impute._base": "MissingIndicator SimpleImputer",
        "sklearn.impute._knn": "KNNImputer",
        "sklearn.isotonic": "IsotonicRegression",
        "sklearn.kernel_ridge": "KernelRidge",
        "sklearn.linear_model._base": "LinearRegression",
        "sklearn.linear_model._bayes": "BayesianRidge",
        "sklearn.linear_model._coordinate_descent": "ElasticNet ElasticNetCV Lasso LassoCV",
        "sklearn.linear_model._glm.glm": "GammaRegressor PoissonRegressor",
        "sklearn.linear_model._huber": "HuberRegressor",
        "sklearn.linear_model._logistic": "LogisticRegression LogisticRegressionCV",
        "sklearn.linear_model._quantile": "QuantileRegressor",
        "sklearn.linear_model._ridge": "Ridge RidgeCV RidgeClassifier",
        "sklearn.linear_model._stochastic_gradient": "SGDClassifier SGDRegressor",
        "sklearn.model_selection._classification_threshold": "FixedThresholdClassifier",
        "sklearn.naive_bayes": "BernoulliNB GaussianNB",
        "sklearn.neighbors._classification": "KNeighborsClassifier",  # in one shape only: shapes.py
        "sklearn.neighbors._regression": "KNeighborsRegressor",
        "sklearn.neural_network._multilayer_perceptron": "MLPClassifier MLPRegressor",
        "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
        "sklearn.pipeline": "Pipeline",
        "sklearn.preprocessing._data": (
            "Binarizer MaxAbsScaler MinMaxScaler Normalizer PowerTransformer QuantileTransformer RobustScaler "
            "StandardScaler"
        ),
        "sklearn.preprocessing._discretization": "KBinsDiscretizer",
        "sklearn.preprocessing._encoders": "OneHotEncoder OrdinalEncoder",
        "sklearn.preprocessing._function_transformer": "FunctionTransformer",  # in one shape only: shapes.py
        "sklearn.preprocessing._label": "LabelBinarizer LabelEncoder",
        "sklearn.preprocessing._polynomial": "PolynomialFeatures",
        "sklearn.preprocessing._target_encoder": "TargetEncoder",
        "sklearn.svm._classes": "LinearSVC LinearSVR NuSVC NuSVR SVC SVR",
        "sklearn.tree._classes": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor",
        "sklearn._loss.link": "HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit",
        "sklearn._loss.loss": (
            "AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss "
            "HalfSquaredError HuberLoss PinballLoss"
        ),
        "vaticina.tasks.table.calibrated_classifier": "CalibratedClassifier",
        "vaticina.formats.sklearn.frame_model": "Framed",
        "xgboost.core": "Booster",
        "xgboost.sklearn": "XGBClassifier XGBRegressor",
    }
)
"""Classes made empty, by ``__new__`` without arguments, then given a dict of attributes. Never called."""

BYTES = "numpy._core.numeric._frombuffer"
BITS = Result("numpy.random._pickle.__bit_generator_ctor")
DTYPE = Result("numpy.dtype")
LOSS = "sklearn._loss._loss"
LOSSES = (
    *("CyAbsoluteError", "CyExponentialLoss", "CyHalfBinomialLoss", "CyHalfGammaLoss", "CyHalfMultinomialLoss"),
    *("CyHalfPoissonLoss", "CyHalfSquaredError", "CyHuberLoss", "CyPinballLoss"),
)
ARRAY = OneOf((Result(BYTES), Result("numpy._core.multiarray._reconstruct")))
ORDERED = "collections.OrderedDict"
DEFAULTS = "collections.defaultdict"
RECONSTRUCTOR = "copyreg._reconstructor"
ENCODE = "_codecs.encode"
BYTE_ARRAY = "builtins.bytearray"
SCALER = Result("sklearn.preprocessing._data.StandardScaler")
KMEANS = Result("sklearn.cluster._kmeans.KMeans")
ISOLATION = Result("sklearn.ensemble._iforest.IsolationForest")
NUMBER = OneOf((int, NoneType))

CALLS: Mapping[str, Call] = {
    BYTE_ARRAY: Call((OneOf((bytes, str)), "latin-1"), optional=2),
    "builtins.bytes": Call(()),
    "builtins.set": Call((Items,)),
    "builtins.slice": Call((NUMBER, NUMBER, NUMBER)),
    DEFAULTS: Call((Named(ORDERED),)),
    ORDERED: Call(()),
    ENCODE: Call((str, "latin1")),
    RECONSTRUCTOR: Call((Named, Named("builtins.object"), None)),
    "functools.partial": Call((Named("sklearn.utils.validation.check_array"),), state=4),
    "numpy.dtype": Call((str, False, True), state=8),
    "numpy._core.multiarray._reconstruct": Call((Named("numpy.ndarray"), (0,), b"b"), state=5),
    "numpy._core.multiarray.scalar": Call((DTYPE, bytes)),
    BYTES: Call((OneOf((bytes, bytearray)), DTYPE, tuple, OneOf(("C", "F")))),
    BITS.name: Call((OneOf((Named("numpy.random._mt19937.MT19937"), Named("numpy.random._pcg64.PCG64"))),), state=2),
    "numpy.random._pickle.__generator_ctor": Call((BITS,)),
    "numpy.random._pickle.__randomstate_ctor": Call((BITS,), state=dict),
    "numpy.random.bit_generator.__pyx_unpickle_SeedSequence": Call(
        (Named("numpy.random.bit_generator.SeedSequence"), int, None), state=5
    ),
    f"{LOSS}.CyAbsoluteError": Call(()),
    f"{LOSS}.CyExponentialLoss": Call(()),
    f"{LOSS}.CyHalfBinomialLoss": Call(()),
    f"{LOSS}.CyHalfGammaLoss": Call(()),
    f"{LOSS}.CyHalfPoissonLoss": Call(()),
    f"{LOSS}.CyHalfSquaredError": Call(()),
    f"{LOSS}.CyHuberLoss": Call((float,)),
    f"{LOSS}.CyPinballLoss": Call((float,)),
    **{f"{LOSS}.__pyx_unpickle_{name}": Call((Named(f"{LOSS}.{name}"), int, tuple)) for name in LOSSES},
    "sklearn.linear_model._sgd_fast.Hinge": Call((float,)),
    "sklearn.tree._tree.Tree": Call((int, ARRAY, int), state=dict),
    "vaticina.tasks.clusters.model.Member": Call((SCALER, ISOLATION, float)),
    "vaticina.tasks.clusters.model.ClusterAnomaly": Call((ARRAY, SCALER, KMEANS, ARRAY, Pairs)),
}
"""What may be called, with which arguments, and the state its result then takes: a dict, a tuple of a length, none.

``numpy.dtype``, ``functools.partial`` and ``copyreg._reconstructor`` have more rules, in shapes.py and scan.py.
"""

VALUES = _names(
    {
        "builtins": "object",
        "numpy": "expm1 float32 float64 int64 log1p ndarray",
        "numpy.random._mt19937": "MT19937",
        "numpy.random._pcg64": "PCG64",
        "numpy.random.bit_generator": "SeedSequence",
        "sklearn._loss._loss": "CyHalfMultinomialLoss",
        "sklearn.utils.validation": "check_array",
    }
)
"""What may stand as a value, never be called: ``ndarray`` over bytes of one's choice would forge object pointers."""

NAMES = OBJECTS | CALLS.keys() | VALUES

ALIASES: Mapping[str, str] = {
    **MOVED,
    "__builtin__.bytearray": BYTE_ARRAY,
    "__builtin__.bytes": "builtins.bytes",
    "__builtin__.object": "builtins.object",
    "__builtin__.set": "builtins.set",
    "__builtin__.slice": "builtins.slice",
    "copy_reg._reconstructor": RECONSTRUCTOR,
    "numpy.core.multiarray._reconstruct": "numpy._core.multiarray._reconstruct",
    "numpy.core.multiarray.scalar": "numpy._core.multiarray.scalar",
    "numpy.core.numeric._frombuffer": BYTES,
    **{f"_loss.{name}": f"{LOSS}.{name}" for name in LOSSES},
    **{f"_loss.__pyx_unpickle_{name}": f"{LOSS}.__pyx_unpickle_{name}" for name in LOSSES},
}
"""Other exact names of listed ones: our own classes' old ones, those of Python 2, which the protocols up to 2 write, of
numpy 1, and of scikit-learn 1.4 to 1.8, whose losses give their module's name without the package's."""


def canonical(name: str) -> str:
    """``name`` as the list has it."""
    return ALIASES.get(name, name)
