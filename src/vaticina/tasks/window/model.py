"""The fitted perceptron of one window, in numpy: what the compiled graph is verified against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix, Outputs

STEEP = 20.0
"""How far from its level a logarithm may be told: a factor of half a billion, and no overflow."""

FLAT = 1e-3
"""The least spread of a window, as a share of its level: a flat one would make any change infinite."""

TINY = 1e-9

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Space:
    """Where the perceptron sees the values: logarithms or plain, without the season, centred and scaled by window.

    ``floor`` is the least value of which a logarithm is taken, None for plain values. ``season``
    (period + size + horizon - 1,) holds what each moment owes to the season, from a window's first one on, by the
    phase of the window's last moment, which is counted in ``step`` seconds from ``origin``; ``period`` is 1, and all
    are zeros, where there is no season or the window is long enough to show it. ``is_centred_on_last`` takes
    differences from the last value instead of from the mean.
    """

    size: int
    floor: float | None
    season: Matrix
    period: int
    origin: float
    step: float
    is_centred_on_last: bool

    @property
    def is_seasonal(self) -> bool:
        """Whether a season is taken out."""
        return self.period > 1

    def taken(self, values: Matrix) -> Matrix:
        """``values`` or their logarithms."""
        return values if self.floor is None else np.log(np.maximum(values, self.floor))

    def seasons(self, ends: Matrix) -> Matrix:
        """What the season gives to the windows that end at ``ends`` (n,), and to their futures: (n, size + horizon)."""
        counted = np.round((ends - self.origin) / self.step)
        phase = counted - self.period * np.floor(counted / self.period)
        length = len(self.season) - self.period + 1
        found: Matrix = self.season[phase.astype(np.int64)[:, None] + np.arange(length)]
        return found

    def scaled(self, ends: Matrix, values: Matrix) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        """Of windows ``values`` (n, size): scaled values, centre (n, 1), scale (n, 1), season to come (n, horizon)."""
        seasons = self.seasons(ends)
        plain = self.taken(values) - seasons[:, : self.size]
        centre = plain[:, -1:] if self.is_centred_on_last else plain.mean(axis=1, keepdims=True)
        apart = plain - centre
        least = FLAT if self.floor is not None else FLAT * np.abs(centre) + TINY
        scale = np.sqrt(np.square(apart).mean(axis=1, keepdims=True)) + least
        return apart / scale, centre, scale, seasons[:, self.size :]


@dataclass(frozen=True, slots=True)
class Layers:
    """Weights: each step is ``start``'s value of the window, plus a linear layer, plus one hidden layer of tanh.

    ``start`` (horizon,), ``linear`` (size, horizon), ``bias`` (horizon,), ``inner`` (size, hidden), ``inner_bias``
    (hidden,), ``outer`` (hidden, horizon); ``hidden`` may be 0.
    """

    start: Whole
    linear: Matrix
    bias: Matrix
    inner: Matrix
    inner_bias: Matrix
    outer: Matrix

    def told(self, scaled: Matrix) -> Matrix:
        """The steps told from scaled windows (n, size): (n, horizon), scaled."""
        steps: Matrix = scaled[:, self.start] + scaled @ self.linear + self.bias
        if self.inner.shape[1]:
            steps = steps + np.tanh(scaled @ self.inner + self.inner_bias) @ self.outer
        return steps


@dataclass(frozen=True, slots=True)
class WindowModel:
    """Tells the next values of a series from its last ones.

    ``reach`` (horizon,) is how far from each step the interval reaches, in scales of the window; ``error`` is the mean
    absolute error of the first step, in scales too.
    """

    space: Space
    layers: Layers
    reach: Matrix
    error: float

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, 1 + size): the moment of the last value, then the values."""
        values = matrix[:, 1:]
        scaled, centre, scale, season = self.space.scaled(matrix[:, 0], values)
        steps = self.layers.told(scaled) * scale
        spread = self.reach * scale
        paths = [self._back(moved, centre + season) for moved in (steps, steps - spread, steps + spread)]
        forecast = np.stack(paths, axis=2)
        error = self.error * scale[:, 0]
        if self.space.floor is None:
            error = error / (np.abs(values).mean(axis=1) + TINY)
        return Outputs(
            len(matrix),
            {
                "value": forecast[:, 0, 0],
                "interval": forecast[:, 0, 1:],
                "forecast": forecast,
                "confidence": np.clip(1.0 - error, 0.0, 1.0),
            },
        )

    def _back(self, moved: Matrix, level: Matrix) -> Matrix:
        """Steps (n, horizon), relative to ``level``, as values."""
        if self.space.floor is None:
            return moved + level
        told: Matrix = np.exp(np.clip(moved, -STEEP, STEEP) + level)
        return told
