"""The list of names that a model's pickle may import, grouped by what the pickle may do with them.

The list is what our own native models and ordinary pipelines of others need with numpy 2, scikit-learn 1.9, LightGBM
and XGBoost. It was found by training each and reading its pickle. Every name is exact, never a prefix: a library is no
safer than its worst function (``numpy.testing`` runs code).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType

from vaticina.pickles.moved import MOVED
from vaticina.pickles.stack_values import CallRule, DictValue, ImportedName, ListValue, OneOf, ResultOf


def qualified_names(modules: Mapping[str, str]) -> frozenset[str]:
    """``module.name`` for each of the names, which are separated by spaces."""
    full_names: set[str] = set()
    for module, names in modules.items():
        full_names.update(f"{module}.{name}" for name in names.split())
    return frozenset(full_names)


@dataclass(frozen=True, slots=True)
class Allowlist:
    """What pickles may import: ``objects`` are made empty and given a dict of attributes, ``calls`` are called as their
    rules say, ``values`` are only named."""

    objects: frozenset[str]
    calls: Mapping[str, CallRule]
    values: frozenset[str]

    def __contains__(self, name: str) -> bool:
        """Whether ``name`` may be imported."""
        return name in self.objects or name in self.calls or name in self.values


OBJECTS = qualified_names(
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
        "sklearn.ensemble._gb_losses": (  # up to 1.3; so is _hist_gradient_boosting.loss
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
        "sklearn.neighbors._classification": "KNeighborsClassifier",  # in one form only: restricted_names.py
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
        "sklearn.preprocessing._function_transformer": "FunctionTransformer",  # in one form only: restricted_names.py
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
        "vaticina.formats.estimators.frame_model": "FrameModel",
        "vaticina.formats.estimators.pandas_categories": "PandasCategories",
        "xgboost.core": "Booster",
        "xgboost.sklearn": "XGBClassifier XGBRanker XGBRegressor XGBRFClassifier XGBRFRegressor",
    }
)
"""Classes whose objects are made empty, by ``__new__`` without arguments, then given a dict of attributes.

A pickle may not call them.
"""

FROM_BUFFER = "numpy._core.numeric._frombuffer"
BIT_GENERATOR = ResultOf("numpy.random._pickle.__bit_generator_ctor")
RANDOM_BITS = OneOf((ImportedName("numpy.random._mt19937.MT19937"), ImportedName("numpy.random._pcg64.PCG64")))
DTYPE = ResultOf("numpy.dtype")
LOSS = "sklearn._loss._loss"
LOSSES = (
    *("CyAbsoluteError", "CyExponentialLoss", "CyHalfBinomialLoss", "CyHalfGammaLoss", "CyHalfMultinomialLoss"),
    *("CyHalfPoissonLoss", "CyHalfSquaredError", "CyHuberLoss", "CyPinballLoss"),
)
ARRAY = OneOf((ResultOf(FROM_BUFFER), ResultOf("numpy._core.multiarray._reconstruct")))
ORDERED_DICT = "collections.OrderedDict"
DEFAULT_DICT = "collections.defaultdict"
RECONSTRUCTOR = "copyreg._reconstructor"
ENCODE = "_codecs.encode"
BYTE_ARRAY = "builtins.bytearray"
SCALER = ResultOf("sklearn.preprocessing._data.StandardScaler")
KMEANS = ResultOf("sklearn.cluster._kmeans.KMeans")
ISOLATION = ResultOf("sklearn.ensemble._iforest.IsolationForest")
INTEGER_OR_NONE = OneOf((int, NoneType))

CALLS: Mapping[str, CallRule] = {
    BYTE_ARRAY: CallRule((OneOf((bytes, str)), "latin-1"), optional=2),
    "builtins.bytes": CallRule(()),
    "builtins.set": CallRule((ListValue,)),
    "builtins.slice": CallRule((INTEGER_OR_NONE, INTEGER_OR_NONE, INTEGER_OR_NONE)),
    DEFAULT_DICT: CallRule((ImportedName(ORDERED_DICT),)),
    ORDERED_DICT: CallRule(()),
    ENCODE: CallRule((str, "latin1")),
    RECONSTRUCTOR: CallRule((ImportedName, ImportedName("builtins.object"), None)),
    "functools.partial": CallRule((ImportedName("sklearn.utils.validation.check_array"),), state=4),
    "numpy.dtype": CallRule((str, False, True), state=8),
    "numpy._core.multiarray._reconstruct": CallRule((ImportedName("numpy.ndarray"), (0,), b"b"), state=5),
    "numpy._core.multiarray.scalar": CallRule((DTYPE, bytes)),
    FROM_BUFFER: CallRule((OneOf((bytes, bytearray)), DTYPE, tuple, OneOf(("C", "F")))),
    BIT_GENERATOR.name: CallRule((RANDOM_BITS,), state=2),
    "numpy.random._pickle.__generator_ctor": CallRule((BIT_GENERATOR,)),
    "numpy.random._pickle.__randomstate_ctor": CallRule((BIT_GENERATOR,), state=dict),
    "numpy.random.bit_generator.__pyx_unpickle_SeedSequence": CallRule(
        (ImportedName("numpy.random.bit_generator.SeedSequence"), int, None), state=5
    ),
    f"{LOSS}.CyAbsoluteError": CallRule(()),
    f"{LOSS}.CyExponentialLoss": CallRule(()),
    f"{LOSS}.CyHalfBinomialLoss": CallRule(()),
    f"{LOSS}.CyHalfGammaLoss": CallRule(()),
    f"{LOSS}.CyHalfPoissonLoss": CallRule(()),
    f"{LOSS}.CyHalfSquaredError": CallRule(()),
    f"{LOSS}.CyHuberLoss": CallRule((float,)),
    f"{LOSS}.CyPinballLoss": CallRule((float,)),
    **{f"{LOSS}.__pyx_unpickle_{name}": CallRule((ImportedName(f"{LOSS}.{name}"), int, tuple)) for name in LOSSES},
    "sklearn.linear_model._sgd_fast.Hinge": CallRule((float,)),
    "sklearn.tree._tree.Tree": CallRule((int, ARRAY, int), state=dict),
    "vaticina.tasks.clusters.model.Member": CallRule((SCALER, ISOLATION, float)),
    "vaticina.tasks.clusters.model.ClusterAnomaly": CallRule((ARRAY, SCALER, KMEANS, ARRAY, DictValue)),
}
"""What a pickle may call, with which arguments, and which state the result may then be given.

``numpy.dtype`` and ``functools.partial`` have more rules, in restricted_names.py; so has ``copyreg._reconstructor``, in
scan.py.
"""

VALUES = qualified_names(
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
"""What a pickle may hold as a value, but not call: ``ndarray`` over chosen bytes would forge pointers to objects."""

NAMES = OBJECTS | CALLS.keys() | VALUES
"""The whole list."""

ALLOWLIST = Allowlist(OBJECTS, CALLS, VALUES)
"""The list for models of scikit-learn, LightGBM, XGBoost and our own."""

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
    "numpy.core.numeric._frombuffer": FROM_BUFFER,
    **{f"_loss.{name}": f"{LOSS}.{name}" for name in LOSSES},
    **{f"_loss.__pyx_unpickle_{name}": f"{LOSS}.__pyx_unpickle_{name}" for name in LOSSES},
}
"""Another exact name of something -> its name on the list.

The other names are the older ones of our own classes, those of Python 2, which protocols 0 to 2 write, those of numpy
1, and those of scikit-learn 1.4 to 1.8, whose losses give the name of their module without its package.
"""


def canonical(name: str) -> str:
    """The name on the list that ``name`` stands for; ``name`` itself when it is no other name of anything."""
    return ALIASES.get(name, name)
