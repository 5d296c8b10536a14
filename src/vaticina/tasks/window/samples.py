"""The windows of a series: what is learnt from, what training is stopped by, and what is measured on."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.contract.readings import Readings
from vaticina.contract.sentence import Sentence
from vaticina.errors import TooFewPoints
from vaticina.tasks.window.season import is_regular, step_of

LEAST = 5
"""Windows without which nothing can be learnt and measured."""

LEAST_LEARNT = 10
"""With fewer windows to learn from, none are kept back to stop by."""

KEPT = 0.15
"""Share of the windows not held out that training is stopped by."""

MOST_CELLS = 2_000_000
"""Of all windows together; of longer series the last windows count."""

GAP = 1.5
"""In steps: a window in which more time than this is missing is left out."""

Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Samples:
    """Each window of a series: the place (n,) of its last value, the moment of it, its values (n, size), and the
    values that followed (n, horizon)."""

    places: Index
    ends: Matrix
    values: Matrix
    futures: Matrix

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.places)

    def take(self, part: slice) -> "Samples":
        """The windows of a part."""
        return Samples(self.places[part], self.ends[part], self.values[part], self.futures[part])

    def before(self, place: int) -> "Samples":
        """Those of which everything, the future too, lies before ``place``."""
        return self.take(slice(0, int(np.searchsorted(self.places + self.futures.shape[1], place))))

    @property
    def first_told(self) -> int:
        """The place of the first value that is to be told."""
        return int(self.places[0]) + 1

    @property
    def rows(self) -> Matrix:
        """As the model takes them: (n, 1 + size)."""
        return np.column_stack([self.ends, self.values])


@dataclass(frozen=True, slots=True)
class Parts:
    """Windows to learn from and, where there are enough, some of them to stop by; then those held out, in time."""

    learnt: Samples
    kept: Samples | None
    known: Samples
    """Both together, with those that lie between them."""
    held: Samples


def needed_points(size: int, horizon: int) -> int:
    """How many readings training needs."""
    return size + 2 * horizon + LEAST - 2


def samples_of(readings: Readings, size: int, horizon: int) -> Samples:
    """All windows without a gap. Raises TooFewPoints, saying how many readings are needed."""
    needed = needed_points(size, horizon)
    if readings.size < needed:
        key = "training_points_needed_one" if horizon == 1 else "training_points_needed"
        raise TooFewPoints(Sentence(key, size=size, horizon=horizon, min=needed, value=int(readings.size)))
    places = np.arange(size - 1, readings.size - horizon)
    whole = _without_gaps(readings.moments, size, horizon)
    chosen = places[whole] if whole.sum() >= horizon - 1 + LEAST else places
    chosen = chosen[-max(MOST_CELLS // (size + horizon), LEAST + horizon) :]
    views = sliding_window_view(readings.values, size + horizon)[chosen - (size - 1)]
    return Samples(chosen, readings.moments[chosen], views[:, :size], views[:, size:])


def _without_gaps(moments: NDArray[np.float64], size: int, horizon: int) -> NDArray[np.bool_]:
    """For each window whether no time is missing within it and its future; all, when the clock is not regular."""
    count = len(moments) - size - horizon + 1
    if not is_regular(moments):
        return np.ones(count, dtype=bool)
    gaps = np.concatenate([[0], np.cumsum(np.diff(moments) > GAP * step_of(moments))])
    return np.asarray(gaps[size + horizon - 1 :][:count] == gaps[:count])


def split_samples(samples: Samples, share: float) -> Parts:
    """The last ``share`` of the windows held out. Nothing that is told after the split was learnt from before it."""
    horizon = samples.futures.shape[1]
    count = min(max(1, round(samples.count * share)), samples.count - horizon + 1 - (LEAST - 2))
    held = samples.take(slice(samples.count - max(1, count), samples.count))
    known = samples.before(held.first_told)
    kept = known.take(slice(known.count - max(1, round(known.count * KEPT)), known.count))
    learnt = known.before(kept.first_told)
    if learnt.count < LEAST_LEARNT:
        return Parts(known, None, known, held)
    return Parts(learnt, kept, known, held)
