"""What each setting of an estimator of scikit-learn means for its compiled form.

A converter reads the settings that it knows, and what fitting made of the others. A setting that stands neither in
``TRAINING`` nor in ``SETTINGS`` is of a version that was not looked at: its estimator is not compiled unless it has the
default, which keeps what the estimator did before.
"""

import inspect
from collections.abc import Mapping
from typing import Any


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TRAINING = _names(
    "C Cs aggressive_elimination alpha alpha_1 alpha_2 alpha_init alpha_per_target alphas average batch_size "
    "beta_1 beta_2 bootstrap cache_size ccp_alpha class_weight compute_score contamination copy copy_X copy_x "
    "covariance_estimator criterion cv dual early_stopping eps epsilon error_score eta0 factor gcv_mode "
    "hidden_layer_sizes interaction_cst intercept_scaling l1_ratio l1_ratios l2_regularization lambda_1 lambda_2 "
    "lambda_init learning_rate_init max_bins max_depth max_features max_fun max_iter max_leaf_nodes max_resources "
    "max_samples memory min_impurity_decrease min_resources min_samples_leaf min_samples_split "
    "min_weight_fraction_leaf momentum monotonic_cst n_candidates n_components n_estimators n_init n_iter "
    "n_iter_no_change n_jobs n_quantiles nesterovs_momentum oob_score param_distributions param_grid penalty "
    "positive power_t pre_dispatch precompute priors quantile random_state refit resource return_train_score "
    "scoring selection shrinkage shrinking shuffle splitter store_covariance store_cv_results subsample tol "
    "transform_input use_legacy_attributes validation_fraction var_smoothing verbose verbose_feature_names_out "
    "warm_start"
)
"""Settings of how an estimator is fitted, which no answer depends on beside what was fitted."""

MADE = "fitted attributes hold what it made"
READ = "the converter reads it"
REFUSES = "it decides only which rows the original refuses"
FORM = "it decides how a table is held, not the numbers in it"

CHOOSING: Mapping[str, str] = {
    "alpha": MADE,
    "direction": MADE,
    "estimator": MADE,
    "importance_getter": MADE,
    "k": MADE,
    "mode": MADE,
    "n_features_to_select": MADE,
    "norm_order": MADE,
    "param": MADE,
    "percentile": MADE,
    "prefit": MADE,
    "score_func": MADE,
    "threshold": MADE,
}
"""The settings of all selections of columns: what they chose is fitted."""

LINEAR: Mapping[str, str] = {
    "fit_intercept": MADE,
    "learning_rate": MADE,
    "loss": MADE,
    "multi_class": READ,
    "solver": READ,
}
SEARCH: Mapping[str, str] = {"estimator": MADE}
PERCEPTRON: Mapping[str, str] = {
    "activation": READ,
    "alpha": MADE,
    "learning_rate": MADE,
    "loss": "the output's activation, which the converter reads, comes of it",
    "solver": MADE,
}
BOOSTING: Mapping[str, str] = {
    "categorical_features": MADE,
    "init": READ,
    "learning_rate": READ,
    "loss": READ,
}
FOREST: Mapping[str, str] = {}
ENCODER: Mapping[str, str] = {
    "categories": MADE,
    "drop": MADE,
    "dtype": "the codes are whole numbers, which every type holds",
    "encoded_missing_value": READ,
    "feature_name_combiner": FORM,
    "handle_unknown": READ,
    "max_categories": READ,
    "min_frequency": READ,
    "sparse_output": FORM,
    "unknown_value": READ,
}

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "sklearn.cluster": {"algorithm": MADE, "init": MADE, "n_clusters": MADE},
    "sklearn.compose._column_transformer": {
        "force_int_remainder_cols": FORM,
        "remainder": MADE,
        "sparse_threshold": FORM,
        "transformer_weights": READ,
        "transformers": MADE,
    },
    "sklearn.compose._target": {
        "check_inverse": REFUSES,
        "func": MADE,
        "inverse_func": READ,
        "regressor": MADE,
        "transformer": MADE,
    },
    "sklearn.discriminant_analysis": LINEAR,
    "sklearn.ensemble._forest": FOREST,
    "sklearn.ensemble._gb": BOOSTING,
    "sklearn.ensemble._hist_gradient_boosting": BOOSTING,
    "sklearn.ensemble._iforest": FOREST,
    "sklearn.ensemble._voting": {"estimators": MADE, "flatten_transform": FORM, "voting": READ, "weights": READ},
    "sklearn.feature_selection": CHOOSING,
    "sklearn.frozen": SEARCH,
    "sklearn.impute": {
        "add_indicator": MADE,
        "error_on_new": REFUSES,
        "features": MADE,
        "fill_value": MADE,
        "keep_empty_features": MADE,
        "missing_values": READ,
        "sparse": FORM,
        "strategy": MADE,
    },
    "sklearn.linear_model": LINEAR,
    "sklearn.model_selection._classification_threshold": {
        "estimator": MADE,
        "pos_label": "the contract tells which class a threshold is of",
        "response_method": "only probabilities are compared with a threshold here",
        "threshold": "the contract holds the threshold",
        "thresholds": "the contract holds the threshold that was chosen",
    },
    "sklearn.model_selection": SEARCH,
    "sklearn.naive_bayes": {},
    "sklearn.neural_network": PERCEPTRON,
    "sklearn.pipeline": {"steps": READ},
    "sklearn.preprocessing._data": {
        "clip": READ,
        "feature_range": READ,
        "ignore_implicit_zeros": "it is read for sparse tables, which no row is",
        "output_distribution": READ,
        "quantile_range": MADE,
        "unit_variance": MADE,
        "with_centering": MADE,
        "with_mean": READ,
        "with_scaling": MADE,
        "with_std": READ,
    },
    "sklearn.preprocessing._encoders": ENCODER,
    "sklearn.preprocessing._function_transformer": {
        "accept_sparse": REFUSES,
        "check_inverse": REFUSES,
        "feature_names_out": FORM,
        "func": READ,
        "inv_kw_args": "only the transformer without a function is compiled",
        "inverse_func": "only the transformer without a function is compiled",
        "kw_args": "only the transformer without a function is compiled",
        "validate": REFUSES,
    },
    "sklearn.svm": {"coef0": READ, "degree": READ, "gamma": MADE, "kernel": READ},
    "sklearn.tree": FOREST,
}
"""By the module of an estimator, or one above it: its settings beside those of ``TRAINING``, and why each is known."""


def unknown_setting(part: Any) -> str:
    """A setting of a part of scikit-learn that was never looked at, and has not its default; empty without one."""
    module = type(part).__module__
    if not module.startswith("sklearn.") or not hasattr(part, "_get_param_names"):
        return ""
    known = TRAINING | settings_of(module).keys()
    parameters = inspect.signature(type(part).__init__).parameters
    for name in part._get_param_names():
        if name not in known and repr(getattr(part, name, None)) != repr(parameters[name].default):
            return str(name)
    return ""


def settings_of(module: str) -> Mapping[str, str]:
    """The settings of ``SETTINGS`` for the nearest module at or above ``module``."""
    while module:
        if module in SETTINGS:
            return SETTINGS[module]
        module = module.rpartition(".")[0]
    return {}
