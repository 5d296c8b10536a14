"""How a calibrated classifier is fitted: the classifier on all rows, its map on rows it had not seen."""

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from vaticina.errors import TrainingError
from vaticina.exact.arrays import Matrix
from vaticina.tasks.table.calibrated_classifier import CalibratedClassifier, evidence
from vaticina.tasks.table.selection import fit

FOLDS = 5

Labels = NDArray[np.int64]


def fit_calibrated(pipeline: Pipeline, rows: Matrix, labels: Labels, random_state: int = 0) -> CalibratedClassifier:
    """Fits ``pipeline``, left as it was, to ``rows`` (n, columns) and ``labels`` (n,), and one calibration map.

    The map is fitted over out-of-fold predictions of five folds, fewer when a class has fewer rows. One model
    answers, not an ensemble of the folds' models.

    Raises:
        TrainingError: a class has one row only, so no fold can do without it; or what the library says.
    """
    held_out = _out_of_fold(pipeline, rows, labels, random_state)
    calibration = LogisticRegression(max_iter=1000).fit(held_out, labels)
    return CalibratedClassifier(fit(pipeline, rows, labels), calibration)


def _out_of_fold(pipeline: Pipeline, rows: Matrix, labels: Labels, random_state: int) -> Matrix:
    """What the map takes for each row, from a pipeline that did not see it: (n, classes), or one decision."""
    splits = StratifiedKFold(_folds(labels), shuffle=True, random_state=random_state)
    order, given = [], []
    for seen, unseen in splits.split(rows, labels):
        order.append(unseen)
        given.append(evidence(fit(pipeline, rows[seen], labels[seen]), rows[unseen]))
    found: Matrix = np.concatenate(given)[np.argsort(np.concatenate(order))]
    return found


def _folds(labels: Labels) -> int:
    classes, sizes = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise TrainingError("All training rows have one class, so there is nothing to tell apart; add rows of another.")
    if sizes.min() < 2:
        raise TrainingError("A class has a single training row; calibration needs two at least: add rows of it.")
    return min(FOLDS, int(sizes.min()))
