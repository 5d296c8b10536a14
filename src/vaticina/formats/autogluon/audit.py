"""The audit of the pickles in an AutoGluon predictor's folder, with AutoGluon's own names on the list."""

from collections.abc import Mapping, Sequence

from vaticina.pickles.allowed_names import check_allowed
from vaticina.pickles.allowlist import (
    CALLS,
    CHECK_ARRAY,
    DEFAULT_DICT,
    NAMES,
    OBJECTS,
    ORDERED_DICT,
    OTHER_NAMES,
    TUPLES,
    VALUES,
    Allowlist,
    qualified_names,
)
from vaticina.pickles.audit import audit
from vaticina.pickles.stack_values import CallRule, DictValue, ImportedName, OneOf

PICKLES = (".pkl", ".pickle", ".joblib")
NEW_INDEX = "pandas.core.indexes.base._new_Index"
INDEX, RANGE_INDEX = "pandas.core.indexes.base.Index", "pandas.core.indexes.range.RangeIndex"

AUTOGLUON = qualified_names(
    {
        "autogluon.common.features.feature_metadata": "FeatureMetadata",
        "autogluon.common.utils.cv_splitter": "CVSplitter",
        "autogluon.core.data.cleaner": "CleanerDummy CleanerMulticlass",
        "autogluon.core.data.label_cleaner": (
            "LabelCleanerBinary LabelCleanerDummy LabelCleanerMulticlass LabelCleanerMulticlassToBinary"
        ),
        "autogluon.core.metrics": (
            "_ClassScorer _PredictScorer _ProbaScorer _QuantileScorer _ThresholdScorer customized_log_loss "
            "customized_roc_auc local_pearsonr local_spearmanr rmse_func smape_func"
        ),
        "autogluon.core.metrics.classification_metrics": (
            "balanced_accuracy customized_binary_roc_auc_score pac quadratic_kappa"
        ),
        "autogluon.core.metrics.quantile_metrics": "pinball_loss",
        "autogluon.core.models.abstract._auxiliary_params": "ParamsAuxDict",
        "autogluon.core.models.abstract._mutation_deprecated_dict": "ParamsDict",
        "autogluon.core.models.ensemble.bagged_ensemble_model": "BaggedEnsembleModel",
        "autogluon.core.models.ensemble.stacker_ensemble_model": "StackerEnsembleModel",
        "autogluon.core.models.ensemble.weighted_ensemble_model": "WeightedEnsembleModel",
        "autogluon.core.models.greedy_ensemble.ensemble_selection": "EnsembleSelection",
        "autogluon.core.models.greedy_ensemble.greedy_weighted_ensemble_model": "GreedyWeightedEnsembleModel",
        "autogluon.features.generators.astype": "AsTypeFeatureGenerator",
        "autogluon.features.generators.auto_ml_pipeline": "AutoMLPipelineFeatureGenerator",
        "autogluon.features.generators.category": "CategoryFeatureGenerator",
        "autogluon.features.generators.datetime": "DatetimeFeatureGenerator",
        "autogluon.features.generators.drop_duplicates": "DropDuplicatesFeatureGenerator",
        "autogluon.features.generators.drop_unique": "DropUniqueFeatureGenerator",
        "autogluon.features.generators.fillna": "FillNaFeatureGenerator",
        "autogluon.features.generators.identity": "IdentityFeatureGenerator",
        "autogluon.features.generators.label_encoder": "LabelEncoderFeatureGenerator",
        "autogluon.features.generators.memory_minimize": "CategoryMemoryMinimizeFeatureGenerator",
        "autogluon.features.generators.one_hot_encoder": "CatToInt OneHotEncoderFeatureGenerator",
        "autogluon.tabular.learner.default_learner": "DefaultLearner",
        "autogluon.tabular.models.knn.knn_model": "KNNModel",
        "autogluon.tabular.models.lgb.lgb_model": "LGBModel",
        "autogluon.tabular.models.lr.lr_model": "LinearModel",
        "autogluon.tabular.models.lr.lr_preprocessing_utils": "OheFeaturesGenerator",
        "autogluon.tabular.models.rf.compilers.native": "AbstractNativeCompiler",
        "autogluon.tabular.models.rf.rf_model": "RFModel",
        "autogluon.tabular.models.tabular_nn.utils.categorical_encoders": "OneHotMergeRaresHandleUnknownEncoder",
        "autogluon.tabular.models.xgboost.xgboost_model": "XGBoostModel",
        "autogluon.tabular.models.xgboost.xgboost_utils": "OheFeatureGenerator",
        "autogluon.tabular.models.xt.xt_model": "XTModel",
        "autogluon.tabular.predictor.predictor": "TabularPredictor",
        "autogluon.tabular.trainer.auto_trainer": "AutoTrainer",
        "builtins": "list set",
        "collections": "OrderedDict defaultdict",
        "lightgbm.basic": "Booster",
        "networkx.classes.digraph": "DiGraph",
        "networkx.classes.reportviews": "NodeView",
        "numpy": "bool_ float16 int8 int16 int32 object_ uint8 uint16 uint32",
        "pandas._libs.arrays": "__pyx_unpickle_NDArrayBacked",
        "pandas._libs.internals": "_unpickle_block",
        "pandas.core.arrays.categorical": "Categorical",
        "pandas.core.dtypes.dtypes": "CategoricalDtype",
        "pandas.core.frame": "DataFrame",
        "pandas.core.indexes.base": "Index _new_Index",
        "pandas.core.indexes.range": "RangeIndex",
        "pandas.core.internals.managers": "BlockManager SingleBlockManager",
        "pandas.core.series": "Series",
        "functools": "partial",  # of a listed function
        "sklearn.metrics._classification": "accuracy_score f1_score matthews_corrcoef precision_score recall_score",
        "sklearn.metrics._dist_metrics": "EuclideanDistance64 newObj",
        "sklearn.metrics._ranking": "average_precision_score",
        "sklearn.metrics._regression": (
            "mean_absolute_error mean_absolute_percentage_error mean_squared_error median_absolute_error r2_score"
        ),
        "sklearn.model_selection._split": "KFold RepeatedKFold RepeatedStratifiedKFold StratifiedKFold",
        "sklearn.neighbors._classification": "KNeighborsClassifier",
        "sklearn.neighbors._kd_tree": "KDTree newObj",
        "sklearn.neighbors._regression": "KNeighborsRegressor",
        "sklearn.preprocessing._data": "QuantileTransformer",
    }
)
"""Found by training each family on classes and numbers and reading what was written. Exact names, as everywhere."""

UNRULED = frozenset(
    name
    for name in AUTOGLUON
    if name.startswith(("pandas.", "autogluon.core.models.abstract.", "sklearn.model_selection."))
) - {NEW_INDEX}
"""Tables of pandas and dicts of settings, which are made in many ways; none of these runs anything."""

FUNCTIONS = frozenset(name for name in AUTOGLUON if name.rpartition(".")[2].islower())
"""Functions and types of numbers, which are only named."""

METRIC_MODULES = ("autogluon.core.metrics", "sklearn.metrics._c", "sklearn.metrics._r")
METRICS = frozenset(name for name in FUNCTIONS if name.startswith(METRIC_MODULES))
"""Functions that a scorer may bind arguments to."""

TREE, METRIC = "sklearn.neighbors._kd_tree", "sklearn.metrics._dist_metrics"

GLUON = Allowlist(
    objects=OBJECTS | (AUTOGLUON - UNRULED - FUNCTIONS),
    calls={
        **CALLS,
        DEFAULT_DICT: CallRule((OneOf((ImportedName(ORDERED_DICT), ImportedName("builtins.list"))),)),
        "functools.partial": CallRule((OneOf(tuple(map(ImportedName, sorted(METRICS)))),), state=4),
        f"{TREE}.newObj": CallRule((ImportedName(f"{TREE}.KDTree"),), state=(12, 13)),
        f"{METRIC}.newObj": CallRule((ImportedName(f"{METRIC}.EuclideanDistance64"),), state=(3, 4)),
        NEW_INDEX: CallRule((OneOf((ImportedName(INDEX), ImportedName(RANGE_INDEX))), DictValue)),
    },
    values=VALUES | OBJECTS | (AUTOGLUON - UNRULED),
    tuples=TUPLES,
    bound=METRICS | {CHECK_ARRAY},
    aliases=OTHER_NAMES,
    free=UNRULED,
)
"""The list with AutoGluon's names on it. Its classes are made without their constructors, which write files.

The worker process opens what stands there, so no stand-in does.
"""


def audit_predictor(files: Mapping[str, bytes], allow: frozenset[str] = frozenset()) -> Sequence[str]:
    """Reads every pickle among ``files`` without executing it; gives the names that the worker process may import.

    ``allow`` are more exact ``module.Class`` names.

    Raises:
        PickleRefused: one of them wants another name, or does what no model needs.
    """
    check_allowed(allow)
    for name, data in files.items():
        if name.endswith(PICKLES):
            audit(data, name, allow, GLUON)
    return sorted(NAMES | AUTOGLUON | allow)
