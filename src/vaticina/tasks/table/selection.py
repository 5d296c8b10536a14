"""The choice of a model by cross-validation."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from vaticina.contract import Matrix
from vaticina.datasets.dataset import Dataset
from vaticina.datasets.splits import Split, folds
from vaticina.errors import TrainingError
from vaticina.evaluation.metrics import log_loss, rmse
from vaticina.tasks.table.candidates import candidates
from vaticina.tasks.threads import threads_for

FOLDS = 5
FOREST = "forest"

COMPARED_ROWS = 10_000

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and the steps in all."""


def silent(step: str, done: int, total: int) -> None:
    """No progress."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How one candidate did: its loss in each fold, the same folds for all."""

    name: str
    losses: tuple[float, ...]
    seconds: float

    @property
    def loss(self) -> float:
        """The mean over the folds."""
        return float(np.mean(self.losses))

    @property
    def spread(self) -> float:
        """The standard deviation over the folds."""
        return float(np.std(self.losses, ddof=1))


@dataclass(frozen=True, slots=True)
class Selection:
    """The winner's name, itself fitted on all rows given, and what it was compared with.

    ``metric`` names the loss: ``log_loss`` for classes, ``rmse`` for a number; less is better.
    """

    winner: str
    model: Pipeline
    metric: str
    trials: tuple[Trial, ...]
    compared_rows: int


def choose(data: Dataset, progress: Progress = silent, seed: int = 0) -> Selection:
    """The candidate that does best over five folds, fitted again on all rows of ``data``.

    Classes are judged by log loss, a proper score (Gneiting and Raftery 2007): it rewards right probabilities, not
    the order alone, and needs no threshold. At most 10 000 rows, drawn by class, are used to compare: the order of
    the families is settled by then, while a forest on all of a large table takes longer than all else.

    A tie is not left to luck: the forest wins unless another's loss is lower by more than one standard error of the
    difference, fold by fold. On a small table the least loss is luck, and luck turns, since rows that are easy here
    are missing there. The forest is the fixed choice, seldom far from the best (Fernández-Delgado et al. 2014).

    Raises:
        TrainingError: there are fewer rows than folds, or a class has no training row.
    """
    _check(data)
    some = data.sample(COMPARED_ROWS, seed)
    models = candidates(data.contract.columns, bool(data.contract.classes))
    parts = folds(some.groups, some.strata, FOLDS, seed)
    steps = _Steps(progress, len(models) * len(parts) + 1)
    with threads_for(some.size):
        trials = tuple(_trial(name, model, some, parts, steps) for name, model in models.items())
    best = winner(trials)
    fitted = fit(models[best], data.matrix, data.target)
    steps.done(f"fit {best}")
    return Selection(best, fitted, _metric(data), trials, some.size)


def fit(model: Pipeline, matrix: Matrix, target: NDArray[Any] | None) -> Pipeline:
    """A copy of ``model`` fitted to the rows. Raises TrainingError with the library's own words.

    A column without any value is fitted as zeros, from which nothing is learnt: boosting has no bins for it.
    """
    empty = np.isnan(matrix).all(axis=0)
    try:
        with threads_for(len(matrix)):
            return clone(model).fit(np.where(empty, 0.0, matrix), target)
    except Exception as error:  # a library's estimator raises what it pleases
        name, why = type(model[-1]).__name__, str(error).rstrip(".")
        raise TrainingError(f"The model could not be fitted: {name} says: {why}.") from error


def probabilities(model: Pipeline, matrix: Matrix, classes: int) -> NDArray[np.float64]:
    """(rows, classes): a class that the model never saw in training has probability 0."""
    full = np.zeros((len(matrix), classes))
    full[:, model.classes_] = model.predict_proba(matrix)
    return full


class _Steps:
    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._count = progress, total, 0

    def done(self, step: str) -> None:
        self._count += 1
        self._progress(step, self._count, self._total)


def _metric(data: Dataset) -> str:
    return "log_loss" if data.contract.classes else "rmse"


def _check(data: Dataset) -> None:
    if data.target is None:
        raise TrainingError("There is no target to choose a model by; write [data] target into project.toml.")
    if data.size < FOLDS:
        raise TrainingError(f"{data.size} rows are too few to compare models; {FOLDS} are needed at least.")
    absent = set(range(len(data.contract.classes))) - set(np.unique(data.strata).tolist())
    if absent:
        names = ", ".join(repr(data.contract.classes[at]) for at in sorted(absent))
        raise TrainingError(f"No training row is of class {names}; hold out fewer rows, or collect more.")


def winner(trials: Sequence[Trial]) -> str:
    """The least loss's name, or the forest's where it is behind by no more than the difference's standard error."""
    best = min(trials, key=lambda trial: trial.loss)
    return next((trial.name for trial in trials if trial.name == FOREST and _tied(trial, best)), best.name)


def _tied(trial: Trial, best: Trial) -> bool:
    behind = np.subtract(trial.losses, best.losses)
    return bool(behind.mean() <= behind.std(ddof=1) / np.sqrt(len(behind)))


def _trial(name: str, model: Pipeline, data: Dataset, parts: list[Split], steps: _Steps) -> Trial:
    started = time.monotonic()
    losses = []
    for at, part in enumerate(parts):
        losses.append(_loss(model, data, part))
        steps.done(f"{name}, fold {at + 1}")
    return Trial(name, tuple(losses), time.monotonic() - started)


def _loss(model: Pipeline, data: Dataset, part: Split) -> float:
    seen, unseen = data.take(part.train), data.take(part.held_out)
    fitted = fit(model, seen.matrix, seen.target)
    if data.contract.classes:
        return log_loss(unseen.strata, probabilities(fitted, unseen.matrix, len(data.contract.classes)))
    return rmse(np.asarray(unseen.target, dtype=np.float64), fitted.predict(unseen.matrix))
