"""Where a rising function crosses a threshold, to the last bit of a double."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vaticina.exact.arrays import Integers, Matrix

STEPS = [64**power for power in range(1, 11)]
"""How far from a row's own value its turn is sought, counted in doubles, before all there are."""

SIGN = np.iinfo(np.int64).min


class Search:
    """Seeks for each of ``start`` (n, columns) the last double of its ``column`` that turns left.

    A row turns left when ``feature`` of what ``given`` makes of it is at most ``threshold``.
    """

    def __init__(
        self, given: Callable[[Matrix], Matrix], start: Matrix, column: Integers, feature: Integers, threshold: Matrix
    ) -> None:
        self._given = given
        self._start = start
        self._column = column
        self._feature = feature
        self._threshold = threshold
        self._each = np.arange(len(start))

    def sides(self) -> list[Matrix]:
        """The rows moved to the last double on the left, and to the first on the right, where there are both."""
        low, high = self._bracket()
        while np.any(low < high - 1):
            middle = (low >> 1) + (high >> 1) + (low & high & 1)
            left = self._is_left(middle)
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        found = self._is_left(low) & ~self._is_left(high)
        return [self._moved(low)[found], self._moved(high)[found]]

    def _bracket(self) -> tuple[Integers, Integers]:
        """Places to the left and to the right of each turn, from the row's own value outwards."""
        own = _places(np.nan_to_num(self._start[self._each, self._column]))
        low, high = own, own + 1
        for step in STEPS:
            go_down, go_up = ~self._is_left(low), self._is_left(high)
            if not np.any(go_down | go_up):
                return low, high
            low = np.where(go_down, np.maximum(own - step, -LAST), low)
            high = np.where(go_up, np.minimum(own + step, LAST), high)
        return np.where(self._is_left(low), low, -LAST), np.where(self._is_left(high), LAST, high)

    def _is_left(self, places: Integers) -> NDArray[np.bool_]:
        given = self._given(self._moved(places))
        left: NDArray[np.bool_] = given[self._each, self._feature] <= self._threshold
        return left

    def _moved(self, places: Integers) -> Matrix:
        moved = self._start.copy()
        moved[self._each, self._column] = _doubles(places)
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
