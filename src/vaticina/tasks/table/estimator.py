"""The estimator that a project names by its class."""

from collections.abc import Mapping
from importlib import import_module  # architecture: library -- a project names its estimator's class
from typing import Any

from sklearn.base import is_classifier, is_regressor

from vaticina.contract.contract import Model
from vaticina.errors import ProjectError

LIBRARIES = ("sklearn.", "lightgbm.")
"""Where an estimator may come from."""

DECISIONS = {"decision_function_shape": "ovo"}
"""A support vector machine's decisions between each two of several classes. Its default, one for each class, keeps
little but how many of these were won, of which calibration makes poorer probabilities."""


def make_estimator(model: Model, params: Mapping[str, Any], seed: int, classes: bool) -> Any:
    """The unfitted estimator of ``[model]``, for classes or for a number.

    Raises:
        ProjectError: there is none of that name or with these parameters, or its answers are not what is due.
    """
    estimator = _made(model.estimator, params, seed)
    refusal = _no_classifier(estimator, model.calibrated) if classes else _no_regressor(estimator)
    if refusal:
        raise ProjectError(f"[model] estimator = {model.estimator!r} {refusal}.")
    return estimator


def _made(name: str, params: Mapping[str, Any], seed: int) -> Any:
    module, _, class_name = name.rpartition(".")
    if not name.startswith(LIBRARIES):
        raise ProjectError(f"[model] estimator = {name!r} must be 'auto' or a class of {' or '.join(LIBRARIES)}*.")
    try:
        estimator = getattr(import_module(module), class_name)
        known = estimator().get_params()
        ours = {name: value for name, value in {"random_state": seed, **DECISIONS}.items() if name in known}
        return estimator(**{**ours, **params})
    except (ImportError, AttributeError, TypeError) as error:
        raise ProjectError(f"[model] estimator = {name!r} cannot be made: {error}.") from None


def _no_classifier(estimator: Any, calibrated: bool) -> str | None:
    """Why classes cannot be answered with it: it must tell probabilities, or decisions that are calibrated."""
    if not is_classifier(estimator):
        return "is no classifier, and the target is classes; name a classifier, or 'auto'"
    if hasattr(estimator, "predict_proba"):
        return None
    if not hasattr(estimator, "decision_function"):
        return "gives neither probabilities nor decisions to make them of; name another classifier, or 'auto'"
    if not calibrated:
        return "gives no probabilities, of which answers are made; set [model] calibrated = true, which makes them"
    return None


def _no_regressor(estimator: Any) -> str | None:
    if is_regressor(estimator):
        return None
    return "is no regressor, and the target is a number; name a regressor, or 'auto'"
