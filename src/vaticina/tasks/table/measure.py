"""How good a table's model is, by what it answers to rows it never saw."""

from typing import Any

import numpy as np

from vaticina.contract import Outputs
from vaticina.datasets.dataset import Dataset
from vaticina.evaluation.metrics import measure_classes, measure_numbers


def measure_table(outputs: Outputs, held: Dataset) -> dict[str, Any]:
    """The metrics of ``outputs`` for the rows of ``held``: each a value with its interval, and ``per_class``."""
    columns = outputs.columns
    if not held.contract.classes:
        return measure_numbers(np.asarray(held.target, dtype=np.float64), columns["value"]).as_dict()
    measured = measure_classes(held.strata, columns["probabilities"], held.contract.classes)
    return {**measured.as_dict(), "per_class": measured.per_class}
