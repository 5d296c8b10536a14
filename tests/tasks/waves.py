"""Series whose next values can be told."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Readings, readings

START = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
HOUR = 3_600.0


def wave(count: int = 400, level: float = 100.0, swing: float = 8.0, noise: float = 0.5, seed: int = 0) -> Readings:
    """Hourly values with a daily swing, a slow drift and noise."""
    random = np.random.default_rng(seed)
    hours = np.arange(count, dtype=np.float64)
    drift = np.cumsum(random.normal(0.0, noise / 3, count))
    values = level + swing * np.sin(2 * np.pi * hours / 24) + drift + random.normal(0.0, noise, count)
    return hourly(values)


def hourly(values: NDArray[np.float64]) -> Readings:
    """``values``, an hour between them."""
    return readings(START + HOUR * np.arange(len(values), dtype=np.float64), values)
