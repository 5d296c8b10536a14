"""Fitting a window: from a series to a model that predicts its next values, measured on held-out ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Matrix, Readings
from vaticina.progress import Report
from vaticina.tasks.window.conformal import interval_half_widths
from vaticina.tasks.window.fit_perceptron import mean_loss
from vaticina.tasks.window.model import WindowModel
from vaticina.tasks.window.params import WindowParams
from vaticina.tasks.window.preprocessing import Preprocessing
from vaticina.tasks.window.samples import Samples, SamplesSplit, make_samples, split_samples


@dataclass(frozen=True, slots=True)
class TrainedWindow:
    """``model`` was fitted to all ``samples``; ``forecasts`` (n, horizon) are those of the same model, fitted without
    the samples that are ``held_out``, for these. ``naive`` repeats the last value, ``seasonal_naive`` the last season.
    """

    model: WindowModel
    params: WindowParams
    samples: Samples
    held_out: Samples
    forecasts: Matrix
    naive: Matrix
    seasonal_naive: Matrix
    facts: dict[str, Any]


def train_window(readings: Readings, params: WindowParams, share: float, seed: int, report: Report) -> TrainedWindow:
    """A model for the window of ``params``, with the last ``share`` of the samples held out to measure it.

    Three fits: one that is stopped early finds how many epochs are good; one of so many epochs, on all but the held-out
    samples, is measured and gives the intervals; one of so many on all samples is the model.

    Raises:
        TooFewPoints: the series is too short; the message says how many points are needed.
    """
    samples = make_samples(readings, params.window_size, params.horizon)
    split = split_samples(samples, share)
    with threadpool_limits(1):  # the products are small: more threads would only wait for each other
        report("finding when to stop", 0.1)
        preprocessing = Preprocessing.learn(readings, split.held_out.first_target, params)
        epochs = preprocessing.fit(split.train, split.validation, params.epochs, seed).epochs
        report("fitting to measure", 0.3)
        measured = preprocessing.fit(split.development, None, epochs, seed).perceptron
        report("fitting to answer", 0.5)
        final_preprocessing = preprocessing.relearn(readings)
        final = final_preprocessing.fit(samples, None, epochs, seed).perceptron
    residuals = preprocessing.residuals(measured, split.held_out)
    half_widths = interval_half_widths(np.abs(residuals), params.coverage)
    mean_error = float(np.abs(residuals[:, 0]).mean())
    measured_model = WindowModel(preprocessing.scaler, measured, half_widths, mean_error)
    return TrainedWindow(
        model=WindowModel(final_preprocessing.scaler, final, half_widths, mean_error),
        params=params,
        samples=samples,
        held_out=split.held_out,
        forecasts=measured_model.predict(split.held_out.rows).columns["forecast"][:, :, 0],
        naive=np.repeat(split.held_out.values[:, -1:], params.horizon, axis=1),
        seasonal_naive=_last_season(readings, split.held_out, params.horizon, preprocessing.period),
        facts={
            "epochs_trained": epochs,
            "final_loss": mean_loss(residuals),
            **_facts(preprocessing, split, samples),
        },
    )


def _facts(preprocessing: Preprocessing, split: SamplesSplit, samples: Samples) -> dict[str, Any]:
    return {
        "training_samples": split.development.count,
        "held_samples": split.held_out.count,
        "samples": samples.count,
        "season": preprocessing.period,
        "logarithm": preprocessing.scaler.floor is not None,
        "differencing": preprocessing.scaler.is_centred_on_last,
    }


def _last_season(readings: Readings, held_out: Samples, horizon: int, period: int) -> Matrix:
    """The values one season before each step, or several where that is still to come: (n, horizon)."""
    steps = np.arange(1, horizon + 1)
    back = period * -(-steps // period)
    positions = held_out.positions[:, None] + steps - back
    values: Matrix = readings.values[np.maximum(positions, 0)]
    return values
