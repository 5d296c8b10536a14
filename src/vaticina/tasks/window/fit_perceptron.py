"""Fitting perceptrons to scaled windows: Adam, early stopping, the mean of several seeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.exact.arrays import Integers
from vaticina.tasks.window.params import WindowParams
from vaticina.tasks.window.perceptron import Perceptron

SMALLEST_BATCH = 64
BATCHES = 64
"""About so many batches in an epoch of a long series, so that the time of an epoch grows with the series alone."""

PATIENCE = 20
"""Epochs without a better loss on the validation windows, after which training stops."""

SHARPNESS = 4.0
"""Of the loss log cosh(4 r) / 4: a square near zero, an absolute value far from it, so that spikes do not dominate."""

MOMENTUM, VARIANCE, GUARD = 0.9, 0.999, 1e-8
"""Adam's own (Kingma and Ba 2015)."""

Stack = NDArray[np.float64]
"""Weights of all perceptrons of an ensemble: (members, rows, columns)."""


@dataclass(frozen=True, slots=True)
class ScaledWindows:
    """Scaled windows ``inputs`` (n, size) and, relative to where each step starts, their ``targets`` (n, horizon)."""

    inputs: Matrix
    targets: Matrix


@dataclass(frozen=True, slots=True)
class FittedPerceptron:
    """A fitted perceptron, and the epochs that its training took."""

    perceptron: Perceptron
    epochs: int


def fit_perceptron(
    train: ScaledWindows,
    validation: ScaledWindows | None,
    start: Integers,
    params: WindowParams,
    epochs: int,
    seed: int,
) -> FittedPerceptron:
    """The mean of several perceptrons that are fitted to ``train``.

    With ``validation`` windows, training stops after at most ``epochs``, and each perceptron has the weights of the
    epoch that predicted these best; without them it takes exactly ``epochs``. The learning rate falls to zero along
    half a cosine. All weights that reach the output begin at zero: before the first epoch the prediction is the value
    that ``start`` names.
    """
    random = np.random.default_rng(seed)
    ensemble = _Ensemble(train, params, random)
    stopping = _EarlyStopping(ensemble)
    for epoch in range(epochs):
        ensemble.train_epoch(train, epoch, epochs, params.learning_rate, random)
        if validation is not None:
            stopping.note(ensemble, ensemble.losses(validation), epoch)
            if stopping.is_over(epoch):
                break
    if validation is None:
        return FittedPerceptron(ensemble.mean(start), epochs)
    ensemble.weights = stopping.weights
    return FittedPerceptron(ensemble.mean(start), round(float(stopping.epochs.mean())) + 1)


def mean_loss(residuals: Matrix) -> float:
    """The mean loss of predictions with these ``residuals``."""
    sharp = np.abs(residuals) * SHARPNESS
    losses = sharp + np.log1p(np.exp(-2.0 * sharp)) - np.log(2.0)  # log cosh, without overflow
    return float(losses.mean()) / SHARPNESS


class _Ensemble:
    """Perceptrons that are trained together: their weights are stacked, so that one product moves them all."""

    def __init__(self, windows: ScaledWindows, params: WindowParams, random: np.random.Generator) -> None:
        size, horizon = windows.inputs.shape[1], windows.targets.shape[1]
        units = params.hidden
        self.count = 1
        if units:
            self.count = params.members
        self.weights: list[Stack] = [np.zeros((self.count, size, horizon)), np.zeros((self.count, 1, horizon))]
        if units:
            hidden = random.normal(0.0, 1.0 / np.sqrt(size), (self.count, size, units))
            self.weights += [hidden, np.zeros((self.count, 1, units)), np.zeros((self.count, units, horizon))]
        self._means = list(map(np.zeros_like, self.weights))
        self._squares = list(map(np.zeros_like, self.weights))
        self._steps = 0

    def losses(self, windows: ScaledWindows) -> Matrix:
        """The mean loss of each perceptron: (members,)."""
        predictions, _ = self._forward(windows.inputs)
        return np.array([mean_loss(prediction - windows.targets) for prediction in predictions])

    def train_epoch(
        self, windows: ScaledWindows, epoch: int, epochs: int, rate: float, random: np.random.Generator
    ) -> None:
        """Each perceptron sees all windows once, in an order of its own."""
        count = len(windows.inputs)
        batch = max(SMALLEST_BATCH, -(-count // BATCHES))
        orders = np.argsort(random.random((self.count, count)), axis=1)
        for first in range(0, count, batch):
            chosen = orders[:, first : first + batch]
            progress = (epoch + first / count) / epochs
            self._step(windows.inputs[chosen], windows.targets[chosen], rate * (1.0 + np.cos(np.pi * progress)) / 2.0)

    def mean(self, start: Integers) -> Perceptron:
        """The mean of the perceptrons, as one perceptron with the units of all of them."""
        linear, bias = self.weights[0].mean(axis=0), self.weights[1].mean(axis=0)[0]
        if len(self.weights) == 2:
            size, horizon = linear.shape
            return Perceptron(start, linear, bias, np.zeros((size, 0)), np.zeros(0), np.zeros((0, horizon)))
        hidden, hidden_bias, output = self.weights[2:]
        return Perceptron(
            start,
            linear,
            bias,
            np.concatenate(list(hidden), axis=1),
            np.concatenate(list(hidden_bias), axis=1)[0],
            np.concatenate(list(output), axis=0) / self.count,
        )

    def _forward(self, inputs: NDArray[np.float64]) -> tuple[Stack, Stack | None]:
        """The predictions (members, n, horizon), and the activations of the hidden units, if there are any."""
        predictions = inputs @ self.weights[0] + self.weights[1]
        if len(self.weights) == 2:
            return predictions, None
        active = np.tanh(inputs @ self.weights[2] + self.weights[3])
        return predictions + active @ self.weights[4], active

    def _step(self, inputs: Stack, targets: Stack, rate: float) -> None:
        """One step of Adam."""
        self._steps += 1
        for weight, gradient, mean, square in zip(
            self.weights, self._gradients(inputs, targets), self._means, self._squares, strict=True
        ):
            mean += (1.0 - MOMENTUM) * (gradient - mean)
            square += (1.0 - VARIANCE) * (gradient * gradient - square)
            heading = mean / (1.0 - MOMENTUM**self._steps)
            width = np.sqrt(square / (1.0 - VARIANCE**self._steps)) + GUARD
            weight -= rate * heading / width

    def _gradients(self, inputs: Stack, targets: Stack) -> list[Stack]:
        """The gradients of the mean loss, in the order of the weights."""
        predictions, active = self._forward(inputs)
        slope = np.tanh((predictions - targets) * SHARPNESS) / (inputs.shape[1] * targets.shape[2])
        transposed = np.swapaxes(inputs, 1, 2)
        gradients = [transposed @ slope, slope.sum(axis=1, keepdims=True)]
        if active is None:
            return gradients
        inside = (slope @ np.swapaxes(self.weights[4], 1, 2)) * (1.0 - active * active)
        return [
            *gradients,
            transposed @ inside,
            inside.sum(axis=1, keepdims=True),
            np.swapaxes(active, 1, 2) @ slope,
        ]


class _EarlyStopping:
    """The best weights of each perceptron so far, by its loss on the validation windows, and their epochs."""

    def __init__(self, ensemble: _Ensemble) -> None:
        self.weights = [weight.copy() for weight in ensemble.weights]
        self.epochs = np.full(ensemble.count, -1)
        self._losses = np.full(ensemble.count, np.inf)

    def note(self, ensemble: _Ensemble, losses: Matrix, epoch: int) -> None:
        """Copies the weights of the perceptrons whose loss is better than ever."""
        is_better = losses < self._losses
        self._losses[is_better] = losses[is_better]
        self.epochs[is_better] = epoch
        for best, weight in zip(self.weights, ensemble.weights, strict=True):
            best[is_better] = weight[is_better]

    def is_over(self, epoch: int) -> bool:
        """Whether no perceptron has become better for long."""
        return epoch - int(self.epochs.max()) >= PATIENCE
