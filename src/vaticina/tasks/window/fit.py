"""Training a window: from a series to a perceptron that tells its next values, measured on what it never saw."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Matrix, Readings
from vaticina.progress import Report
from vaticina.tasks.window.conformal import reach_of
from vaticina.tasks.window.fit_perceptron import loss_of
from vaticina.tasks.window.model import WindowModel
from vaticina.tasks.window.recipe import WindowRecipe
from vaticina.tasks.window.samples import Parts, Samples, samples_of, split_samples
from vaticina.tasks.window.transform import Frame


@dataclass(frozen=True, slots=True)
class TrainedWindow:
    """``model`` was fitted to all readings; ``told`` is what the same model, fitted without the rows of ``held``, tells
    of them: (n, horizon). ``naive`` and ``seasonal`` are what repeating the last value, or season, tells."""

    model: WindowModel
    recipe: WindowRecipe
    samples: Samples
    held: Samples
    told: Matrix
    naive: Matrix
    seasonal: Matrix
    facts: dict[str, Any]


def train_window(readings: Readings, recipe: WindowRecipe, share: float, seed: int, report: Report) -> TrainedWindow:
    """A perceptron for ``recipe``'s window, with the last ``share`` of the windows held out to measure it.

    Three fits: one stopped early tells how many epochs are good; one of so many, on all but the held-out windows, is
    measured and gives the intervals; one of so many on all windows is answered with.

    Raises:
        TooFewPoints: the series is too short; the message says how many points are needed.
    """
    samples = samples_of(readings, recipe.window_size, recipe.horizon)
    parts = split_samples(samples, share)
    with threadpool_limits(1):  # the products are small: more threads would only wait for each other
        report("finding when to stop", 0.1)
        frame = Frame.of(readings, parts.held.first_told, recipe)
        epochs = frame.fit(parts.learnt, parts.kept, recipe.epochs, seed).epochs
        report("fitting to measure", 0.3)
        measured = frame.fit(parts.known, None, epochs, seed).layers
        report("fitting to answer", 0.5)
        whole = frame.over(readings)
        final = whole.fit(samples, None, epochs, seed).layers
    apart = frame.apart(measured, parts.held)
    reach, error = reach_of(np.abs(apart), recipe.coverage), float(np.abs(apart[:, 0]).mean())
    told = WindowModel(frame.space, measured, reach, error).predict(parts.held.rows)
    return TrainedWindow(
        model=WindowModel(whole.space, final, reach, error),
        recipe=recipe,
        samples=samples,
        held=parts.held,
        told=told.columns["forecast"][:, :, 0],
        naive=np.repeat(parts.held.values[:, -1:], recipe.horizon, axis=1),
        seasonal=_last_season(readings, parts.held, recipe.horizon, frame.period),
        facts={"epochs_trained": epochs, "final_loss": loss_of(apart), **_facts(frame, parts, samples)},
    )


def _facts(frame: Frame, parts: Parts, samples: Samples) -> dict[str, Any]:
    return {
        "training_samples": parts.known.count,
        "held_samples": parts.held.count,
        "samples": samples.count,
        "season": frame.period,
        "logarithm": frame.space.floor is not None,
        "differencing": frame.space.is_centred_on_last,
    }


def _last_season(readings: Readings, held: Samples, horizon: int, period: int) -> Matrix:
    """The values one season before each step, or two where that is still to come: (n, horizon)."""
    steps = np.arange(1, horizon + 1)
    back = period * -(-steps // period)
    places = held.places[:, None] + steps - back
    found: Matrix = readings.values[np.maximum(places, 0)]
    return found
