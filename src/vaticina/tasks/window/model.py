"""The fitted model of one window, in numpy: what the compiled graph is verified against."""

from dataclasses import dataclass

import numpy as np

from vaticina.contract import Matrix, Outputs
from vaticina.tasks.window.perceptron import Perceptron
from vaticina.tasks.window.scaler import TINY, WindowScaler


@dataclass(frozen=True, slots=True)
class WindowModel:
    """Predicts the next values of a series from its last ones.

    ``half_widths`` (horizon,) is how far from each step the interval reaches, in scales of the window; ``mean_error``
    is the mean absolute error of the first step, in scales too.
    """

    scaler: WindowScaler
    perceptron: Perceptron
    half_widths: Matrix
    mean_error: float

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix`` (n, 1 + size): the moment of the last value, then the values."""
        values = matrix[:, 1:]
        scaled = self.scaler.scale(matrix[:, 0], values)
        steps = self.perceptron.forward(scaled.values) * scaled.scale
        reach = self.half_widths * scaled.scale
        level = scaled.centre + scaled.coming_season
        paths = []
        for path in (steps, steps - reach, steps + reach):
            paths.append(self.scaler.restore(path, level))
        forecast = np.stack(paths, axis=2)
        return Outputs(
            len(matrix),
            {
                "value": forecast[:, 0, 0],
                "interval": forecast[:, 0, 1:],
                "forecast": forecast,
                "confidence": self._confidence(values, scaled.scale),
            },
        )

    def _confidence(self, values: Matrix, scale: Matrix) -> Matrix:
        """One minus the expected relative error of the first step, from 0 to 1: (n,)."""
        error = self.mean_error * scale[:, 0]
        if self.scaler.floor is None:
            error = error / (np.abs(values).mean(axis=1) + TINY)
        return np.clip(1.0 - error, 0.0, 1.0)
