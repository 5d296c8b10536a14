"""Calibration: a classifier is fitted to all rows, and its calibration map to predictions for rows it had not seen."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from vaticina.errors import TrainingError
from vaticina.exact.arrays import Integers, Matrix
from vaticina.tasks.table.calibrated_classifier import CalibratedClassifier, calibration_inputs
from vaticina.tasks.table.selection import fit_pipeline

FOLDS = 5


def fit_calibrated(pipeline: Pipeline, rows: Matrix, labels: Integers, random_state: int = 0) -> CalibratedClassifier:
    """Fits ``pipeline``, left as it was, to ``rows`` (n, columns) and ``labels`` (n,), and one calibration map.

    The map is fitted over out-of-fold predictions of five folds, fewer when a class has fewer rows. One model
    answers, not an ensemble of the folds' models.

    Raises:
        TrainingError: a class has one row only, so no fold can do without it; or the library cannot fit it.
    """
    inputs = _out_of_fold_inputs(pipeline, rows, labels, random_state)
    calibration = LogisticRegression(max_iter=1000).fit(inputs, labels)
    return CalibratedClassifier(fit_pipeline(pipeline, rows, labels), calibration)


def _out_of_fold_inputs(pipeline: Pipeline, rows: Matrix, labels: Integers, random_state: int) -> Matrix:
    """What the map takes for each row, from a pipeline that did not see it: (n, classes), or one decision."""
    splits = StratifiedKFold(_fold_count(labels), shuffle=True, random_state=random_state)
    positions, inputs = [], []
    for train, held_out in splits.split(rows, labels):
        fitted = fit_pipeline(pipeline, rows[train], labels[train])
        positions.append(held_out)
        inputs.append(calibration_inputs(fitted, rows[held_out]))
    in_order: Matrix = np.concatenate(inputs)[np.argsort(np.concatenate(positions))]
    return in_order


def _fold_count(labels: Integers) -> int:
    classes, sizes = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise TrainingError("All training rows have one class, so there is nothing to tell apart; add rows of another.")
    if sizes.min() < 2:
        raise TrainingError("A class has a single training row; calibration needs two at least: add rows of it.")
    return min(FOLDS, int(sizes.min()))
