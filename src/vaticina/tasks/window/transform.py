"""What stands before a fit: how the perceptron sees a series, as the data suggest it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix, Readings
from vaticina.tasks.window.fit_perceptron import Fit, Windows, fit_windows
from vaticina.tasks.window.model import Layers, Space
from vaticina.tasks.window.recipe import WindowRecipe
from vaticina.tasks.window.samples import Samples
from vaticina.tasks.window.season import find_season, phases, season_of, step_of, unrolled


@dataclass(frozen=True, slots=True)
class Frame:
    """The space in which the perceptron sees, the season, and which value of a window each step starts from."""

    recipe: WindowRecipe
    period: int
    space: Space
    start: NDArray[np.int64]

    @classmethod
    def of(cls, readings: Readings, before: int, recipe: WindowRecipe) -> "Frame":
        """As the readings before that place suggest."""
        period = _period(readings, before, recipe)
        return cls(recipe, period, _space(readings, before, recipe, period), _start(recipe, period))

    def over(self, readings: Readings) -> "Frame":
        """The same season in a space as all the readings suggest."""
        return replace(self, space=_space(readings, readings.size, self.recipe, self.period))

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
