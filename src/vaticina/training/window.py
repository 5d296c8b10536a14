"""Training a window: from a series to a perceptron that tells its next values, measured on what it never saw."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vaticina.contract import Matrix, Project
from vaticina.contract.readings import Readings
from vaticina.runtimes.perceptron import Layers, Space, WindowModel
from vaticina.training.conformal import reach_of
from vaticina.training.outputs import check_outputs
from vaticina.training.params import read_params
from vaticina.training.perceptron import Fit, Windows, fit_windows
from vaticina.training.recipe import WindowRecipe, read_recipe
from vaticina.training.samples import Parts, Samples, samples_of, split_samples
from vaticina.training.season import find_season, phases, season_of, step_of, unrolled

Report = Callable[[str, float], None]


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
        known = _Frame.of(readings, parts.held.first_told, recipe)
        epochs = known.fit(parts.learnt, parts.kept, recipe.epochs, seed).epochs
        report("fitting to measure", 0.3)
        measured = known.fit(parts.known, None, epochs, seed)
        report("fitting to answer", 0.5)
        whole = replace(known, space=_space(readings, readings.size, recipe, known.period))
        final = whole.fit(samples, None, epochs, seed)
    return _trained(readings, parts, samples, known, measured, replace(final, epochs=epochs), whole)


def train_project_window(
    project: Project, readings: Readings, options: Mapping[str, Any], report: Report
) -> TrainedWindow:
    """The same by a project's own parameters, where ``options`` do not say otherwise. Raises ProjectError too."""
    params = read_params(project)
    recipe = read_recipe(params.model, options)
    check_outputs(project.draft())
    return train_window(readings, recipe, params.test_size, params.seed, report)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands before a fit: the space in which the perceptron sees, the season, and where it starts from."""

    recipe: WindowRecipe
    period: int
    space: Space
    start: NDArray[np.int64]

    @classmethod
    def of(cls, readings: Readings, before: int, recipe: WindowRecipe) -> "_Frame":
        """As the readings before that place suggest."""
        period = _period(readings, before, recipe)
        return cls(recipe, period, _space(readings, before, recipe, period), _start(recipe, period))

    def windows(self, samples: Samples) -> Windows:
        """The samples as the perceptron sees them."""
        scaled, centre, scale, season = self.space.scaled(samples.ends, samples.values)
        futures = (self.space.taken(samples.futures) - season - centre) / scale
        return Windows(scaled, futures - scaled[:, self.start])

    def fit(self, learnt: Samples, kept: Samples | None, epochs: int, seed: int) -> Fit:
        """A perceptron fitted to ``learnt``, stopped by ``kept``."""
        stop = None if kept is None else self.windows(kept)
        return fit_windows(self.windows(learnt), stop, self.start, self.recipe, epochs, seed)

    def apart(self, layers: Layers, samples: Samples) -> Matrix:
        """How far, in scales, the samples' futures lie from what is told: (n, horizon)."""
        windows = self.windows(samples)
        apart: Matrix = windows.targets + windows.inputs[:, self.start] - layers.told(windows.inputs)
        return apart


def _trained(
    readings: Readings,
    parts: Parts,
    samples: Samples,
    known: _Frame,
    measured: Fit,
    final: Fit,
    whole: _Frame,
) -> TrainedWindow:
    recipe, held = known.recipe, parts.held
    apart = known.apart(measured.layers, held)
    reach = reach_of(np.abs(apart), recipe.coverage)
    error = float(np.abs(apart[:, 0]).mean())
    told = WindowModel(known.space, measured.layers, reach, error).predict(held.rows).columns["forecast"]
    facts = {
        "epochs_trained": final.epochs,
        "final_loss": float(np.log(np.cosh(np.clip(4.0 * apart, -300, 300))).mean() / 4.0),
        "training_samples": parts.known.count,
        "held_samples": held.count,
        "samples": samples.count,
        "season": known.period,
        "logarithm": known.space.floor is not None,
        "differencing": known.space.is_centred_on_last,
    }
    return TrainedWindow(
        model=WindowModel(whole.space, final.layers, reach, error),
        recipe=recipe,
        samples=samples,
        held=held,
        told=told[:, :, 0],
        naive=np.repeat(held.values[:, -1:], recipe.horizon, axis=1),
        seasonal=_last_season(readings, held, recipe.horizon, known.period),
        facts=facts,
    )


def _period(readings: Readings, before: int, recipe: WindowRecipe) -> int:
    """The points of a season, 1 for none."""
    if recipe.seasonality != "auto":
        return max(1, recipe.seasonality)
    known = replace(readings, moments=readings.moments[:before], values=readings.values[:before])
    floor = _floor(known.values, recipe)
    return find_season(known, known.values if floor is None else np.log(known.values))


def _space(readings: Readings, before: int, recipe: WindowRecipe, period: int) -> Space:
    """As the readings before that place suggest."""
    moments, values = readings.moments[:before], readings.values[:before]
    floor = _floor(values, recipe)
    taken = values if floor is None else np.log(values)
    step, size = step_of(moments), recipe.window_size
    shown, season = 1, np.zeros(size + recipe.horizon)
    if period > 1 and size < period and before >= 2 * period:
        places = phases(moments, moments[0], step, period)
        indices = season_of(taken, places, period)
        shown, season, taken = period, unrolled(indices, size, recipe.horizon), taken - indices[places]
    return Space(size, floor, season, shown, float(moments[0]), step, _is_differenced(taken, recipe))


def _floor(values: Matrix, recipe: WindowRecipe) -> float | None:
    """The least value of which a logarithm is taken; None for plain values."""
    least = float(values.min())
    if recipe.logarithm is False or least <= 0.0:
        return None
    return least / 2.0


def _is_differenced(taken: Matrix, recipe: WindowRecipe) -> bool:
    """Whether values are taken as differences from a window's last; by themselves where that lies nearer to the mean of
    what follows than the window's own mean does, as in a series that wanders."""
    if recipe.differencing != "auto":
        return recipe.differencing
    size, horizon = recipe.window_size, recipe.horizon
    sums = np.concatenate([[0.0], np.cumsum(taken - taken.mean())])
    means = (sums[size:-horizon] - sums[: -size - horizon]) / size
    coming = (sums[size + horizon :] - sums[size:-horizon]) / horizon
    last = taken[size - 1 : -horizon] - taken.mean()
    return bool(np.abs(coming - last).mean() < np.abs(coming - means).mean())


def _start(recipe: WindowRecipe, period: int) -> NDArray[np.int64]:
    """Which value of the window each step starts from: the last, or the one a season before where the window has it."""
    size, steps = recipe.window_size, np.arange(recipe.horizon)
    if 1 < period <= size:
        return size - period + steps % period
    return np.full(recipe.horizon, size - 1)


def _last_season(readings: Readings, held: Samples, horizon: int, period: int) -> Matrix:
    """The values one season before each step, or two where that is still to come: (n, horizon)."""
    steps = np.arange(1, horizon + 1)
    back = period * -(-steps // period)
    places = held.places[:, None] + steps - back
    found: Matrix = readings.values[np.maximum(places, 0)]
    return found
