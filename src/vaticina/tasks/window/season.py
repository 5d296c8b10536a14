"""Seasons: how they are found in the data, and the seasonal index of each phase."""

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.contract.readings import Readings
from vaticina.exact.arrays import Integers

CYCLES = {"hour": 3_600.0, "day": 86_400.0, "week": 604_800.0, "year": 31_557_600.0}
"""Lengths of seasons, in seconds."""

MIN_CYCLES = 3
"""A season is accepted when the series holds it so many times."""

MARGIN = 1.645
"""Of an autocorrelation's standard error: the test of seasonality of the M4 competition (90 %, two-sided)."""

STRENGTH = 0.3
"""An autocorrelation below this is no season worth taking out, however significant."""

ROUNDING = 1e-9

REGULAR = 0.9
"""Share of the gaps that must be one step, for phases of a season to be counted by the clock."""


def usual_step(moments: NDArray[np.float64]) -> float:
    """The usual seconds between two readings; 1 when all have the same moment."""
    gaps = np.diff(moments)
    positive = gaps[gaps > 0]
    if not len(positive):
        return 1.0
    return float(np.median(positive))


def is_regular(moments: NDArray[np.float64]) -> bool:
    """Whether nearly all readings come one step after the one before."""
    gaps = np.diff(moments)
    if not len(gaps):
        return False
    step = usual_step(moments)
    return bool(np.mean(np.abs(gaps - step) < 0.1 * step) >= REGULAR)


def find_season(readings: Readings, values: Matrix) -> int:
    """The points of the season that ``values`` (n,) show most clearly; 1 when none.

    An hour, a day, a week and a year are tried, in steps of the series. One is accepted when the series holds it three
    times, and the autocorrelation of the detrended values at that lag passes the test of the M4 competition
    (Makridakis, Spiliotis, Assimakopoulos 2020) and is strong.
    """
    if not is_regular(readings.moments):
        return 1
    lags = _possible_lags(usual_step(readings.moments), len(values))
    if not lags:
        return 1
    detrended = values - _trend(values)
    if np.std(detrended) <= ROUNDING * np.abs(values).max():
        return 1  # a straight line; what is left of it are the last digits
    correlations = autocorrelations(detrended, lags[-1])
    season = 1
    for lag in lags:
        if _is_seasonal(correlations, lag, len(values)) and (season == 1 or correlations[lag] > correlations[season]):
            season = lag
    return season


def _possible_lags(step: float, count: int) -> list[int]:
    """The seasons in steps, ascending, that are two steps or more and are within ``count`` values often enough."""
    lags = set()
    for cycle in CYCLES.values():
        lag = round(cycle / step)
        if cycle / step >= 2 and lag * MIN_CYCLES <= count:
            lags.add(lag)
    return sorted(lags)


def autocorrelations(values: Matrix, largest_lag: int) -> Matrix:
    """The autocorrelations of lags 0 to ``largest_lag``: (largest_lag + 1,); zeros for a series that never changes."""
    centred = values - values.mean()
    length = 2 ** int(np.ceil(np.log2(len(values) + largest_lag + 1)))
    spectrum = np.abs(np.fft.rfft(centred, length)) ** 2
    covariances = np.fft.irfft(spectrum, length)[: largest_lag + 1]
    if covariances[0] <= 0:
        return np.zeros(largest_lag + 1)
    correlations: Matrix = covariances / covariances[0]
    return correlations


def _is_seasonal(correlations: Matrix, lag: int, count: int) -> bool:
    limit = MARGIN * np.sqrt((1.0 + 2.0 * np.sum(correlations[1:lag] ** 2)) / count)
    return bool(abs(correlations[lag]) > limit and correlations[lag] > STRENGTH)


def _trend(values: Matrix) -> Matrix:
    """The straight line through ``values``: (n,)."""
    positions = np.arange(len(values), dtype=np.float64)
    slope, level = np.polyfit(positions, values, 1)
    trend: Matrix = slope * positions + level
    return trend


def phases(moments: NDArray[np.float64], origin: float, step: float, period: int) -> Integers:
    """Each moment's phase of the season, by the clock: (n,) from 0 to ``period`` - 1."""
    phase: Integers = np.round((moments - origin) / step).astype(np.int64) % period
    return phase


def seasonal_indices(values: Matrix, phase: Integers, period: int) -> Matrix:
    """The seasonal part of each phase: (period,), of mean zero.

    The median, over the cycles, of the differences between ``values`` (n,) and their moving average over one whole
    season; ``phase`` (n,) is that of each value.
    """
    medians = _medians(values - moving_average(values, period), phase, period)
    indices: Matrix = medians - medians.mean()
    return indices


def _medians(values: Matrix, phase: Integers, period: int) -> Matrix:
    """The median of the values of each phase: (period,), zero where there is none."""
    ordered = values[np.lexsort((values, phase))]
    counts = np.bincount(phase, minlength=period)
    firsts = np.cumsum(counts) - counts
    has_values = counts > 0
    medians = np.zeros(period)
    low, high = firsts + (counts - 1) // 2, firsts + counts // 2
    medians[has_values] = (ordered[low[has_values]] + ordered[high[has_values]]) / 2.0
    return medians


def moving_average(values: Matrix, period: int) -> Matrix:
    """The centred average over ``period`` values (half weights at both ends when even); the ends repeat the nearest."""
    weights = np.ones(period)
    if period % 2 == 0:
        weights = np.concatenate([[0.5], np.ones(period - 1), [0.5]])
    inside = np.convolve(values, weights / weights.sum(), mode="valid")
    before = (len(values) - len(inside)) // 2
    return np.pad(inside, (before, len(values) - len(inside) - before), mode="edge")


def unroll(indices: Matrix, size: int, horizon: int) -> Matrix:
    """``indices`` (period,), repeated: (period + size + horizon - 1,).

    Element p + i is the index of moment i of a window and its future, where p is the phase of the window's last moment.
    """
    positions = np.arange(1 - size, len(indices) + horizon)
    unrolled: Matrix = indices[positions % len(indices)]
    return unrolled
