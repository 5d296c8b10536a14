"""How good a forecast is, beside what repeating the last value, or the last season, would have told."""

from typing import Any

import numpy as np

from vaticina.contract import Matrix
from vaticina.training.metrics import mae, measure_numbers, rmse
from vaticina.training.window import TrainedWindow


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
    truth, told = trained.held.futures.ravel(), trained.told.ravel()
    found = measure_numbers(truth, told).as_dict()
    return {**found, "mse": {key: value**2 for key, value in found["rmse"].items()}}


def worse_than(trained: TrainedWindow) -> str:
    """A sentence naming what the model is worse than on the held-out rows; empty when it is worse than nothing."""
    truth = trained.held.futures
    own = mae(truth, trained.told)
    rivals: dict[str, Matrix] = {"the last value": trained.naive, "the last season": trained.seasonal}
    worse = [f"{name} ({mae(truth, rival):.4g})" for name, rival in rivals.items() if own > mae(truth, rival)]
    if not worse:
        return ""
    return (
        f"the model is worse than repeating {' and '.join(worse)}: its mean absolute error on rows it never saw is "
        f"{own:.4g}; try another window_size, or more data"
    )
