"""How good a model is on rows it never saw, each number with a 95 % bootstrap interval."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from vaticina.evaluation.results import Metric, Metrics

RESAMPLES = 200
BINS = 10

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

MetricFunction = Callable[[NDArray[Any], NDArray[Any]], float]
"""A metric of predictions (rows, ...), given the target (rows,)."""


def measure_classes(target: Labels, probabilities: Floats, classes: tuple[Any, ...]) -> Metrics:
    """roc_auc, f1_macro, accuracy, log_loss and ece of ``probabilities`` (rows, classes) for class indices (rows,).

    The label is the arg max of the probabilities. A metric that these rows do not define, as the ROC-AUC of rows of one
    class, is left out.
    """
    measures: dict[str, MetricFunction] = {
        "roc_auc": roc_auc,
        "f1_macro": f1_macro,
        "accuracy": accuracy,
        "log_loss": log_loss,
        "ece": ece,
    }
    values = _measured(measures, target, probabilities)
    return Metrics(len(target), values, _per_class(target, probabilities, classes))


def measure_numbers(target: Floats, predicted: Floats) -> Metrics:
    """r2, mae and rmse of the numbers ``predicted`` (rows,); mae and rmse in the target's own unit."""
    measures: dict[str, MetricFunction] = {"r2": r2, "mae": mae, "rmse": rmse}
    return Metrics(len(target), _measured(measures, target, predicted))


def measure_anomalies(cluster: Labels, score: Floats, anomaly: Labels, target: Labels | None) -> Metrics:
    """anomaly_rate and, against ``target`` (rows,) with 1 for anomalies, roc_auc of the score and f1.

    ``cluster``, ``score`` and ``anomaly`` are (rows,); ``per_class`` holds rows and anomaly_rate of each cluster.
    """
    values = _measured({"anomaly_rate": _mean_prediction}, anomaly, anomaly.astype(np.float64))
    if target is not None and len(np.unique(target)) == 2:
        values |= _measured({"roc_auc": _score_area}, target, score)
        values |= _measured({"f1": _binary_f1}, target, anomaly.astype(np.float64))
    per_cluster = {}
    for number in np.unique(cluster):
        in_cluster = anomaly[cluster == number]
        per_cluster[str(int(number))] = {"rows": len(in_cluster), "anomaly_rate": float(in_cluster.mean())}
    return Metrics(len(score), values, per_cluster)


def _mean_prediction(_: Labels, predicted: Floats) -> float:
    return float(np.mean(predicted))


def _score_area(target: Labels, score: Floats) -> float:
    return _area(target == 1, score)


def _binary_f1(target: Labels, predicted: Floats) -> float:
    """The F1 of ``predicted`` (rows,), 0 or 1; NaN where there is no 1 at all."""
    total = predicted.sum() + target.sum()
    if not total:
        return float("nan")
    return float(2 * (predicted * target).sum() / total)


def roc_auc(target: Labels, probabilities: Floats) -> float:
    """Area under the ROC curve from ranks (Hanley and McNeil 1982).

    For more than two classes, the mean over the classes present of each against the rest; NaN for one class.
    """
    if probabilities.shape[1] == 2:
        return _area(target == 1, probabilities[:, 1])
    areas = [_area(target == label, probabilities[:, label]) for label in np.unique(target)]
    if not areas:
        return float("nan")
    return float(np.mean(areas))


def _area(is_positive: NDArray[np.bool_], score: Floats) -> float:
    positives = int(is_positive.sum())
    pairs = positives * (len(is_positive) - positives)
    if not pairs:
        return float("nan")
    return float((rankdata(score)[is_positive].sum() - positives * (positives + 1) / 2) / pairs)


def f1_macro(target: Labels, probabilities: Floats) -> float:
    """The mean F1 of the classes that are in the rows or among the predicted labels."""
    hits, predicted, present = _counts(target, probabilities)
    total = predicted + present
    return float(np.mean(2 * hits[total > 0] / total[total > 0]))


def accuracy(target: Labels, probabilities: Floats) -> float:
    """The share of right labels."""
    return float(np.mean(probabilities.argmax(axis=1) == target))


def log_loss(target: Labels, probabilities: Floats) -> float:
    """Minus the mean logarithm of the true class's probability, which counts as 1e-15 at least."""
    return float(-np.mean(np.log(np.clip(probabilities[np.arange(len(target)), target], 1e-15, 1))))


def ece(target: Labels, probabilities: Floats) -> float:
    """Expected calibration error of the predicted label's probability, ten bins of equal width (Guo et al. 2017)."""
    confidence = probabilities.max(axis=1)
    is_right = (probabilities.argmax(axis=1) == target).astype(np.float64)
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    return float(np.abs(np.bincount(bins, weights=confidence - is_right, minlength=BINS)).sum() / len(target))


def r2(target: Floats, predicted: Floats) -> float:
    """One minus the squared error over that of the mean; NaN where the target never changes."""
    spread = float(np.sum((target - target.mean()) ** 2))
    if not spread:
        return float("nan")
    return 1 - float(np.sum((target - predicted) ** 2)) / spread


def mae(target: Floats, predicted: Floats) -> float:
    """The mean absolute error."""
    return float(np.mean(np.abs(target - predicted)))


def rmse(target: Floats, predicted: Floats) -> float:
    """The root of the mean squared error."""
    return float(np.sqrt(np.mean((target - predicted) ** 2)))


def _measured(measures: Mapping[str, MetricFunction], target: NDArray[Any], predicted: Floats) -> dict[str, Metric]:
    """Each metric that is a number on these rows, with its interval."""
    values = {}
    for name, measure in measures.items():
        metric = _bootstrapped(measure, target, predicted)
        if np.isfinite(metric.value):
            values[name] = metric
    return values


def _bootstrapped(measure: MetricFunction, target: NDArray[Any], predicted: Floats) -> Metric:
    """The percentile interval over resampled rows (Efron and Tibshirani 1993), seed fixed."""
    random = np.random.default_rng(0)
    resampled = np.empty(RESAMPLES)
    for resample in range(RESAMPLES):
        rows = random.integers(0, len(target), len(target))
        resampled[resample] = measure(target[rows], predicted[rows])
    value = measure(target, predicted)
    finite = resampled[np.isfinite(resampled)]
    if not len(finite):
        return Metric(value, value, value)
    low, high = np.quantile(finite, [0.025, 0.975])
    return Metric(value, float(low), float(high))


def _counts(target: Labels, probabilities: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """For each class (classes,): how many labels are right, how many were predicted, how many rows are of the class."""
    label, size = probabilities.argmax(axis=1), probabilities.shape[1]
    hits = np.bincount(target[label == target], minlength=size)
    return hits, np.bincount(label, minlength=size), np.bincount(target, minlength=size)


def _per_class(target: Labels, probabilities: Floats, classes: tuple[Any, ...]) -> dict[str, dict[str, float]]:
    hits, predicted, present = _counts(target, probabilities)
    per_class = {}
    for index, name in enumerate(classes):
        per_class[str(name)] = {
            "precision": float(hits[index] / max(predicted[index], 1)),
            "recall": float(hits[index] / max(present[index], 1)),
            "f1": float(2 * hits[index] / max(predicted[index] + present[index], 1)),
            "rows": int(present[index]),
        }
    return per_class
