"""The samples of a series: windows with the values that followed, split into training, validation and held-out ones."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.contract.readings import Readings
from vaticina.contract.sentence import Sentence
from vaticina.errors import TooFewPoints
from vaticina.exact.arrays import Integers
from vaticina.tasks.window.season import is_regular, usual_step

MIN_SAMPLES = 5
"""Samples without which nothing can be learnt and measured."""

MIN_TRAIN = 10
"""With fewer samples to train on, none are kept for validation."""

VALIDATION_SHARE = 0.15
"""Share of the samples that are not held out by which training is stopped."""

MAX_CELLS = 2_000_000
"""Values of all samples together; of longer series the last samples count."""

GAP = 1.5
"""In steps: a sample in which more time than this is missing is left out."""


@dataclass(frozen=True, slots=True)
class Samples:
    """For each window of a series the position (n,) of its last value, the moment of that value (n,), the values
    (n, size), and the ``targets`` (n, horizon), which are the values that followed."""

    positions: Integers
    ends: Matrix
    values: Matrix
    targets: Matrix

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.positions)

    def take(self, part: slice) -> "Samples":
        """The samples of a part."""
        return Samples(self.positions[part], self.ends[part], self.values[part], self.targets[part])

    def before(self, position: int) -> "Samples":
        """Those of which all values, the targets too, are before ``position``."""
        return self.take(slice(0, int(np.searchsorted(self.positions + self.targets.shape[1], position))))

    @property
    def first_target(self) -> int:
        """The position of the first value that is to be predicted."""
        return int(self.positions[0]) + 1

    @property
    def rows(self) -> Matrix:
        """As the model takes them: (n, 1 + size)."""
        return np.column_stack([self.ends, self.values])


@dataclass(frozen=True, slots=True)
class SamplesSplit:
    """Samples to train on; those by which training is stopped, where there are enough; and held-out ones: in time."""

    train: Samples
    validation: Samples | None
    development: Samples
    """Both together, with those between them."""
    held_out: Samples


def required_points(size: int, horizon: int) -> int:
    """How many readings training needs."""
    return size + 2 * horizon + MIN_SAMPLES - 2


def make_samples(readings: Readings, size: int, horizon: int) -> Samples:
    """All samples without a gap. Raises TooFewPoints, saying how many readings are needed."""
    required = required_points(size, horizon)
    if readings.size < required:
        key = "training_points_needed_one" if horizon == 1 else "training_points_needed"
        raise TooFewPoints(Sentence(key, size=size, horizon=horizon, min=required, value=int(readings.size)))
    positions = np.arange(size - 1, readings.size - horizon)
    has_no_gap = _has_no_gap(readings.moments, size, horizon)
    if has_no_gap.sum() >= horizon - 1 + MIN_SAMPLES:
        positions = positions[has_no_gap]
    positions = positions[-max(MAX_CELLS // (size + horizon), MIN_SAMPLES + horizon) :]
    views = sliding_window_view(readings.values, size + horizon)[positions - (size - 1)]
    return Samples(positions, readings.moments[positions], views[:, :size], views[:, size:])


def _has_no_gap(moments: NDArray[np.float64], size: int, horizon: int) -> NDArray[np.bool_]:
    """For each window whether no time is missing within it and its future; all, when the clock is not regular."""
    count = len(moments) - size - horizon + 1
    if not is_regular(moments):
        return np.ones(count, dtype=bool)
    gaps = np.concatenate([[0], np.cumsum(np.diff(moments) > GAP * usual_step(moments))])
    return np.asarray(gaps[size + horizon - 1 :][:count] == gaps[:count])


def split_samples(samples: Samples, share: float) -> SamplesSplit:
    """The last ``share`` of the samples held out. No target of a later part was learnt from in an earlier one."""
    horizon = samples.targets.shape[1]
    count = min(max(1, round(samples.count * share)), samples.count - horizon + 1 - (MIN_SAMPLES - 2))
    held_out = samples.take(slice(samples.count - max(1, count), samples.count))
    development = samples.before(held_out.first_target)
    validation_count = max(1, round(development.count * VALIDATION_SHARE))
    validation = development.take(slice(development.count - validation_count, development.count))
    train = development.before(validation.first_target)
    if train.count < MIN_TRAIN:
        return SamplesSplit(development, None, development, held_out)
    return SamplesSplit(train, validation, development, held_out)
