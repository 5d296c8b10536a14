"""The names of a pickle that lead to stand-ins: nothing of what they name is imported.

Most are of objects that a prediction never asks: how a search split and scored its rows, what a selection of columns
measured, samplers of imbalanced-learn. The others are read as plain data: an index of pandas that names columns, and
trees of neighbours. Every name is exact.
"""

from collections.abc import Mapping

HERE = "vaticina.pickles.stand_ins"
TREES = "vaticina.pickles.neighbour_trees"
IGNORED = f"{HERE}.Ignored"
ATTRIBUTE = f"{HERE}.ignored_attribute"
SAMPLER = f"{HERE}.SkippedSampler"

FREE = frozenset({IGNORED, SAMPLER})
"""Stand-ins that keep nothing: they may be called, created and given a state in any way."""

UNUSED: Mapping[str, str] = {
    "joblib.memory": "Memory",
    "numpy": "vectorize",
    "numpy.lib._function_base_impl": "vectorize",
    "numpy.lib.function_base": "vectorize",
    "numpy.ma": "MaskedArray",
    "numpy.ma.core": "MaskedArray _mareconstruct",
    "scipy.stats._continuous_distns": (
        "beta_gen expon_gen gamma_gen loguniform_gen lognorm_gen norm_gen reciprocal_gen triang_gen truncnorm_gen "
        "uniform_gen"
    ),
    "scipy.stats._discrete_distns": "binom_gen geom_gen nbinom_gen poisson_gen randint_gen",
    "scipy.stats._distn_infrastructure": "rv_continuous_frozen rv_discrete_frozen rv_frozen",
    "sklearn.feature_selection._mutual_info": "mutual_info_classif mutual_info_regression",
    "sklearn.feature_selection._univariate_selection": "chi2 f_classif f_oneway f_regression r_regression",
    "sklearn.metrics._classification": (
        "brier_score_loss cohen_kappa_score d2_brier_score d2_log_loss_score fbeta_score hamming_loss log_loss "
        "zero_one_loss"
    ),
    "sklearn.metrics._ranking": "average_precision_score roc_auc_score top_k_accuracy_score",
    "sklearn.metrics._regression": (
        "explained_variance_score max_error mean_absolute_error mean_absolute_percentage_error mean_gamma_deviance "
        "mean_pinball_loss mean_poisson_deviance mean_squared_error mean_squared_log_error mean_tweedie_deviance "
        "median_absolute_error r2_score root_mean_squared_error root_mean_squared_log_error"
    ),
    "sklearn.metrics._scorer": (
        "_MultimetricScorer _PassthroughScorer _PredictScorer _ProbaScorer _Scorer _ThresholdScorer _passthrough_scorer"
    ),
    "sklearn.model_selection._split": (
        "GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut LeaveOneOut PredefinedSplit RepeatedKFold "
        "RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold StratifiedKFold StratifiedShuffleSplit "
        "TimeSeriesSplit _CVIterableWrapper _RepeatedSplits"
    ),
    "sklearn.neighbors._unsupervised": "NearestNeighbors",
    "sklearn.utils._metadata_requests": "MetadataRequest MethodMetadataRequest",
    "xgboost.callback": "EarlyStopping EvaluationMonitor LearningRateScheduler TrainingCheckPoint",
}
"""By module, names of what no prediction asks."""

SAMPLERS: Mapping[str, str] = {
    "imblearn.combine._smote_enn": "SMOTEENN",
    "imblearn.combine._smote_tomek": "SMOTETomek",
    "imblearn.over_sampling._adasyn": "ADASYN",
    "imblearn.over_sampling._random_over_sampler": "RandomOverSampler",
    "imblearn.over_sampling._smote.base": "SMOTE SMOTEN SMOTENC",
    "imblearn.over_sampling._smote.cluster": "KMeansSMOTE",
    "imblearn.over_sampling._smote.filter": "BorderlineSMOTE SVMSMOTE",
    "imblearn.over_sampling._smote": "BorderlineSMOTE KMeansSMOTE SMOTE SMOTEN SMOTENC SVMSMOTE",
    "imblearn.under_sampling._prototype_generation._cluster_centroids": "ClusterCentroids",
    "imblearn.under_sampling._prototype_selection._condensed_nearest_neighbour": "CondensedNearestNeighbour",
    "imblearn.under_sampling._prototype_selection._edited_nearest_neighbours": (
        "AllKNN EditedNearestNeighbours RepeatedEditedNearestNeighbours"
    ),
    "imblearn.under_sampling._prototype_selection._instance_hardness_threshold": "InstanceHardnessThreshold",
    "imblearn.under_sampling._prototype_selection._nearmiss": "NearMiss",
    "imblearn.under_sampling._prototype_selection._neighbourhood_cleaning_rule": "NeighbourhoodCleaningRule",
    "imblearn.under_sampling._prototype_selection._one_sided_selection": "OneSidedSelection",
    "imblearn.under_sampling._prototype_selection._random_under_sampler": "RandomUnderSampler",
    "imblearn.under_sampling._prototype_selection._tomek_links": "TomekLinks",
}
"""By module, imbalanced-learn's samplers. Its own pipeline passes them over when it predicts."""

INDEXES: Mapping[str, str] = {
    "pandas": "Index RangeIndex StringDtype",
    "pandas.arrays": "StringArray",
    "pandas.core.arrays.string_": "StringArray StringArrayNumpySemantics StringDtype",
    "pandas.core.indexes.base": "Index",
    "pandas.core.indexes.numeric": "Int64Index NumericIndex UInt64Index",
    "pandas.core.indexes.range": "RangeIndex",
}
"""By module, pandas' classes beside an index: what it holds tells enough."""

METRICS: Mapping[str, str] = {
    "Chebyshev": "ChebyshevDistance",
    "Euclidean": "EuclideanDistance",
    "Manhattan": "ManhattanDistance",
    "Minkowski": "MinkowskiDistance",
}
"""Our metric -> scikit-learn's class."""

METRIC_MODULES = ("sklearn.metrics._dist_metrics", "sklearn.neighbors._dist_metrics")


def _leading_to(target: str, modules: Mapping[str, str]) -> dict[str, str]:
    """Each full name of ``modules``, whose names are separated by spaces -> ``target``."""
    names: dict[str, str] = {}
    for module, listing in modules.items():
        for name in listing.split():
            names[f"{module}.{name}"] = target
    return names


def _tree_names() -> dict[str, str]:
    """The names of scikit-learn's trees of neighbours and of their metrics -> ours."""
    names: dict[str, str] = {}
    for module, tree in (("_kd_tree", "KDTree"), ("_ball_tree", "BallTree")):
        names[f"sklearn.neighbors.{module}.newObj"] = f"{TREES}.new_tree"
        for width in ("", "64"):
            names[f"sklearn.neighbors.{module}.{tree}{width}"] = f"{TREES}.Rebuilt{tree}"
    for module in METRIC_MODULES:
        names[f"{module}.newObj"] = f"{TREES}.new_metric"
        for ours, theirs in METRICS.items():
            names[f"{module}.{theirs}"] = f"{TREES}.{ours}"
            names[f"{module}.{theirs}64"] = f"{TREES}.{ours}"
    return names


STAND_INS: Mapping[str, str] = {
    **_leading_to(IGNORED, UNUSED),
    **_leading_to(SAMPLER, SAMPLERS),
    **_leading_to(IGNORED, INDEXES),
    **_tree_names(),
    "__builtin__.getattr": ATTRIBUTE,
    "builtins.getattr": ATTRIBUTE,
    "imblearn.ensemble._forest.BalancedRandomForestClassifier": "sklearn.ensemble._forest.RandomForestClassifier",
    "imblearn.pipeline.Pipeline": "sklearn.pipeline.Pipeline",
    "pandas._libs.arrays.__pyx_unpickle_NDArrayBacked": f"{HERE}.new_text_array",
    "pandas.arrays.ArrowStringArray": f"{HERE}.TextArray",
    "pandas.core.arrays.string_arrow.ArrowStringArray": f"{HERE}.TextArray",
    "pandas.core.arrays.string_arrow.ArrowStringArrayNumpySemantics": f"{HERE}.TextArray",
    "pandas.core.indexes.base._new_Index": f"{HERE}.column_names",
    "pyarrow.lib._restore_array": f"{HERE}.arrow_texts",
    "pyarrow.lib.chunked_array": f"{HERE}.arrow_chunks",
    "pyarrow.lib.py_buffer": f"{HERE}.arrow_buffer",
    "pyarrow.lib.type_for_alias": f"{HERE}.arrow_type",
}
"""A name in a pickle -> what is opened in its place.

imbalanced-learn's pipeline and forest predict as the classes of scikit-learn that they are made from. ``getattr`` is
how a distribution of scipy writes its own methods; here it takes an ignored object alone, and gives another one.
"""
