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
little but how many of these were won, from which calibration makes poorer probabilities."""


def make_estimator(model: Model, params: Mapping[str, Any], seed: int, has_classes: bool) -> Any:
    """The unfitted estimator of ``[model]``, for classes or for a number.

    Raises:
        ProjectError: there is none of that name or with these parameters, or it cannot predict the target.
    """
    estimator = _make(model.estimator, params, seed)
    if has_classes:
        fault = _classifier_fault(estimator, model.calibrated)
    else:
        fault = _regressor_fault(estimator)
    if fault:
        raise ProjectError(f"[model] estimator = {model.estimator!r} {fault}.")
    return estimator


def _make(name: str, params: Mapping[str, Any], seed: int) -> Any:
    module, _, class_name = name.rpartition(".")
    if not name.startswith(LIBRARIES):
        raise ProjectError(f"[model] estimator = {name!r} must be 'auto' or a class of {' or '.join(LIBRARIES)}*.")
    try:
        estimator_class = getattr(import_module(module), class_name)
        accepted = estimator_class().get_params()
        arguments = dict(params)
        for parameter, value in {"random_state": seed, **DECISIONS}.items():
            if parameter in accepted:
                arguments.setdefault(parameter, value)
        return estimator_class(**arguments)
    except (ImportError, AttributeError, TypeError) as error:
        raise ProjectError(f"[model] estimator = {name!r} cannot be made: {error}.") from None


def _classifier_fault(estimator: Any, calibrated: bool) -> str | None:
    """Why it cannot predict classes: it must give probabilities, or decisions that are calibrated."""
    if not is_classifier(estimator):
        return "is no classifier, and the target is classes; name a classifier, or 'auto'"
    if hasattr(estimator, "predict_proba"):
        return None
    if not hasattr(estimator, "decision_function"):
        return "gives neither probabilities nor decisions to make them from; name another classifier, or 'auto'"
    if not calibrated:
        return "gives no probabilities, which answers need; set [model] calibrated = true, which makes them"
    return None


def _regressor_fault(estimator: Any) -> str | None:
    if is_regressor(estimator):
        return None
    return "is no regressor, and the target is a number; name a regressor, or 'auto'"
