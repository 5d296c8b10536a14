"""How a calibrated classifier is fitted: the classifier on all rows, its map on rows it had not seen."""

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from vaticina.errors import TrainingError
from vaticina.runtimes.calibrated import CalibratedClassifier, logarithms, uncalibrated
from vaticina.runtimes.forests import Matrix

FOLDS = 5

Labels = NDArray[np.int64]


def fit_calibrated(pipeline: Pipeline, rows: Matrix, labels: Labels, random_state: int = 0) -> CalibratedClassifier:
    """Fits ``pipeline``, left as it was, to ``rows`` (n, columns) and ``labels`` (n,), and one calibration map.

    The map is fitted over out-of-fold predictions of five folds, fewer when a class has fewer rows. One model
    answers, not an ensemble of the folds' models.

    Raises:
        TrainingError: a class has one row only, so no fold can do without it.
    """
    held_out = _out_of_fold(pipeline, rows, labels, random_state)
    calibration = LogisticRegression(max_iter=1000).fit(logarithms(held_out), labels)
    return CalibratedClassifier(clone(pipeline).fit(rows, labels), calibration)


def _out_of_fold(pipeline: Pipeline, rows: Matrix, labels: Labels, random_state: int) -> Matrix:
    """Each row's probabilities from a pipeline that did not see it: (n, classes)."""
    splits = StratifiedKFold(_folds(labels), shuffle=True, random_state=random_state)
    probabilities = np.empty((len(rows), len(np.unique(labels))))
    for seen, unseen in splits.split(rows, labels):
        fitted = clone(pipeline).fit(rows[seen], labels[seen])
        probabilities[unseen] = uncalibrated(fitted, rows[unseen])
    return probabilities


def _folds(labels: Labels) -> int:
    classes, sizes = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise TrainingError("All training rows have one class, so there is nothing to tell apart; add rows of another.")
    if sizes.min() < 2:
        raise TrainingError("A class has a single training row; calibration needs two at least: add rows of it.")
    return min(FOLDS, int(sizes.min()))
