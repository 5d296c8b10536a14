"""Fitting perceptrons to scaled windows: Adam, early stopping, the mean of several seeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.tasks.window.model import Layers
from vaticina.tasks.window.recipe import WindowRecipe

SMALLEST_BATCH = 64
BATCHES = 64
"""About so many steps an epoch for long series, so that an epoch costs what it must and no more."""

PATIENCE = 20
"""Epochs without a better loss on the windows kept back, after which training stops."""

SHARPNESS = 4.0
"""Of the loss log cosh(4 r) / 4: a square near zero, an absolute value far from it, so that spikes do not rule."""

MOMENTUM, VARIANCE, GUARD = 0.9, 0.999, 1e-8
"""Adam's own (Kingma and Ba 2015)."""

Stack = NDArray[np.float64]
"""Weights of all members: (members, rows, columns)."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Scaled windows ``inputs`` (n, size) and, beyond where each starts, their ``targets`` (n, horizon)."""

    inputs: Matrix
    targets: Matrix


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted: ``layers``, the epochs it took, and the loss at the end on the windows it was stopped by, or
    learnt from when there were none to stop by."""

    layers: Layers
    epochs: int
    loss: float


def fit_windows(
    learnt: Windows, kept: Windows | None, start: NDArray[np.int64], recipe: WindowRecipe, epochs: int, seed: int
) -> Fit:
    """Perceptrons fitted to ``learnt`` for at most ``epochs``, each stopped where ``kept`` are told best.

    Without ``kept`` it is exactly ``epochs``. The learning rate falls to zero along half a cosine. All weights that
    reach the output begin at zero: before the first epoch the answer is what ``start`` says.
    """
    random = np.random.default_rng(seed)
    members = _Members(learnt, recipe, random)
    best = _Best(members)
    for epoch in range(epochs):
        members.pass_over(learnt, epoch, epochs, recipe.learning_rate, random)
        if kept is not None and best.is_past(members, members.losses(kept), epoch):
            break
    if kept is not None:
        members.weights = best.weights
    loss = float(members.losses(kept or learnt).mean())
    return Fit(members.merged(start), round(float(best.epochs.mean())) + 1 if kept else epochs, loss)


def loss_of(apart: Matrix) -> float:
    """The mean loss where what is told lies ``apart`` from the truth."""
    sharp = np.abs(apart) * SHARPNESS
    folded = sharp + np.log1p(np.exp(-2.0 * sharp)) - np.log(2.0)  # log cosh, without overflow
    return float(folded.mean()) / SHARPNESS


class _Members:
    """All members at once: their weights are stacked, so that one product moves them all."""

    def __init__(self, windows: Windows, recipe: WindowRecipe, random: np.random.Generator) -> None:
        size, horizon = windows.inputs.shape[1], windows.targets.shape[1]
        count, hidden = recipe.members if recipe.hidden else 1, recipe.hidden
        self.weights: list[Stack] = [np.zeros((count, size, horizon)), np.zeros((count, 1, horizon))]
        if hidden:
            inner = random.normal(0.0, 1.0 / np.sqrt(size), (count, size, hidden))
            self.weights += [inner, np.zeros((count, 1, hidden)), np.zeros((count, hidden, horizon))]
        self._means = [np.zeros_like(weight) for weight in self.weights]
        self._squares = [np.zeros_like(weight) for weight in self.weights]
        self._steps = 0

    @property
    def count(self) -> int:
        """How many members there are."""
        return len(self.weights[0])

    def losses(self, windows: Windows) -> Matrix:
        """The mean loss of each member: (members,)."""
        told, _ = self._forward(windows.inputs)
        return np.array([loss_of(own - windows.targets) for own in told])

    def pass_over(self, windows: Windows, epoch: int, epochs: int, rate: float, random: np.random.Generator) -> None:
        """One epoch: each member sees all windows, in an order of its own."""
        count = len(windows.inputs)
        batch = max(SMALLEST_BATCH, -(-count // BATCHES))
        orders = np.argsort(random.random((self.count, count)), axis=1)
        for at in range(0, count, batch):
            chosen = orders[:, at : at + batch]
            done = (epoch + at / count) / epochs
            self._step(windows.inputs[chosen], windows.targets[chosen], rate * (1.0 + np.cos(np.pi * done)) / 2.0)

    def merged(self, start: NDArray[np.int64]) -> Layers:
        """The mean of the members, as one perceptron."""
        linear, bias = self.weights[0].mean(axis=0), self.weights[1].mean(axis=0)[0]
        if len(self.weights) == 2:
            size, horizon = linear.shape
            return Layers(start, linear, bias, np.zeros((size, 0)), np.zeros(0), np.zeros((0, horizon)))
        inner, inner_bias, outer = self.weights[2:]
        return Layers(
            start,
            linear,
            bias,
            np.concatenate(list(inner), axis=1),
            np.concatenate(list(inner_bias), axis=1)[0],
            np.concatenate(list(outer), axis=0) / self.count,
        )

    def _forward(self, inputs: NDArray[np.float64]) -> tuple[Stack, Stack | None]:
        told = inputs @ self.weights[0] + self.weights[1]
        if len(self.weights) == 2:
            return told, None
        active = np.tanh(inputs @ self.weights[2] + self.weights[3])
        return told + active @ self.weights[4], active

    def _step(self, inputs: Stack, targets: Stack, rate: float) -> None:
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
        told, active = self._forward(inputs)
        slope = np.tanh((told - targets) * SHARPNESS) / (inputs.shape[1] * targets.shape[2])
        turned = np.swapaxes(inputs, 1, 2)
        gradients = [turned @ slope, slope.sum(axis=1, keepdims=True)]
        if active is None:
            return gradients
        inside = (slope @ np.swapaxes(self.weights[4], 1, 2)) * (1.0 - active * active)
        return [
            *gradients,
            turned @ inside,
            inside.sum(axis=1, keepdims=True),
            np.swapaxes(active, 1, 2) @ slope,
        ]


class _Best:
    """Each member's best weights so far, by its loss on the windows kept back."""

    def __init__(self, members: _Members) -> None:
        self.weights = [weight.copy() for weight in members.weights]
        self.epochs = np.full(members.count, -1)
        self._losses = np.full(members.count, np.inf)

    def is_past(self, members: _Members, losses: Matrix, epoch: int) -> bool:
        """Notes what got better; True when nothing has for long."""
        better = losses < self._losses
        self._losses[better] = losses[better]
        self.epochs[better] = epoch
        for kept, weight in zip(self.weights, members.weights, strict=True):
            kept[better] = weight[better]
        return epoch - int(self.epochs.max()) >= PATIENCE
