"""Readings: the numbers of one series, as sources give them and models of kind ``window`` are trained on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Readings:
    """``moments`` (n,) in seconds since 1970 (UTC) and ``values`` (n,), both finite, in the order of time.

    ``parameter`` names the column they were read from, ``source`` the collection or file.
    """

    moments: NDArray[np.float64]
    values: NDArray[np.float64]
    parameter: str = "value"
    source: str = ""

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.values)


def readings(
    moments: Sequence[datetime] | Sequence[float] | NDArray[np.float64],
    values: Sequence[float] | NDArray[np.float64],
    parameter: str = "value",
    source: str = "",
) -> Readings:
    """The readings put in the order of time; those of one moment keep theirs. Moments are aware, or seconds.

    Raises ValueError unless both are finite and equal in number.
    """
    seconds = np.array([one.timestamp() if isinstance(one, datetime) else one for one in moments], dtype=np.float64)
    numbers = np.asarray(values, dtype=np.float64)
    if seconds.shape != numbers.shape or not (np.isfinite(seconds).all() and np.isfinite(numbers).all()):
        raise ValueError(f"{len(seconds)} moments and {len(numbers)} values are no series of finite numbers")
    order = np.argsort(seconds, kind="stable")
    return Readings(seconds[order], numbers[order], parameter, source)
