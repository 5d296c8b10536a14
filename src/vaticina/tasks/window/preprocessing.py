"""Preprocessing: how the perceptron sees a series, as the data suggest it."""

from dataclasses import dataclass, replace

import numpy as np

from vaticina.contract import Matrix, Readings
from vaticina.exact.arrays import Integers
from vaticina.tasks.window.fit_perceptron import FittedPerceptron, ScaledWindows, fit_perceptron
from vaticina.tasks.window.params import WindowParams
from vaticina.tasks.window.perceptron import Perceptron
from vaticina.tasks.window.samples import Samples
from vaticina.tasks.window.scaler import WindowScaler
from vaticina.tasks.window.season import find_season, phases, seasonal_indices, unroll, usual_step


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """The season, the scaler of windows, and which value of a window each step starts from."""

    params: WindowParams
    period: int
    scaler: WindowScaler
    start: Integers

    @classmethod
    def learn(cls, readings: Readings, before: int, params: WindowParams) -> "Preprocessing":
        """As the readings before the position ``before`` suggest."""
        period = _period(readings, before, params)
        return cls(params, period, _scaler(readings, before, params, period), _start(params, period))

    def relearn(self, readings: Readings) -> "Preprocessing":
        """The same season, with a scaler as all of the readings suggest."""
        return replace(self, scaler=_scaler(readings, readings.size, self.params, self.period))

    def scale(self, samples: Samples) -> ScaledWindows:
        """The samples as the perceptron sees them."""
        scaled = self.scaler.scale(samples.ends, samples.values)
        targets = (self.scaler.transform(samples.targets) - scaled.coming_season - scaled.centre) / scaled.scale
        return ScaledWindows(scaled.values, targets - scaled.values[:, self.start])

    def fit(self, train: Samples, validation: Samples | None, epochs: int, seed: int) -> FittedPerceptron:
        """A perceptron fitted to ``train``, stopped early by ``validation``."""
        scaled_validation = None
        if validation is not None:
            scaled_validation = self.scale(validation)
        return fit_perceptron(self.scale(train), scaled_validation, self.start, self.params, epochs, seed)

    def residuals(self, perceptron: Perceptron, samples: Samples) -> Matrix:
        """The samples' targets minus what is predicted, in scales of the window: (n, horizon)."""
        windows = self.scale(samples)
        residuals: Matrix = windows.targets + windows.inputs[:, self.start] - perceptron.forward(windows.inputs)
        return residuals


def _period(readings: Readings, before: int, params: WindowParams) -> int:
    """The points of a season, 1 for none."""
    if params.seasonality != "auto":
        return max(1, params.seasonality)
    earlier = replace(readings, moments=readings.moments[:before], values=readings.values[:before])
    return find_season(earlier, _transform(earlier.values, _floor(earlier.values, params)))


def _scaler(readings: Readings, before: int, params: WindowParams, period: int) -> WindowScaler:
    """As the readings before the position ``before`` suggest."""
    moments, values = readings.moments[:before], readings.values[:before]
    floor = _floor(values, params)
    transformed = _transform(values, floor)
    step, size = usual_step(moments), params.window_size
    scaler_period, season = 1, np.zeros(size + params.horizon)
    if period > 1 and size < period and before >= 2 * period:
        phase = phases(moments, moments[0], step, period)
        indices = seasonal_indices(transformed, phase, period)
        scaler_period, season = period, unroll(indices, size, params.horizon)
        transformed = transformed - indices[phase]
    is_centred_on_last = _is_differenced(transformed, params)
    return WindowScaler(size, floor, season, scaler_period, float(moments[0]), step, is_centred_on_last)


def _transform(values: Matrix, floor: float | None) -> Matrix:
    """``values``, or with a ``floor`` their logarithms."""
    if floor is None:
        return values
    return np.log(values)


def _floor(values: Matrix, params: WindowParams) -> float | None:
    """The least value of which a logarithm is taken; None for plain values."""
    least = float(values.min())
    if params.logarithm is False or least <= 0.0:
        return None
    return least / 2.0


def _is_differenced(values: Matrix, params: WindowParams) -> bool:
    """Whether values are taken as differences from a window's last.

    By themselves they are where the last value is nearer to the mean of what follows than the window's own mean is, as
    in a random walk.
    """
    if params.differencing != "auto":
        return params.differencing
    size, horizon = params.window_size, params.horizon
    sums = np.concatenate([[0.0], np.cumsum(values - values.mean())])
    means = (sums[size:-horizon] - sums[: -size - horizon]) / size
    future_means = (sums[size + horizon :] - sums[size:-horizon]) / horizon
    last = values[size - 1 : -horizon] - values.mean()
    return bool(np.abs(future_means - last).mean() < np.abs(future_means - means).mean())


def _start(params: WindowParams, period: int) -> Integers:
    """The index of the window's value that each step starts from: the last, or the one a season earlier if it is in the
    window."""
    size, steps = params.window_size, np.arange(params.horizon)
    if 1 < period <= size:
        return size - period + steps % period
    return np.full(params.horizon, size - 1)
