"""What today's versions expect in a fitted estimator and older ones did not write, or wrote under other names.

None of it changes an answer: what comes out is verified against the original's own outputs.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE

from vaticina.exact.forest_paths import unsuccessful
from vaticina.foreign.description import Booster, Opaque

State = dict[str, Any]

RENAMED = {"sparse": "sparse_output", "base_estimator": "estimator", "base_estimator_": "estimator_"}
"""Attributes by their older names."""

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
"""Losses by their older names."""


def completed(made: type, state: State) -> State:
    """The attributes of an object of class ``made`` as the versions installed here would have written them."""
    kept = {name: value for name, value in state.items() if name not in RENAMED}
    renamed = {RENAMED[name]: value for name, value in state.items() if name in RENAMED}
    found = {**_defaults(made), **renamed, **kept}
    if found.get("loss") in LOSSES and made.__name__ in WITH_LOSS:
        found["loss"] = LOSSES[found["loss"]]
    complete = COMPLETIONS.get(made.__name__)
    if complete is not None and (made.__name__ in PARTS or _is_fitted(state)):
        complete(made, found)
    return found


def _is_fitted(state: State) -> bool:
    """An estimator within another may be a pattern that was copied before it was fitted."""
    return any(name.endswith("_") and not name.startswith("_") for name in state)


def _defaults(made: type) -> State:
    """The parameters of a class, which newer versions have more of, with their defaults."""
    if not hasattr(made, "get_params"):
        return {}
    return {
        name: parameter.default
        for name, parameter in inspect.signature(made).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


WITH_LOSS = frozenset(
    {
        "GradientBoostingClassifier",
        "GradientBoostingRegressor",
        "HistGradientBoostingClassifier",
        "HistGradientBoostingRegressor",
    }
)


def _imputer(_: type, found: State) -> None:
    found.setdefault("_fit_dtype", found["statistics_"].dtype)
    found.setdefault("_fill_dtype", found["_fit_dtype"])
    found.setdefault("indicator_", None)


def _one_hot(_: type, found: State) -> None:
    found.setdefault("_infrequent_enabled", False)
    dropped = found.setdefault("_drop_idx_after_grouping", found.get("drop_idx_"))
    sizes = [len(one) for one in found["categories_"]]
    without = [False] * len(sizes) if dropped is None else [one is not None for one in dropped]
    found.setdefault("_n_features_outs", [size - gone for size, gone in zip(sizes, without, strict=True)])


def _ordinal(_: type, found: State) -> None:
    found.setdefault("_infrequent_enabled", False)
    missing = {at: len(one) - 1 for at, one in enumerate(found["categories_"]) if len(one) and one[-1] != one[-1]}
    found.setdefault("_missing_indices", missing)


def _columns(_: type, found: State) -> None:
    found.setdefault("_name_to_fitted_passthrough", {})
    found.setdefault("sparse_output_", False)


def _function(_: type, found: State) -> None:
    """The only partial that the audit lets through binds check_array: numbers that pass as they are."""
    for name in ("func", "inverse_func"):
        if found.get(name) == Opaque("functools.partial"):
            found[name] = None


def _kmeans(_: type, found: State) -> None:
    if found.get("algorithm") in ("auto", "full"):
        found["algorithm"] = "lloyd"


def _isolation(_: type, found: State) -> None:
    found.setdefault("_max_features", found["n_features_in_"])
    found.setdefault("_max_samples", found["max_samples_"])
    grown = [tree.tree_ for tree in found["estimators_"]]
    found.setdefault("_average_path_length_per_tree", tuple(unsuccessful(tree.n_node_samples) for tree in grown))
    found.setdefault("_decision_path_lengths", tuple(tree.compute_node_depths() for tree in grown))


def _boosting(made: Any, found: State) -> None:
    found.setdefault("n_trees_per_iteration_", found["estimators_"].shape[1])
    found["_loss"] = _loss(made, found)


def _histogram(made: Any, found: State) -> None:
    found.setdefault("_preprocessor", None)
    found.setdefault("_is_categorical_remapped", None)
    found["_loss"] = _loss(made, found)
    found["_baseline_prediction"] = np.reshape(found["_baseline_prediction"], (1, -1))


def _loss(made: Any, found: State) -> Any:
    """The loss is an object of today's, made from its name."""
    shell = made.__new__(made)
    vars(shell).update(found)
    return shell._get_loss(sample_weight=None)


def _predictor(_: type, found: State) -> None:
    """Nodes as arrays by field -> one structured array of today's fields."""
    fields: Mapping[str, Any] = found["nodes"]
    older = {"num_threshold": fields.get("threshold")}
    nodes = np.zeros(len(fields["value"]), dtype=np.dtype(PREDICTOR_RECORD_DTYPE))
    for name in nodes.dtype.names or ():
        column = fields.get(name, older.get(name))
        if column is not None:
            nodes[name] = column
    _check_nodes(nodes)
    found["nodes"] = nodes
    found.setdefault("raw_left_cat_bitsets", np.empty((0, 8), dtype=np.uint32))
    found.setdefault("binned_left_cat_bitsets", np.empty((0, 8), dtype=np.uint32))


def _check_nodes(nodes: NDArray[Any]) -> None:
    """Raises ValueError unless each node's children come after it, so that every walk ends."""
    inner = ~nodes["is_leaf"].astype(bool)
    first = np.minimum(nodes["left"], nodes["right"])[inner]
    last = np.maximum(nodes["left"], nodes["right"])[inner]
    if not (len(nodes) and (first > np.flatnonzero(inner)).all() and (last < len(nodes)).all()):
        raise ValueError("a tree whose nodes lead nowhere")


def _lightgbm(_: type, found: State) -> None:
    """The booster from its own text, which LightGBM reads whatever its version."""
    import lightgbm

    booster = found["_Booster"]
    if isinstance(booster, Booster):
        found["_Booster"] = lightgbm.Booster(model_str=booster.text)
        found["_Booster"].best_iteration = booster.best
    found["fitted_"] = True


PARTS = frozenset({"FunctionTransformer", "TreePredictor"})
"""Classes that are completed whether they say that they were fitted or not."""

COMPLETIONS: dict[str, Callable[[Any, State], None]] = {
    "ColumnTransformer": _columns,
    "FunctionTransformer": _function,
    "GradientBoostingClassifier": _boosting,
    "GradientBoostingRegressor": _boosting,
    "HistGradientBoostingClassifier": _histogram,
    "HistGradientBoostingRegressor": _histogram,
    "IsolationForest": _isolation,
    "KMeans": _kmeans,
    "LGBMClassifier": _lightgbm,
    "LGBMRegressor": _lightgbm,
    "OneHotEncoder": _one_hot,
    "OrdinalEncoder": _ordinal,
    "SimpleImputer": _imputer,
    "TreePredictor": _predictor,
}
"""By the class's own name."""
