"""Where an original's answer hangs by less than arithmetic can tell."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.exact.verify import MARGIN, Ties
from vaticina.tasks.clusters.model import ClusterAnomaly, filled


def tie_rule(model: Any, contract: Contract) -> Ties:
    """How ties of ``model`` are told: between classes, at the decision threshold, between clusters, or not at all."""
    if contract.model.kind == "clusters":
        return lambda rows, outputs: _near_zero(outputs) | _between_centres(model, rows)
    if not contract.classes:
        return lambda rows, _: np.zeros(len(rows), dtype=bool)
    threshold = contract.model.threshold if len(contract.classes) == 2 else None
    if threshold is None:
        return _between_classes
    return lambda _, outputs: np.abs(outputs.columns["probabilities"][:, contract.positive_index] - threshold) <= MARGIN


def _between_classes(_: Matrix, outputs: Outputs) -> NDArray[np.bool_]:
    best = np.sort(outputs.columns["probabilities"], axis=1)
    ties: NDArray[np.bool_] = best[:, -1] - best[:, -2] <= MARGIN
    return ties


def _near_zero(outputs: Outputs) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(outputs.columns["score"]) <= MARGIN
    return near


def _between_centres(model: ClusterAnomaly, rows: Matrix) -> NDArray[np.bool_]:
    """Rows that two centres are equally near to, by the square of the distance."""
    centres = model.kmeans.cluster_centers_
    if len(centres) == 1:
        return np.zeros(len(rows), dtype=bool)
    scaled = model.scaler.transform(filled(rows, model.medians))
    away = np.square(centres).sum(axis=1) - 2.0 * (scaled @ centres.T)
    best = np.sort(away, axis=1)
    ties: NDArray[np.bool_] = best[:, 1] - best[:, 0] <= MARGIN * np.maximum(1.0, np.abs(best[:, 0]))
    return ties
