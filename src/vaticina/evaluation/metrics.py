"""How good a model is on rows it never saw, each number with a 95 % bootstrap interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

RESAMPLES = 200
BINS = 10

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Metric:
    """A value with its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on ``rows`` held-out rows; ``per_class`` has precision, recall, f1 and rows for each class."""

    rows: int
    values: Mapping[str, Metric]
    per_class: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Plain values for a manifest: ``{name: {"value", "low", "high"}}``."""
        return {name: {"value": one.value, "low": one.low, "high": one.high} for name, one in self.values.items()}


def measure_classes(target: Labels, probabilities: Floats, classes: tuple[Any, ...]) -> Metrics:
    """roc_auc, f1_macro, accuracy, log_loss and ece of ``probabilities`` (rows, classes) for class indices (rows,).

    The label is the arg max of the probabilities. A metric that cannot be told from these rows, as the ROC-AUC of
    rows of one class, is left out.
    """
    measures: dict[str, Callable[[Labels, Floats], float]] = {
        "roc_auc": roc_auc,
        "f1_macro": f1_macro,
        "accuracy": accuracy,
        "log_loss": log_loss,
        "ece": ece,
    }
    values = {name: _bootstrapped(measure, target, probabilities) for name, measure in measures.items()}
    told = {name: metric for name, metric in values.items() if np.isfinite(metric.value)}
    return Metrics(len(target), told, _per_class(target, probabilities, classes))


def measure_numbers(target: Floats, predicted: Floats) -> Metrics:
    """r2, mae and rmse of the numbers ``predicted`` (rows,); mae and rmse in the target's own unit."""
    measures: dict[str, Callable[[Floats, Floats], float]] = {"r2": r2, "mae": mae, "rmse": rmse}
    values = {name: _bootstrapped(measure, target, predicted) for name, measure in measures.items()}
    return Metrics(len(target), {name: metric for name, metric in values.items() if np.isfinite(metric.value)})


def measure_anomalies(cluster: Labels, score: Floats, anomaly: Labels, target: Labels | None) -> Metrics:
    """anomaly_rate and, against ``target`` (rows,) with 1 for anomalies, roc_auc of the score and f1.

    ``cluster``, ``score`` and ``anomaly`` are (rows,); ``per_class`` tells rows and anomaly_rate of each cluster.
    """
    values = {"anomaly_rate": _bootstrapped(lambda found, _: float(np.mean(found)), anomaly, score)}
    if target is not None and len(np.unique(target)) == 2:
        values["roc_auc"] = _bootstrapped(lambda truth, found: _area(truth == 1, found), target, score)
        values["f1"] = _bootstrapped(_f1, target, anomaly.astype(np.float64))
    inside = {int(one): anomaly[cluster == one] for one in np.unique(cluster)}
    shares = {str(one): {"rows": len(own), "anomaly_rate": float(own.mean())} for one, own in inside.items()}
    return Metrics(len(score), {name: one for name, one in values.items() if np.isfinite(one.value)}, shares)


def _f1(target: Labels, found: Floats) -> float:
    total = found.sum() + target.sum()
    return float(2 * (found * target).sum() / total) if total else float("nan")


def roc_auc(target: Labels, probabilities: Floats) -> float:
    """Area under the ROC curve from ranks (Hanley and McNeil 1982).

    For more than two classes, the mean over the classes present of each against the rest; NaN for one class.
    """
    if probabilities.shape[1] == 2:
        return _area(target == 1, probabilities[:, 1])
    areas = [_area(target == at, probabilities[:, at]) for at in np.unique(target)]
    return float(np.mean(areas)) if areas else float("nan")


def _area(positive: NDArray[np.bool_], score: Floats) -> float:
    ones = int(positive.sum())
    pairs = ones * (len(positive) - ones)
    if not pairs:
        return float("nan")
    return float((rankdata(score)[positive].sum() - ones * (ones + 1) / 2) / pairs)


def f1_macro(target: Labels, probabilities: Floats) -> float:
    """The mean F1 of the classes that stand in the rows or in the labels given."""
    hits, given, present = _counts(target, probabilities)
    either = given + present
    return float(np.mean(2 * hits[either > 0] / either[either > 0]))


def accuracy(target: Labels, probabilities: Floats) -> float:
    """The share of right labels."""
    return float(np.mean(probabilities.argmax(axis=1) == target))


def log_loss(target: Labels, probabilities: Floats) -> float:
    """Minus the mean logarithm of the true class's probability, which counts as 1e-15 at least."""
    return float(-np.mean(np.log(np.clip(probabilities[np.arange(len(target)), target], 1e-15, 1))))


def ece(target: Labels, probabilities: Floats) -> float:
    """Expected calibration error of the answered label's probability, ten bins of equal width (Guo et al. 2017)."""
    confidence = probabilities.max(axis=1)
    right = (probabilities.argmax(axis=1) == target).astype(np.float64)
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    return float(np.abs(np.bincount(bins, weights=confidence - right, minlength=BINS)).sum() / len(target))


def r2(target: Floats, predicted: Floats) -> float:
    """One minus the squared error over that of the mean; NaN where the target never changes."""
    spread = float(np.sum((target - target.mean()) ** 2))
    return 1 - float(np.sum((target - predicted) ** 2)) / spread if spread else float("nan")


def mae(target: Floats, predicted: Floats) -> float:
    """The mean absolute error."""
    return float(np.mean(np.abs(target - predicted)))


def rmse(target: Floats, predicted: Floats) -> float:
    """The root of the mean squared error."""
    return float(np.sqrt(np.mean((target - predicted) ** 2)))


def _bootstrapped(measure: Callable[[Any, Any], float], target: NDArray[Any], predicted: Floats) -> Metric:
    """The percentile interval over resampled rows (Efron and Tibshirani 1993), seed fixed."""
    random = np.random.default_rng(0)
    draws = (random.integers(0, len(target), len(target)) for _ in range(RESAMPLES))
    values = np.array([measure(target[draw], predicted[draw]) for draw in draws])
    told = values[np.isfinite(values)]
    value = measure(target, predicted)
    low, high = np.quantile(told, [0.025, 0.975]) if len(told) else (value, value)
    return Metric(value, float(low), float(high))


def _counts(target: Labels, probabilities: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """For each class (classes,): labels that are right, labels given, rows present."""
    label, size = probabilities.argmax(axis=1), probabilities.shape[1]
    hits = np.bincount(target[label == target], minlength=size)
    return hits, np.bincount(label, minlength=size), np.bincount(target, minlength=size)


def _per_class(target: Labels, probabilities: Floats, classes: tuple[Any, ...]) -> dict[str, dict[str, float]]:
    hits, given, present = _counts(target, probabilities)
    return {
        str(name): {
            "precision": float(hits[at] / max(given[at], 1)),
            "recall": float(hits[at] / max(present[at], 1)),
            "f1": float(2 * hits[at] / max(given[at] + present[at], 1)),
            "rows": int(present[at]),
        }
        for at, name in enumerate(classes)
    }
