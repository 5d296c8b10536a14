"""How good a forecast is, beside what repeating the last value, or the last season, would have told."""

from typing import Any

import numpy as np

from vaticina.contract import Bundle, Matrix, Readings
from vaticina.contract.answers import WINDOWS
from vaticina.evaluation.metrics import mae, measure_numbers, rmse
from vaticina.exact.session import GraphSession
from vaticina.tasks.window.fit import TrainedWindow
from vaticina.tasks.window.runtime import file_of

ROUNDING = 1e-12
"""Errors that differ by this share of the values are the same: sums of floats are no more exact."""

FEWEST = 10
"""Rows on which two models can be compared at all."""


def window_metrics(trained: TrainedWindow, parameter: str) -> dict[str, Any]:
    """Plain numbers on the held-out rows, over all steps; errors are in the unit of the series."""
    truth, told = trained.held.futures, trained.told
    facts, recipe = trained.facts, trained.recipe
    return {
        "mae": mae(truth, told),
        "mse": float(np.mean(np.square(truth - told))),
        "rmse": rmse(truth, told),
        "final_loss": facts["final_loss"],
        "epochs_trained": facts["epochs_trained"],
        "window_size": recipe.window_size,
        "training_samples": facts["training_samples"],
        "held_samples": facts["held_samples"],
        "horizon": recipe.horizon,
        "parameter": parameter,
        "season": facts["season"],
        "naive_mae": mae(truth, trained.naive),
        "naive_rmse": rmse(truth, trained.naive),
        "seasonal_naive_mae": mae(truth, trained.seasonal),
        "seasonal_naive_rmse": rmse(truth, trained.seasonal),
        "better_than_naive": not worse_than(trained),
        "coverage": recipe.coverage,
    }


def measured(trained: TrainedWindow) -> dict[str, Any]:
    """r2, mae and rmse with their intervals, as other kinds of model give them; and mse."""
    return _measured(trained.held.futures, trained.told)


def _measured(truth: Matrix, told: Matrix) -> dict[str, Any]:
    found = measure_numbers(truth.ravel(), told.ravel()).as_dict()
    return {**found, "mse": {key: value**2 for key, value in found["rmse"].items()}}


def beside_champion(
    trained: TrainedWindow, readings: Readings, champion: Bundle | None
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """What the model and the same window of ``champion`` measure on held-out rows that neither has seen.

    Those are the ones that came after all that the champion was trained on. None when they are fewer than
    ``FEWEST``, or the champion has no such window of the same parameter and horizon. Raises BundleCorrupt.
    """
    size, horizon = trained.recipe.window_size, trained.recipe.horizon
    facts = champion.manifest.training.get(WINDOWS, {}).get(str(size)) if champion else None
    if champion is None or facts is None:
        return None
    if facts["parameter"] != readings.parameter or facts["horizon"] != horizon:
        return None
    fresh = readings.moments[trained.held.places + 1] > facts["last_moment"]
    if fresh.sum() < FEWEST:
        return None
    theirs = GraphSession(champion.read(file_of(size))).run(trained.held.rows[fresh])["forecast"]
    truth = trained.held.futures[fresh]
    return _measured(truth, trained.told[fresh]), _measured(truth, theirs[:, :, 0])


def worse_than(trained: TrainedWindow) -> str:
    """A sentence naming what the model is worse than on the held-out rows; empty when it is worse than nothing."""
    truth = trained.held.futures
    own = mae(truth, trained.told)
    rivals: dict[str, Matrix] = {"the last value": trained.naive, "the last season": trained.seasonal}
    rounding = ROUNDING * float(np.abs(truth).max())
    worse = [
        f"{name} ({mae(truth, rival):.4g})" for name, rival in rivals.items() if own > mae(truth, rival) + rounding
    ]
    if not worse:
        return ""
    return (
        f"the model is worse than repeating {' and '.join(worse)}: its mean absolute error on rows it never saw is "
        f"{own:.4g}; try another window_size, or more data"
    )
