"""Measuring how well clusters find anomalies in held-out rows."""

from vaticina.contract import Outputs
from vaticina.datasets.dataset import Dataset
from vaticina.evaluation.metrics import measure_anomalies
from vaticina.tasks.candidate import Measurements


def measure_clusters(outputs: Outputs, held_out: Dataset) -> Measurements:
    """The metrics of ``outputs`` for the rows of ``held_out``, whose target, where there is one, is 1 for anomalies."""
    columns = outputs.columns
    labels = None
    if held_out.target is not None:
        labels = held_out.strata
    return measure_anomalies(columns["cluster"], columns["score"], columns["anomaly"], labels).as_dict()
