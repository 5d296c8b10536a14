"""How good a forecast is, compared with repeating the last value or the last season."""

from typing import Any

import numpy as np

from vaticina.contract import Bundle, Matrix, Readings
from vaticina.contract.answers import WINDOWS
from vaticina.evaluation.metrics import mae, measure_numbers, rmse
from vaticina.exact.session import GraphSession
from vaticina.tasks.candidate import Measurements
from vaticina.tasks.graph_runtime import read_graph
from vaticina.tasks.window.fit import TrainedWindow
from vaticina.tasks.window.runtime import graph_file

ROUNDING = 1e-12
"""Errors that differ by this share of the values are the same: sums of floats are no more exact."""

MIN_COMPARED = 10
"""Rows on which two models can be compared at all."""


def window_metrics(trained: TrainedWindow, parameter: str) -> dict[str, Any]:
    """Plain numbers on the held-out samples, over all steps; errors are in the unit of the series."""
    targets, forecasts = trained.held_out.targets, trained.forecasts
    facts, params = trained.facts, trained.params
    return {
        "mae": mae(targets, forecasts),
        "mse": float(np.mean(np.square(targets - forecasts))),
        "rmse": rmse(targets, forecasts),
        "final_loss": facts["final_loss"],
        "epochs_trained": facts["epochs_trained"],
        "window_size": params.window_size,
        "training_samples": facts["training_samples"],
        "held_samples": facts["held_samples"],
        "horizon": params.horizon,
        "parameter": parameter,
        "season": facts["season"],
        "naive_mae": mae(targets, trained.naive),
        "naive_rmse": rmse(targets, trained.naive),
        "seasonal_naive_mae": mae(targets, trained.seasonal_naive),
        "seasonal_naive_rmse": rmse(targets, trained.seasonal_naive),
        "better_than_naive": not naive_warning(trained),
        "coverage": params.coverage,
    }


def forecast_metrics(trained: TrainedWindow) -> dict[str, Any]:
    """r2, mae and rmse with their intervals, as other kinds of model give them; and mse."""
    return _metrics(trained.held_out.targets, trained.forecasts)


def _metrics(targets: Matrix, forecasts: Matrix) -> dict[str, Any]:
    metrics = measure_numbers(targets.ravel(), forecasts.ravel()).as_dict()
    return {**metrics, "mse": {key: value**2 for key, value in metrics["rmse"].items()}}


def compare_with_champion(
    trained: TrainedWindow, readings: Readings, champion: Bundle | None
) -> tuple[Measurements, Measurements] | None:
    """The metrics of the model and of the same window of ``champion``, on held-out samples that neither has seen.

    Those are the ones after all that the champion was trained on. None when they are fewer than ``MIN_COMPARED``, or
    the champion has no such window of the same parameter and horizon. Raises BundleCorrupt.
    """
    if champion is None:
        return None
    size = trained.params.window_size
    facts = champion.manifest.training.get(WINDOWS, {}).get(str(size))
    if facts is None or facts["parameter"] != readings.parameter or facts["horizon"] != trained.params.horizon:
        return None
    is_unseen = readings.moments[trained.held_out.positions + 1] > facts["last_moment"]
    if is_unseen.sum() < MIN_COMPARED:
        return None
    session = GraphSession(read_graph(champion, graph_file(size)))
    champion_forecasts = session.run(trained.held_out.rows[is_unseen])["forecast"][:, :, 0]
    targets = trained.held_out.targets[is_unseen]
    return _metrics(targets, trained.forecasts[is_unseen]), _metrics(targets, champion_forecasts)


def naive_warning(trained: TrainedWindow) -> str:
    """A sentence that says which naive forecasts are better on the held-out samples; empty when none is."""
    targets = trained.held_out.targets
    error = mae(targets, trained.forecasts)
    rounding = ROUNDING * float(np.abs(targets).max())
    better = []
    for name, forecasts in (("the last value", trained.naive), ("the last season", trained.seasonal_naive)):
        naive_error = mae(targets, forecasts)
        if naive_error + rounding < error:
            better.append(f"{name} ({naive_error:.4g})")
    if not better:
        return ""
    return (
        f"the model is worse than repeating {' and '.join(better)}: its mean absolute error on rows it never saw is "
        f"{error:.4g}; try another window_size, or more data"
    )
