"""Model selection: several pipelines are compared by cross-validation, and the best one is fitted."""

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
from vaticina.tasks.table.pipelines import compared_pipelines
from vaticina.tasks.threads import limit_threads

FOLDS = 5
FOREST = "forest"

COMPARED_ROWS = 10_000
"""Rows on which pipelines are compared, of larger tables a sample."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, the steps done and the steps in all."""


def no_progress(step: str, done: int, total: int) -> None:
    """For callers that show no progress."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One of the compared pipelines: its loss in each fold, the same folds for all, and the seconds it took."""

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
    """The best pipeline, by its name and fitted to all rows, with the trials of all that were compared.

    ``metric`` names the loss: ``log_loss`` for classes, ``rmse`` for a number; less is better.
    """

    winner: str
    model: Pipeline
    metric: str
    trials: tuple[Trial, ...]
    compared_rows: int


def select_model(data: Dataset, progress: Progress = no_progress, seed: int = 0) -> Selection:
    """The pipeline that does best over five folds, fitted again to all rows of ``data``.

    Classes are judged by log loss, a proper score (Gneiting and Raftery 2007): it rewards right probabilities, not
    the order alone, and needs no threshold. At most 10 000 rows, drawn by class, are used to compare: the order of
    the families is settled by then, while a forest on all of a large table takes longer than all else.

    The forest wins unless another's loss is lower by more than one standard error of the difference, fold by fold. On
    a small table the least loss is chance: rows that are easy in one sample are missing in the next. The forest is the
    fixed choice, seldom far from the best (Fernández-Delgado et al. 2014).

    Raises:
        TrainingError: there are fewer rows than folds, or a class has no training row.
    """
    _check(data)
    sample = data.sample(COMPARED_ROWS, seed)
    pipelines = compared_pipelines(data.contract.columns, bool(data.contract.classes))
    splits = folds(sample.groups, sample.strata, FOLDS, seed)
    counter = _ProgressCounter(progress, len(pipelines) * len(splits) + 1)
    with limit_threads(sample.size):
        trials = tuple(_trial(name, pipeline, sample, splits, counter) for name, pipeline in pipelines.items())
    best = winner(trials)
    fitted = fit_pipeline(pipelines[best], data.matrix, data.target)
    counter.step(f"fit {best}")
    return Selection(best, fitted, _metric(data), trials, sample.size)


def fit_pipeline(pipeline: Pipeline, matrix: Matrix, target: NDArray[Any] | None) -> Pipeline:
    """A copy of ``pipeline`` fitted to the rows. Raises TrainingError with the library's own words.

    A column without any value is fitted as zeros, from which nothing is learnt: boosting has no bins for it.
    """
    is_empty = np.isnan(matrix).all(axis=0)
    try:
        with limit_threads(len(matrix)):
            return clone(pipeline).fit(np.where(is_empty, 0.0, matrix), target)
    except Exception as error:  # a library's estimator raises what it pleases
        name, reason = type(pipeline[-1]).__name__, str(error).rstrip(".")
        raise TrainingError(f"The model could not be fitted: {name} says: {reason}.") from error


def class_probabilities(pipeline: Pipeline, matrix: Matrix, classes: int) -> NDArray[np.float64]:
    """(rows, classes): a class that the pipeline never saw in training has probability 0."""
    probabilities = np.zeros((len(matrix), classes))
    probabilities[:, pipeline.classes_] = pipeline.predict_proba(matrix)
    return probabilities


class _ProgressCounter:
    """Counts the steps that are done, and reports each."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def step(self, name: str) -> None:
        """The step called ``name`` is done."""
        self._done += 1
        self._progress(name, self._done, self._total)


def _metric(data: Dataset) -> str:
    if data.contract.classes:
        return "log_loss"
    return "rmse"


def _check(data: Dataset) -> None:
    if data.target is None:
        raise TrainingError("There is no target to choose a model by; write [data] target into project.toml.")
    if data.size < FOLDS:
        raise TrainingError(f"{data.size} rows are too few to compare models; {FOLDS} are needed at least.")
    absent = set(range(len(data.contract.classes))) - set(np.unique(data.strata).tolist())
    if absent:
        names = ", ".join(repr(data.contract.classes[index]) for index in sorted(absent))
        raise TrainingError(f"No training row is of class {names}; hold out fewer rows, or collect more.")


def winner(trials: Sequence[Trial]) -> str:
    """The least loss's name, or the forest's where it is behind by no more than the difference's standard error."""
    best = trials[0]
    for trial in trials:
        if trial.loss < best.loss:
            best = trial
    for trial in trials:
        if trial.name == FOREST and _is_tied(trial, best):
            return FOREST
    return best.name


def _is_tied(trial: Trial, best: Trial) -> bool:
    behind = np.subtract(trial.losses, best.losses)
    return bool(behind.mean() <= behind.std(ddof=1) / np.sqrt(len(behind)))


def _trial(name: str, pipeline: Pipeline, data: Dataset, splits: Sequence[Split], counter: _ProgressCounter) -> Trial:
    started = time.monotonic()
    losses = []
    for fold, split in enumerate(splits, start=1):
        losses.append(_loss(pipeline, data, split))
        counter.step(f"{name}, fold {fold}")
    return Trial(name, tuple(losses), time.monotonic() - started)


def _loss(pipeline: Pipeline, data: Dataset, split: Split) -> float:
    train, held_out = data.take(split.train), data.take(split.held_out)
    fitted = fit_pipeline(pipeline, train.matrix, train.target)
    if data.contract.classes:
        probabilities = class_probabilities(fitted, held_out.matrix, len(data.contract.classes))
        return log_loss(held_out.strata, probabilities)
    return rmse(np.asarray(held_out.target, dtype=np.float64), fitted.predict(held_out.matrix))
