"""Seasons: found from the data, and what each phase owes to them."""

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.contract.readings import Readings

CYCLES = {"hour": 3_600.0, "day": 86_400.0, "week": 604_800.0, "year": 31_557_600.0}
"""Seconds of what nature and people repeat."""

LEAST_CYCLES = 3
"""A season is believed when the series holds it so many times."""

MARGIN = 1.645
"""Of an autocorrelation's standard error: the test of seasonality of the M4 competition (90 %, two-sided)."""

STRENGTH = 0.3
"""An autocorrelation below this is no season worth taking out, however significant."""

ROUNDING = 1e-9

REGULAR = 0.9
"""Share of the gaps that must be one step, for places in a season to be counted by the clock."""


def step_of(moments: NDArray[np.float64]) -> float:
    """The usual seconds between two readings; 1 when all have the same moment."""
    gaps = np.diff(moments)
    return float(np.median(gaps[gaps > 0])) if np.any(gaps > 0) else 1.0


def is_regular(moments: NDArray[np.float64]) -> bool:
    """Whether nearly all readings come one step after the one before."""
    gaps = np.diff(moments)
    return bool(np.mean(np.abs(gaps - step_of(moments)) < 0.1 * step_of(moments)) >= REGULAR) if len(gaps) else False


def find_season(readings: Readings, values: Matrix) -> int:
    """The points of the season that ``values`` (n,) show most clearly; 1 when none.

    Candidates are an hour, a day, a week and a year in steps of the series. One is believed when the series holds it
    three times, and the autocorrelation of the changes at that lag passes the test of the M4 competition
    (Makridakis, Spiliotis, Assimakopoulos 2020) and is strong.
    """
    if not is_regular(readings.moments):
        return 1
    step = step_of(readings.moments)
    lags = {round(cycle / step) for cycle in CYCLES.values() if cycle / step >= 2}
    possible = sorted(lag for lag in lags if lag >= 2 and lag * LEAST_CYCLES <= len(values))
    if not possible:
        return 1
    moved = values - _trend(values)
    if np.std(moved) <= ROUNDING * np.abs(values).max():
        return 1  # a straight line; what is left of it are the last digits
    correlations = autocorrelations(moved, possible[-1])
    believed = [lag for lag in possible if _is_seasonal(correlations, lag, len(values))]
    return max(believed, key=lambda lag: correlations[lag], default=1)


def autocorrelations(values: Matrix, most: int) -> Matrix:
    """Those of lags 0 to ``most``: (most + 1,); zeros for a series that never changes."""
    centred = values - values.mean()
    length = 2 ** int(np.ceil(np.log2(len(values) + most + 1)))
    spectrum = np.abs(np.fft.rfft(centred, length)) ** 2
    found = np.fft.irfft(spectrum, length)[: most + 1]
    return found / found[0] if found[0] > 0 else np.zeros(most + 1)


def _is_seasonal(correlations: Matrix, lag: int, count: int) -> bool:
    limit = MARGIN * np.sqrt((1.0 + 2.0 * np.sum(correlations[1:lag] ** 2)) / count)
    return bool(abs(correlations[lag]) > limit and correlations[lag] > STRENGTH)


def _trend(values: Matrix) -> Matrix:
    places = np.arange(len(values), dtype=np.float64)
    slope, level = np.polyfit(places, values, 1)
    trend: Matrix = slope * places + level
    return trend


def phases(moments: NDArray[np.float64], origin: float, step: float, period: int) -> NDArray[np.int64]:
    """Each moment's place in the season, by the clock: (n,) from 0 to ``period`` - 1."""
    counted: NDArray[np.int64] = np.round((moments - origin) / step).astype(np.int64) % period
    return counted


def season_of(values: Matrix, places: NDArray[np.int64], period: int) -> Matrix:
    """What each place owes to the season: (period,), of mean zero.

    The median, over the cycles, of what lies between the values and their moving average over one whole season.
    """
    found = _medians(values - moving_average(values, period), places, period)
    seasonal: Matrix = found - found.mean()
    return seasonal


def _medians(values: Matrix, places: NDArray[np.int64], period: int) -> Matrix:
    """The median of the values of each place: (period,), zero where there is none."""
    ordered = values[np.lexsort((values, places))]
    counts = np.bincount(places, minlength=period)
    firsts = np.cumsum(counts) - counts
    some = counts > 0
    found = np.zeros(period)
    low, high = firsts + (counts - 1) // 2, firsts + counts // 2
    found[some] = (ordered[low[some]] + ordered[high[some]]) / 2.0
    return found


def moving_average(values: Matrix, period: int) -> Matrix:
    """The centred average over ``period`` values (half weights at both ends when even); the ends keep the nearest."""
    weights = np.ones(period) if period % 2 else np.concatenate([[0.5], np.ones(period - 1), [0.5]])
    inside = np.convolve(values, weights / weights.sum(), mode="valid")
    before = (len(values) - len(inside)) // 2
    return np.pad(inside, (before, len(values) - len(inside) - before), mode="edge")


def unrolled(indices: Matrix, size: int, horizon: int) -> Matrix:
    """``indices`` (period,), repeated so that from the phase of a window's last moment on stand those of the window and
    of its future: (period + size + horizon - 1,)."""
    places = np.arange(1 - size, len(indices) + horizon)
    found: Matrix = indices[places % len(indices)]
    return found
