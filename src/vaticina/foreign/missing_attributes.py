"""Adds the attributes that today's versions expect in a fitted estimator and that older versions did not write.

Some were written under other names. None of this changes an answer: the rebuilt model is verified against the answers
of the original.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.impute._iterative import _ImputerTriplet
from sklearn.neighbors import BallTree, KDTree

from vaticina.exact.forest_paths import unsuccessful
from vaticina.foreign.description import Opaque

State = dict[str, Any]
"""The attributes of an estimator."""

RENAMED = {"sparse": "sparse_output", "base_estimator": "estimator", "base_estimator_": "estimator_"}
"""Older name of an attribute -> its name of today."""

LOSSES = {
    "deviance": "log_loss",
    "auto": "log_loss",
    "binary_crossentropy": "log_loss",
    "categorical_crossentropy": "log_loss",
    "ls": "squared_error",
    "least_squares": "squared_error",
    "lad": "absolute_error",
    "least_absolute_deviation": "absolute_error",
}
"""Older name of a loss -> its name of today."""


def with_missing_attributes(estimator_class: type, state: State) -> State:
    """The attributes of an object of ``estimator_class`` as the versions installed here would have written them."""
    attributes = {**_default_parameters(estimator_class), **_renamed(state)}
    name = estimator_class.__name__
    if name in WITH_LOSS and attributes.get("loss") in LOSSES:
        attributes["loss"] = LOSSES[attributes["loss"]]
    if name in COMPLETIONS and (name in PARTS or _is_fitted(state)):
        COMPLETIONS[name](estimator_class, attributes)
    return attributes


def _renamed(state: State) -> State:
    """The attributes under their names of today; one that is there under both names has the value of today's."""
    renamed: State = {}
    for name, value in state.items():
        if name in RENAMED:
            renamed.setdefault(RENAMED[name], value)
        else:
            renamed[name] = value
    return renamed


def _is_fitted(state: State) -> bool:
    """Whether it was fitted; an estimator within another may be a pattern that was copied before."""
    return any(name.endswith("_") and not name.startswith("_") for name in state)


def _default_parameters(estimator_class: type) -> State:
    """The parameters of a class with their defaults; newer versions have more of them."""
    defaults: State = {}
    if hasattr(estimator_class, "get_params"):
        for name, parameter in inspect.signature(estimator_class).parameters.items():
            if parameter.default is not inspect.Parameter.empty:
                defaults[name] = parameter.default
    return defaults


WITH_LOSS = frozenset(
    {
        "GradientBoostingClassifier",
        "GradientBoostingRegressor",
        "HistGradientBoostingClassifier",
        "HistGradientBoostingRegressor",
    }
)
"""Classes with a parameter ``loss`` whose names have changed."""


def _complete_imputer(_: type, state: State) -> None:
    state.setdefault("_fit_dtype", state["statistics_"].dtype)
    state.setdefault("_fill_dtype", state["_fit_dtype"])
    state.setdefault("indicator_", None)


def _complete_one_hot(_: type, state: State) -> None:
    state.setdefault("_infrequent_enabled", False)
    dropped = state.setdefault("_drop_idx_after_grouping", state.get("drop_idx_"))
    outputs = [len(categories) for categories in state["categories_"]]
    if dropped is not None:
        for feature, category in enumerate(dropped):
            if category is not None:
                outputs[feature] -= 1
    state.setdefault("_n_features_outs", outputs)


def _complete_ordinal(_: type, state: State) -> None:
    """NaN, where it is a category, is the last one."""
    state.setdefault("_infrequent_enabled", False)
    missing: dict[int, int] = {}
    for feature, categories in enumerate(state["categories_"]):
        if len(categories) and categories[-1] != categories[-1]:
            missing[feature] = len(categories) - 1
    state.setdefault("_missing_indices", missing)


def _complete_columns(_: type, state: State) -> None:
    state.setdefault("_name_to_fitted_passthrough", {})
    state.setdefault("sparse_output_", False)


def _complete_function(_: type, state: State) -> None:
    """The only partial that the audit accepts binds check_array, which gives numbers back as they are."""
    for name in ("func", "inverse_func"):
        if state.get(name) == Opaque("functools.partial"):
            state[name] = None


def _complete_kmeans(_: type, state: State) -> None:
    if state.get("algorithm") in ("auto", "full"):
        state["algorithm"] = "lloyd"


def _complete_isolation_forest(_: type, state: State) -> None:
    state.setdefault("_max_features", state["n_features_in_"])
    state.setdefault("_max_samples", state["max_samples_"])
    averages, depths = [], []
    for estimator in state["estimators_"]:
        averages.append(unsuccessful(estimator.tree_.n_node_samples))
        depths.append(estimator.tree_.compute_node_depths())
    state.setdefault("_average_path_length_per_tree", tuple(averages))
    state.setdefault("_decision_path_lengths", tuple(depths))


def _complete_boosting(estimator_class: Any, state: State) -> None:
    state.setdefault("n_trees_per_iteration_", state["estimators_"].shape[1])
    state["_loss"] = _loss(estimator_class, state)


def _complete_histogram_boosting(estimator_class: Any, state: State) -> None:
    state.setdefault("_preprocessor", None)
    state.setdefault("_is_categorical_remapped", None)
    state["_loss"] = _loss(estimator_class, state)
    state["_baseline_prediction"] = np.reshape(state["_baseline_prediction"], (1, -1))


def _loss(estimator_class: Any, state: State) -> Any:
    """The loss as an object of today's, made from its name."""
    estimator = estimator_class.__new__(estimator_class)
    vars(estimator).update(state)
    return estimator._get_loss(sample_weight=None)


def _complete_predictor(_: type, state: State) -> None:
    """Nodes as arrays by field become one structured array of today's fields."""
    fields: Mapping[str, Any] = state["nodes"]
    older = {"num_threshold": fields.get("threshold")}
    nodes = np.zeros(len(fields["value"]), dtype=np.dtype(PREDICTOR_RECORD_DTYPE))
    for name in nodes.dtype.names or ():
        column = fields.get(name, older.get(name))
        if column is not None:
            nodes[name] = column
    _check_nodes(nodes)
    state["nodes"] = nodes
    state.setdefault("raw_left_cat_bitsets", np.empty((0, 8), dtype=np.uint32))
    state.setdefault("binned_left_cat_bitsets", np.empty((0, 8), dtype=np.uint32))


def _check_nodes(nodes: NDArray[Any]) -> None:
    """Raises ValueError unless each node's children come after it, so that every walk ends."""
    inner = ~nodes["is_leaf"].astype(bool)
    first = np.minimum(nodes["left"], nodes["right"])[inner]
    last = np.maximum(nodes["left"], nodes["right"])[inner]
    if not (len(nodes) and (first > np.flatnonzero(inner)).all() and (last < len(nodes)).all()):
        raise ValueError("a tree whose nodes lead nowhere")


def _complete_lightgbm(_: type, state: State) -> None:
    state["fitted_"] = True


def _complete_xgboost(estimator_class: Any, state: State) -> None:
    """Raises ValueError for labels that XGBoost up to 1.5 encoded by itself: today's models know numbers alone."""
    for name, value in estimator_class().get_params().items():
        state.setdefault(name, value)
    classes = state.get("classes_")
    if classes is not None and not np.array_equal(classes, np.arange(len(classes))):
        raise ValueError("XGBoost encoded its labels by itself, which no version since 2.0 does")


def _complete_neighbours(_: type, state: State) -> None:
    """A tree of neighbours is built anew from the rows."""
    if isinstance(state.get("_tree"), Opaque):
        tree_class = {"kd_tree": KDTree, "ball_tree": BallTree}[state["_fit_method"]]
        options = state["effective_metric_params_"]
        state["_tree"] = tree_class(state["_fit_X"], state["leaf_size"], metric=state["effective_metric_"], **options)


def _complete_iterative_imputer(_: type, state: State) -> None:
    state.setdefault("_is_empty_feature", np.isnan(state["initial_imputer_"].statistics_))
    state["imputation_sequence_"] = [_ImputerTriplet(*values) for values in state["imputation_sequence_"]]


def _complete_isotonic(estimator_class: Any, state: State) -> None:
    estimator = estimator_class.__new__(estimator_class)
    vars(estimator).update(state)
    estimator._build_f(state["X_thresholds_"], state["y_thresholds_"])
    state["f_"] = estimator.f_


XGBOOST = ("XGBClassifier", "XGBRFClassifier", "XGBRFRegressor", "XGBRanker", "XGBRegressor")

PARTS = frozenset({"FunctionTransformer", "TreePredictor", *XGBOOST})
"""Classes that are completed also when they have no fitted attribute."""

COMPLETIONS: dict[str, Callable[[Any, State], None]] = {
    "ColumnTransformer": _complete_columns,
    "FunctionTransformer": _complete_function,
    "GradientBoostingClassifier": _complete_boosting,
    "GradientBoostingRegressor": _complete_boosting,
    "HistGradientBoostingClassifier": _complete_histogram_boosting,
    "HistGradientBoostingRegressor": _complete_histogram_boosting,
    "IsolationForest": _complete_isolation_forest,
    "IsotonicRegression": _complete_isotonic,
    "IterativeImputer": _complete_iterative_imputer,
    "KMeans": _complete_kmeans,
    "KNeighborsClassifier": _complete_neighbours,
    "KNeighborsRegressor": _complete_neighbours,
    "LGBMClassifier": _complete_lightgbm,
    "LGBMRegressor": _complete_lightgbm,
    "LocalOutlierFactor": _complete_neighbours,
    "OneHotEncoder": _complete_one_hot,
    "OrdinalEncoder": _complete_ordinal,
    "SimpleImputer": _complete_imputer,
    "TreePredictor": _complete_predictor,
    **dict.fromkeys(XGBOOST, _complete_xgboost),
}
"""Name of a class -> what completes the attributes of its objects."""
