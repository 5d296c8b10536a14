"""How good clusters are at finding anomalies, on rows they never saw."""

from typing import Any

from vaticina.contract import Outputs
from vaticina.datasets.dataset import Dataset
from vaticina.evaluation.metrics import measure_anomalies


def measure_clusters(outputs: Outputs, held: Dataset) -> dict[str, Any]:
    """The metrics of ``outputs`` for the rows of ``held``, whose target, where there is one, is 1 for anomalies."""
    columns = outputs.columns
    labels = None if held.target is None else held.strata
    return measure_anomalies(columns["cluster"], columns["score"], columns["anomaly"], labels).as_dict()
