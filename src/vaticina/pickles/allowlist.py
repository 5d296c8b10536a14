"""The list of names that a model's pickle may import, grouped by what the pickle may do with them.

The list is what our own native models and ordinary pipelines of others need with numpy 2, scikit-learn 1.9, LightGBM
and XGBoost. It was found by training each and reading its pickle. Every name is exact, never a prefix: a library is no
safer than its worst function (``numpy.testing`` runs code).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType

from vaticina.pickles.moved import MOVED
from vaticina.pickles.stack_values import CallRule, DictValue, ImportedName, ListValue, OneOf, ResultOf
from vaticina.pickles.stand_in_names import ATTRIBUTE, HERE, IGNORED, STAND_INS, TREES


def qualified_names(modules: Mapping[str, str]) -> frozenset[str]:
    """``module.name`` for each of the names, which are separated by spaces."""
    full_names: set[str] = set()
    for module, names in modules.items():
        full_names.update(f"{module}.{name}" for name in names.split())
    return frozenset(full_names)


CHECK_ARRAY = "sklearn.utils.validation.check_array"


@dataclass(frozen=True, slots=True)
class Allowlist:
    """What pickles may import.

    ``objects`` are made empty and given a dict of attributes, ``calls`` are called as their rules say, ``values`` are
    only named, ``tuples`` are named tuples, each with how many values it has. ``aliases`` are other names of these. No
    rule holds for ``free`` names, which may be called and given any state. ``bound`` are the functions that a partial
    may bind arguments to.
    """

    objects: frozenset[str]
    calls: Mapping[str, CallRule]
    values: frozenset[str]
    tuples: Mapping[str, int] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset({CHECK_ARRAY})

    def __contains__(self, name: str) -> bool:
        """Whether ``name`` may be imported."""
        return name in self.free or self._is_ruled(name)

    def rules(self, name: str) -> bool:
        """Whether a rule holds for ``name``."""
        return name not in self.free and self._is_ruled(name)

    def canonical(self, name: str) -> str:
        """The name on the list that ``name`` stands for; ``name`` itself when it is no other name of anything."""
        return self.aliases.get(name, name)

    def _is_ruled(self, name: str) -> bool:
        return name in self.objects or name in self.calls or name in self.values or name in self.tuples


OBJECTS = qualified_names(
    {
        "lightgbm.basic": "Booster",
        "lightgbm.sklearn": "LGBMClassifier LGBMRanker LGBMRegressor",
        "sklearn.calibration": ("CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration _TemperatureScaling"),
        "sklearn.cluster._kmeans": "KMeans MiniBatchKMeans",
        "sklearn.compose._column_transformer": "ColumnTransformer _RemainderColsList make_column_selector",
        "sklearn.compose._target": "TransformedTargetRegressor",
        "sklearn.covariance._elliptic_envelope": "EllipticEnvelope",
        "sklearn.cross_decomposition._pls": "PLSRegression",
        "sklearn.decomposition._factor_analysis": "FactorAnalysis",
        "sklearn.decomposition._fastica": "FastICA",
        "sklearn.decomposition._incremental_pca": "IncrementalPCA",
        "sklearn.decomposition._kernel_pca": "KernelPCA",
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
        "sklearn.ensemble._stacking": "StackingClassifier StackingRegressor",
        "sklearn.ensemble._voting": "VotingClassifier VotingRegressor",
        "sklearn.ensemble._weight_boosting": "AdaBoostClassifier AdaBoostRegressor",
        "sklearn.feature_selection._from_model": "SelectFromModel",
        "sklearn.feature_selection._rfe": "RFE RFECV",
        "sklearn.feature_selection._sequential": "SequentialFeatureSelector",
        "sklearn.feature_selection._univariate_selection": (
            "GenericUnivariateSelect SelectFdr SelectFpr SelectFwe SelectKBest SelectPercentile"
        ),
        "sklearn.feature_selection._variance_threshold": "VarianceThreshold",
        "sklearn.frozen._frozen": "FrozenEstimator",
        "sklearn.gaussian_process._gpc": "GaussianProcessClassifier _BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process._gpr": "GaussianProcessRegressor",
        "sklearn.gaussian_process.kernels": (
            "ConstantKernel DotProduct ExpSineSquared Matern Product RBF RationalQuadratic Sum WhiteKernel"
        ),
        "sklearn.impute._base": "MissingIndicator SimpleImputer",
        "sklearn.impute._iterative": "IterativeImputer",
        "sklearn.impute._knn": "KNNImputer",
        "sklearn.isotonic": "IsotonicRegression",
        "sklearn.kernel_approximation": "Nystroem PolynomialCountSketch RBFSampler",
        "sklearn.kernel_ridge": "KernelRidge",
        "sklearn.linear_model._base": "LinearRegression",
        "sklearn.linear_model._bayes": "ARDRegression BayesianRidge",
        "sklearn.linear_model._coordinate_descent": "ElasticNet ElasticNetCV Lasso LassoCV",
        "sklearn.linear_model._glm.glm": "GammaRegressor PoissonRegressor TweedieRegressor",
        "sklearn.linear_model._huber": "HuberRegressor",
        "sklearn.linear_model._least_angle": "Lars LarsCV LassoLars LassoLarsCV LassoLarsIC",
        "sklearn.linear_model._logistic": "LogisticRegression LogisticRegressionCV",
        "sklearn.linear_model._omp": "OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV",
        "sklearn.linear_model._passive_aggressive": "PassiveAggressiveClassifier PassiveAggressiveRegressor",
        "sklearn.linear_model._perceptron": "Perceptron",
        "sklearn.linear_model._quantile": "QuantileRegressor",
        "sklearn.linear_model._ransac": "RANSACRegressor",
        "sklearn.linear_model._ridge": "Ridge RidgeCV RidgeClassifier RidgeClassifierCV",
        "sklearn.linear_model._stochastic_gradient": "SGDClassifier SGDOneClassSVM SGDRegressor",
        "sklearn.linear_model._theil_sen": "TheilSenRegressor",
        "sklearn.metrics._scorer": "_CurveScorer",
        "sklearn.mixture._bayesian_mixture": "BayesianGaussianMixture",
        "sklearn.mixture._gaussian_mixture": "GaussianMixture",
        "sklearn.model_selection._classification_threshold": "FixedThresholdClassifier TunedThresholdClassifierCV",
        "sklearn.model_selection._search": "GridSearchCV RandomizedSearchCV",
        "sklearn.model_selection._search_successive_halving": "HalvingGridSearchCV HalvingRandomSearchCV",
        "sklearn.multiclass": "OneVsOneClassifier OneVsRestClassifier OutputCodeClassifier _ConstantPredictor",
        "sklearn.multioutput": "ClassifierChain MultiOutputClassifier MultiOutputRegressor RegressorChain",
        "sklearn.naive_bayes": "BernoulliNB CategoricalNB ComplementNB GaussianNB MultinomialNB",
        "sklearn.neighbors._classification": "KNeighborsClassifier",  # in one form only: restricted_names.py
        "sklearn.neighbors._lof": "LocalOutlierFactor",
        "sklearn.neighbors._nearest_centroid": "NearestCentroid",
        "sklearn.neighbors._regression": "KNeighborsRegressor",
        "sklearn.neural_network._multilayer_perceptron": "MLPClassifier MLPRegressor",
        "sklearn.neural_network._stochastic_optimizers": "AdamOptimizer SGDOptimizer",
        "sklearn.pipeline": "FeatureUnion Pipeline",
        "sklearn.preprocessing._data": (
            "Binarizer KernelCenterer MaxAbsScaler MinMaxScaler Normalizer PowerTransformer QuantileTransformer "
            "RobustScaler StandardScaler"
        ),
        "sklearn.preprocessing._discretization": "KBinsDiscretizer",
        "sklearn.preprocessing._encoders": "OneHotEncoder OrdinalEncoder",
        "sklearn.preprocessing._function_transformer": "FunctionTransformer",  # in one form only: restricted_names.py
        "sklearn.preprocessing._label": "LabelBinarizer LabelEncoder",
        "sklearn.preprocessing._polynomial": "PolynomialFeatures",
        "sklearn.preprocessing._target_encoder": "TargetEncoder",
        "sklearn.random_projection": "GaussianRandomProjection",
        "sklearn.semi_supervised._self_training": "SelfTrainingClassifier",
        "sklearn.svm._classes": "LinearSVC LinearSVR NuSVC NuSVR OneClassSVM SVC SVR",
        "sklearn.utils._bunch": "Bunch",
        "sklearn.tree._classes": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor",
        "sklearn._loss.link": "HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit",
        "sklearn._loss.loss": (
            "AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss "
            "HalfSquaredError HalfTweedieLoss HalfTweedieLossIdentity HuberLoss PinballLoss"
        ),
        "vaticina.tasks.table.calibrated_classifier": "CalibratedClassifier",
        "vaticina.formats.estimators.frame_model": "FrameModel",
        "vaticina.formats.estimators.pandas_categories": "PandasCategories",
        HERE: "Ignored SkippedSampler TextArray",
        "xgboost.core": "Booster",
        "xgboost.sklearn": "XGBClassifier XGBRFClassifier XGBRFRegressor XGBRanker XGBRegressor",
    }
)
"""Classes whose objects are made empty, by ``__new__`` without arguments, then given a dict of attributes.

A pickle may not call them.
"""

FROM_BUFFER = "numpy._core.numeric._frombuffer"
BIT_GENERATOR = ResultOf("numpy.random._pickle.__bit_generator_ctor")
RANDOM_BITS = OneOf((ImportedName("numpy.random._mt19937.MT19937"), ImportedName("numpy.random._pcg64.PCG64")))
BITS = OneOf((BIT_GENERATOR, "MT19937", "PCG64"))
MAKES_BITS = ImportedName(BIT_GENERATOR.name)
"""numpy 1.24 to 1.26 name the generator of bits, and beside it what makes one."""

DTYPE = ResultOf("numpy.dtype")
LOSS = "sklearn._loss._loss"
DESCENT = "sklearn.linear_model._sgd_fast"
LOSSES = (
    *("CyAbsoluteError", "CyExponentialLoss", "CyHalfBinomialLoss", "CyHalfGammaLoss", "CyHalfMultinomialLoss"),
    *("CyHalfPoissonLoss", "CyHalfSquaredError", "CyHalfTweedieLoss", "CyHalfTweedieLossIdentity", "CyHuberLoss"),
    "CyPinballLoss",
)
ARRAY = OneOf((ResultOf(FROM_BUFFER), ResultOf("numpy._core.multiarray._reconstruct")))
BUNCH = "sklearn.utils._bunch.Bunch"
"""A dict whose keys are attributes too; scikit-learn's ensembles keep their members in one."""

ORDERED_DICT = "collections.OrderedDict"
DEFAULT_DICT = "collections.defaultdict"
RECONSTRUCTOR = "copyreg._reconstructor"
ENCODE = "_codecs.encode"
BYTE_ARRAY = "builtins.bytearray"
SCALER = ResultOf("sklearn.preprocessing._data.StandardScaler")
KMEANS = ResultOf("sklearn.cluster._kmeans.KMeans")
ISOLATION = ResultOf("sklearn.ensemble._iforest.IsolationForest")
BASE = OneOf((ImportedName("builtins.object"), ImportedName("builtins.dict"), ImportedName("builtins.tuple")))
INTEGER_OR_NONE = OneOf((int, NoneType))

CALLS: Mapping[str, CallRule] = {
    BYTE_ARRAY: CallRule((OneOf((bytes, str)), "latin-1"), optional=2),
    "builtins.bytes": CallRule(()),
    "builtins.set": CallRule((ListValue,)),
    "builtins.slice": CallRule((INTEGER_OR_NONE, INTEGER_OR_NONE, INTEGER_OR_NONE)),
    DEFAULT_DICT: CallRule((ImportedName(ORDERED_DICT),)),
    ORDERED_DICT: CallRule(()),
    ENCODE: CallRule((str, "latin1")),
    "datetime.date": CallRule((bytes,)),
    "datetime.datetime": CallRule((bytes,)),
    RECONSTRUCTOR: CallRule((ImportedName, BASE, OneOf((NoneType, DictValue, tuple)))),
    "functools.partial": CallRule((ImportedName("sklearn.utils.validation.check_array"),), state=4),
    "numpy.dtype": CallRule((str, False, True), state=8),
    "numpy._core.multiarray._reconstruct": CallRule((ImportedName("numpy.ndarray"), (0,), b"b"), state=5),
    "numpy._core.multiarray.scalar": CallRule((DTYPE, bytes)),
    FROM_BUFFER: CallRule((OneOf((bytes, bytearray)), DTYPE, tuple, OneOf(("C", "F")))),
    BIT_GENERATOR.name: CallRule((RANDOM_BITS,), state=2),
    "numpy.random._pickle.__generator_ctor": CallRule((BITS, MAKES_BITS), state=dict, optional=1),
    "numpy.random._pickle.__randomstate_ctor": CallRule((BITS, MAKES_BITS), state=dict, optional=1),
    "numpy.random.bit_generator.__pyx_unpickle_SeedSequence": CallRule(
        (ImportedName("numpy.random.bit_generator.SeedSequence"), int, None), state=5
    ),
    f"{LOSS}.CyAbsoluteError": CallRule(()),
    f"{LOSS}.CyExponentialLoss": CallRule(()),
    f"{LOSS}.CyHalfBinomialLoss": CallRule(()),
    f"{LOSS}.CyHalfGammaLoss": CallRule(()),
    f"{LOSS}.CyHalfPoissonLoss": CallRule(()),
    f"{LOSS}.CyHalfSquaredError": CallRule(()),
    f"{LOSS}.CyHalfTweedieLoss": CallRule((float,)),
    f"{LOSS}.CyHalfTweedieLossIdentity": CallRule((float,)),
    f"{LOSS}.CyHuberLoss": CallRule((float,)),
    f"{LOSS}.CyPinballLoss": CallRule((float,)),
    **{f"{LOSS}.__pyx_unpickle_{name}": CallRule((ImportedName(f"{LOSS}.{name}"), int, tuple)) for name in LOSSES},
    f"{DESCENT}.EpsilonInsensitive": CallRule((float,)),
    f"{DESCENT}.Hinge": CallRule((float,)),
    f"{DESCENT}.Huber": CallRule((float,)),
    f"{DESCENT}.Log": CallRule(()),
    f"{DESCENT}.ModifiedHuber": CallRule(()),
    f"{DESCENT}.SquaredEpsilonInsensitive": CallRule((float,)),
    f"{DESCENT}.SquaredHinge": CallRule((float,)),
    f"{DESCENT}.SquaredLoss": CallRule(()),
    "sklearn.tree._tree.Tree": CallRule((int, ARRAY, int), state=dict),
    f"{HERE}.arrow_buffer": CallRule((OneOf((bytes, bytearray)),)),
    f"{HERE}.arrow_chunks": CallRule((ListValue, OneOf((str, ResultOf(f"{HERE}.arrow_type"))))),
    f"{HERE}.arrow_texts": CallRule((tuple,)),
    f"{HERE}.arrow_type": CallRule((str,)),
    f"{HERE}.column_names": CallRule((ImportedName, DictValue)),
    f"{HERE}.new_text_array": CallRule((ImportedName, int, None), state=(2, 3)),
    ATTRIBUTE: CallRule((ResultOf(IGNORED), str)),
    f"{TREES}.new_metric": CallRule((ImportedName,), state=3),
    f"{TREES}.new_tree": CallRule((ImportedName,), state=13),
    "vaticina.tasks.clusters.model.Member": CallRule((SCALER, ISOLATION, float)),
    "vaticina.tasks.clusters.model.ClusterAnomaly": CallRule((ARRAY, SCALER, KMEANS, ARRAY, DictValue)),
}
"""What a pickle may call, with which arguments, and which state the result may then be given.

``numpy.dtype`` and ``functools.partial`` have more rules, in restricted_names.py; so has ``copyreg._reconstructor``, in
scan.py.
"""

UFUNCS = (
    *("absolute", "arcsinh", "arctan", "cbrt", "ceil", "cos", "exp", "exp2", "expm1", "floor", "log", "log10", "log1p"),
    *("log2", "negative", "reciprocal", "rint", "sign", "sin", "sinh", "sqrt", "square", "tanh"),
)
"""Functions of numpy over single numbers, which a FunctionTransformer may apply."""

VALUES = qualified_names(
    {
        "builtins": "bool dict float int object str tuple",
        "numpy": (
            f"{' '.join(UFUNCS)} bool bool_ float16 float32 float64 floating int16 int32 int64 int8 integer ndarray "
            "number object_ str_ uint8"
        ),
        "numpy.random._mt19937": "MT19937",
        "numpy.random._pcg64": "PCG64",
        "numpy.random.bit_generator": "SeedSequence",
        "sklearn._loss._loss": "CyHalfMultinomialLoss",
        "sklearn.metrics._classification": (
            "accuracy_score balanced_accuracy_score f1_score jaccard_score matthews_corrcoef precision_score "
            "recall_score"
        ),
        "pandas._libs.missing": "NA",
        "sklearn.utils.validation": "check_array",
        HERE: "Ignored",
        TREES: "Chebyshev Euclidean Manhattan Minkowski RebuiltBallTree RebuiltKDTree",
    }
)
"""What a pickle may hold as a value, but not call: ``ndarray`` over chosen bytes would forge pointers to objects."""

TUPLES: Mapping[str, int] = {"sklearn.impute._iterative._ImputerTriplet": 3}
"""Named tuples, which are made with their values -> how many of these."""

NAMES = OBJECTS | CALLS.keys() | VALUES | TUPLES.keys()
"""The whole list."""

OTHER_NAMES: Mapping[str, str] = {
    "pandas.NA": "pandas._libs.missing.NA",
    **MOVED,
    **{f"numpy.core._multiarray_umath.{name}": f"numpy.{name}" for name in UFUNCS},
    **{f"numpy._core._multiarray_umath.{name}": f"numpy.{name}" for name in UFUNCS},
    "__builtin__.bytearray": BYTE_ARRAY,
    "__builtin__.bytes": "builtins.bytes",
    "__builtin__.object": "builtins.object",
    "__builtin__.set": "builtins.set",
    "__builtin__.slice": "builtins.slice",
    "__builtin__.bool": "builtins.bool",
    "__builtin__.dict": "builtins.dict",
    "__builtin__.float": "builtins.float",
    "__builtin__.int": "builtins.int",
    "__builtin__.long": "builtins.int",
    "__builtin__.str": "builtins.str",
    "__builtin__.tuple": "builtins.tuple",
    "__builtin__.unicode": "builtins.str",
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

ALIASES: Mapping[str, str] = {**OTHER_NAMES, **STAND_INS}
"""A name in a pickle -> the name on the list that is opened for it: the same thing, or a stand-in."""

ALLOWLIST = Allowlist(OBJECTS, CALLS, VALUES, TUPLES, ALIASES)
"""The list for models of scikit-learn, LightGBM, XGBoost and our own."""


def canonical(name: str) -> str:
    """The name on the list that ``name`` stands for; ``name`` itself when it is no other name of anything."""
    return ALIASES.get(name, name)
