"""A classifier with calibrated probabilities: of the rows that it gives 0.7, about 70 % are of the class."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from vaticina.exact.arrays import Matrix
from vaticina.exact.forest_paths import vote

MIN_PROBABILITY = 1e-3
"""A smaller probability of the classifier counts as this one: a forest of 100 trees has no smaller ones that differ."""


class CalibratedClassifier:
    """A fitted pipeline, and one map from its probabilities, or decisions, to calibrated probabilities.

    The map is multinomial logistic regression on the logarithms of the probabilities: Dirichlet calibration (Kull et
    al. 2019, "Beyond temperature scaling", NeurIPS), which for two classes is beta calibration (Kull et al. 2017).
    Unlike one map per class, its probabilities sum to one, and the label is the arg max of what is answered.

    A classifier without probabilities, such as a support vector machine, is calibrated over its decisions as they are:
    for two classes that is Platt's scaling (Platt 1999, "Probabilistic outputs for support vector machines").
    """

    def __init__(self, pipeline: Pipeline, calibration: LogisticRegression) -> None:
        self.pipeline = pipeline
        self.calibration = calibration

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, in the order of the probabilities' columns."""
        labels: NDArray[Any] = self.calibration.classes_
        return labels

    def predict_proba(self, rows: Matrix) -> Matrix:
        """Calibrated probabilities for ``rows`` (n, columns): (n, classes) float64."""
        calibrated: Matrix = self.calibration.predict_proba(calibration_inputs(self.pipeline, rows))
        return calibrated


def calibration_inputs(pipeline: Pipeline, rows: Matrix) -> Matrix:
    """What the map takes for ``rows``: the logarithms of probabilities (n, classes), else decisions (n, 1 or more)."""
    if hasattr(pipeline, "predict_proba"):
        return log_probabilities(uncalibrated_probabilities(pipeline, rows))
    decisions: Matrix = pipeline.decision_function(rows)
    return decisions.reshape(len(rows), -1)


def uncalibrated_probabilities(pipeline: Pipeline, rows: Matrix) -> Matrix:
    """The pipeline's own probabilities for ``rows``: (n, classes)."""
    last = pipeline[-1]
    if isinstance(last, RandomForestClassifier):
        return vote(last, pipeline[:-1].transform(rows))
    probabilities: Matrix = pipeline.predict_proba(rows)
    return probabilities


def log_probabilities(probabilities: Matrix) -> Matrix:
    """The logarithms of probabilities, none of which counts as less than ``MIN_PROBABILITY``."""
    return np.log(np.maximum(probabilities, MIN_PROBABILITY))
