"""The probability from which on a classifier answers its positive class, where the classifier itself has one.

Such are scikit-learn's FixedThresholdClassifier and TunedThresholdClassifierCV, alone or at the end of what wraps them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vaticina.contract.fields import Scalar
from vaticina.formats.columns import plain_value

PROBABILITY = 0.5
"""What ``threshold="auto"`` stands for where probabilities are compared."""


@dataclass(frozen=True, slots=True)
class OwnThreshold:
    """The class ``positive`` is answered from the probability ``value`` on."""

    value: float
    positive: Scalar


def own_threshold(model: Any) -> OwnThreshold | None:
    """The threshold of ``model``; None when it has none, or none that a contract can say, such as one of decisions."""
    classifier = _inner_classifier(model)
    read = READERS.get(type(classifier).__name__)
    if read is None or not _compares_probabilities(classifier):
        return None
    value, positive = read(classifier)
    if not 0 < value < 1:
        return None
    if positive is None:
        positive = classifier.classes_[-1]
    return OwnThreshold(value, plain_value(positive))


def _inner_classifier(model: Any) -> Any:
    """What decides in the end: the best of a search, the last step of a pipeline."""
    if hasattr(model, "best_estimator_"):
        return _inner_classifier(model.best_estimator_)
    if hasattr(model, "steps"):
        return _inner_classifier(model.steps[-1][1])
    return model


def _compares_probabilities(classifier: Any) -> bool:
    if classifier.response_method == "auto":
        return hasattr(classifier.estimator_, "predict_proba")
    return bool(classifier.response_method == "predict_proba")


def _fixed(classifier: Any) -> tuple[float, Any]:
    if classifier.threshold == "auto":
        return PROBABILITY, classifier.pos_label
    return float(classifier.threshold), classifier.pos_label


def _tuned(classifier: Any) -> tuple[float, Any]:
    return float(classifier.best_threshold_), classifier._curve_scorer._get_pos_label()


Reader = Callable[[Any], tuple[float, Any]]

READERS: Mapping[str, Reader] = {"FixedThresholdClassifier": _fixed, "TunedThresholdClassifierCV": _tuned}
"""By the name of the class, what reads its threshold and its positive class, None where that is the last one."""
