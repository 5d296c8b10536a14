"""The scaler of windows: logarithms or plain values, without their season, centred and scaled window by window."""

from dataclasses import dataclass

import numpy as np

from vaticina.contract import Matrix

STEEP = 20.0
"""The largest predicted change of a logarithm: a factor of half a billion, and no overflow."""

FLAT = 1e-3
"""The least spread of a window, as a share of its level: for a flat window any change would be infinite."""

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class ScaledValues:
    """Windows as a perceptron takes them.

    ``values`` (n, size) are scaled; ``centre`` and ``scale`` (n, 1) are those of each window; ``coming_season``
    (n, horizon) is the seasonal part of the steps to predict.
    """

    values: Matrix
    centre: Matrix
    scale: Matrix
    coming_season: Matrix


@dataclass(frozen=True, slots=True)
class WindowScaler:
    """Scales windows of ``size`` values, and turns scaled predictions back into values.

    ``floor`` is the least value of which a logarithm is taken, None for plain values. ``season``
    (period + size + horizon - 1,) holds seasonal parts: element p + i is that of moment i of a window and its future,
    where p is the phase of the window's last moment, counted in ``step`` seconds from ``origin``. ``period`` is 1, and
    all parts are zero, where there is no season or the window is long enough to show it. ``is_centred_on_last`` takes
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
        """Whether a season is subtracted."""
        return self.period > 1

    def transform(self, values: Matrix) -> Matrix:
        """``values``, or their logarithms."""
        if self.floor is None:
            return values
        return np.log(np.maximum(values, self.floor))

    def seasonal_parts(self, ends: Matrix) -> Matrix:
        """The seasonal part of the windows that end at ``ends`` (n,), and of their futures: (n, size + horizon)."""
        steps = np.round((ends - self.origin) / self.step)
        phase = steps - self.period * np.floor(steps / self.period)
        length = len(self.season) - self.period + 1
        parts: Matrix = self.season[phase.astype(np.int64)[:, None] + np.arange(length)]
        return parts

    def scale(self, ends: Matrix, values: Matrix) -> ScaledValues:
        """The windows ``values`` (n, size), which end at the moments ``ends`` (n,), scaled."""
        parts = self.seasonal_parts(ends)
        deseasonalised = self.transform(values) - parts[:, : self.size]
        if self.is_centred_on_last:
            centre = deseasonalised[:, -1:]
        else:
            centre = deseasonalised.mean(axis=1, keepdims=True)
        centred = deseasonalised - centre
        scale = np.sqrt(np.square(centred).mean(axis=1, keepdims=True)) + self._least_scale(centre)
        return ScaledValues(centred / scale, centre, scale, parts[:, self.size :])

    def restore(self, steps: Matrix, level: Matrix) -> Matrix:
        """Steps (n, horizon), relative to ``level`` (n, horizon), as values of the series."""
        if self.floor is None:
            return steps + level
        values: Matrix = np.exp(np.clip(steps, -STEEP, STEEP) + level)
        return values

    def _least_scale(self, centre: Matrix) -> Matrix | float:
        if self.floor is not None:
            return FLAT
        return FLAT * np.abs(centre) + TINY
