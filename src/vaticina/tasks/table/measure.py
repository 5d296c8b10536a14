"""Measuring a table's model by its predictions for held-out rows."""

import numpy as np

from vaticina.contract import Outputs
from vaticina.datasets.dataset import Dataset
from vaticina.evaluation.metrics import measure_classes, measure_numbers
from vaticina.tasks.candidate import Measurements


def measure_table(outputs: Outputs, held_out: Dataset) -> Measurements:
    """The metrics of ``outputs`` for the rows of ``held_out``: each a value with its interval, and ``per_class``."""
    columns = outputs.columns
    if not held_out.contract.classes:
        return measure_numbers(np.asarray(held_out.target, dtype=np.float64), columns["value"]).as_dict()
    measured = measure_classes(held_out.strata, columns["probabilities"], held_out.contract.classes)
    return {**measured.as_dict(), "per_class": measured.per_class}
