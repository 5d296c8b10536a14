"""Where a rising function crosses a threshold, to the last bit of a double."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Integers, Matrix

STEPS = 64 ** np.arange(1, 11)
"""How far from a row's own value the crossing is sought, counted in doubles, before all doubles are."""

SIGN = np.iinfo(np.int64).min


class ThresholdSearch:
    """Finds for each row the last double that goes left at a node.

    The value in ``columns`` (n,) of ``rows`` (n, columns) is moved; a row goes left when column ``features`` (n,) of
    ``function`` of the rows is at most ``thresholds`` (n,).
    """

    def __init__(
        self,
        function: Callable[[Matrix], Matrix],
        rows: Matrix,
        columns: Integers,
        features: Integers,
        thresholds: Matrix,
    ) -> None:
        self._function = function
        self._rows = rows
        self._columns = columns
        self._features = features
        self._thresholds = thresholds
        self._each = np.arange(len(rows))

    def sides(self) -> tuple[list[Matrix], NDArray[np.bool_]]:
        """The rows moved to the last double on the left, and to the first on the right, where there are both.

        The mask (n,) says for which rows there are.
        """
        low, high = self._bracket()
        while np.any(low < high - 1):
            middle = (low >> 1) + (high >> 1) + (low & high & 1)
            is_left = self._is_left(middle)
            low, high = np.where(is_left, middle, low), np.where(is_left, high, middle)
        is_crossed = self._is_left(low) & ~self._is_left(high)
        return [self._moved(low)[is_crossed], self._moved(high)[is_crossed]], is_crossed

    def _bracket(self) -> tuple[Integers, Integers]:
        """Places to the left and to the right of each crossing, from the row's own value outwards."""
        start = _places(np.nan_to_num(self._rows[self._each, self._columns]))
        low, high = start, start + 1
        for step in STEPS:
            go_down, go_up = ~self._is_left(low), self._is_left(high)
            if not np.any(go_down | go_up):
                return low, high
            low = np.where(go_down, np.maximum(start - step, -LAST), low)
            high = np.where(go_up, np.minimum(start + step, LAST), high)
        return np.where(self._is_left(low), low, -LAST), np.where(self._is_left(high), LAST, high)

    def _is_left(self, places: Integers) -> NDArray[np.bool_]:
        values = self._function(self._moved(places))[self._each, self._features]
        is_left: NDArray[np.bool_] = values <= self._thresholds
        return is_left

    def _moved(self, places: Integers) -> Matrix:
        moved = self._rows.copy()
        moved[self._each, self._columns] = _doubles(places)
        return moved


def _places(values: Matrix) -> Integers:
    """The doubles numbered in their order, zero as 0: neighbours differ by one."""
    bits = values.view(np.int64)
    return np.where(bits < 0, SIGN - bits, bits)


def _doubles(places: Integers) -> Matrix:
    return np.where(places < 0, SIGN - places, places).view(np.float64)


LARGEST = 3.4e38
"""The largest number that is tried: beyond it a 32-bit float, which many models use inside, is infinite."""

LAST = int(_places(np.array([LARGEST]))[0])
"""The place of ``LARGEST``."""
