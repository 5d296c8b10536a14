"""How good a version is, by what it answers to rows it never saw."""

from typing import Any

import numpy as np

from vaticina.contract import Bundle, Encoder, Outputs, Runtime
from vaticina.datasets.dataset import Dataset
from vaticina.evaluation.metrics import measure_anomalies, measure_classes, measure_numbers


def measure(outputs: Outputs, held: Dataset) -> dict[str, Any]:
    """The metrics of ``outputs`` for the rows of ``held``: each a value with its interval, and ``per_class``."""
    columns = outputs.columns
    if "anomaly" in columns:
        labels = None if held.target is None else held.strata
        return measure_anomalies(columns["cluster"], columns["score"], columns["anomaly"], labels).as_dict()
    if "value" in columns:
        return measure_numbers(np.asarray(held.target, dtype=np.float64), columns["value"]).as_dict()
    measured = measure_classes(held.strata, columns["probabilities"], held.contract.classes)
    return {**measured.as_dict(), "per_class": measured.per_class}


def measure_champion(bundle: Bundle, runtime: Runtime, held: Dataset) -> dict[str, Any] | None:
    """The same metrics of another version on the same rows; None when it takes or answers something else."""
    contract = bundle.manifest.contract
    if contract.classes != held.contract.classes or not contract.inputs.keys() <= held.contract.inputs.keys():
        return None
    return measure(runtime.predict(Encoder(contract).matrix(held.rows)), held)
