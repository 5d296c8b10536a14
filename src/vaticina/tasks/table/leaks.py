"""Leak suspects: inputs that predict the target so well that one should ask when they become known.

They are found from the data alone. Skill is 2 · ROC-AUC - 1 for classes and R² for a number, cross-validated in three
folds with boosted trees: 0 is a guess, 1 is perfect. An input is suspected when both hold:

* alone it has at least half the skill of all other inputs together;
* beside them it takes away at least half of the error that they leave: (together - others) / (1 - others) >= 0.5.

Honest inputs share their information: leaving one out costs little, since the others replace it (at most 0.07 of the
error in adult, 0.15 in heart_disease, 0.25 in german_credit, where checking_status alone is as good as all else). What
was written down after the outcome has no such replacement, and is strong by itself: the share is 0.6 or more for a
call's duration (bank_marketing), 0.7 for the value of pages seen on the way to a purchase (online_shoppers), 0.95 for
another person's verdict on the same case (ktas_triage). Being strong alone is asked as well, because an honest factor
may take most of the error away once all else is known (clarity in diamonds: 0.64 of the error, R² 0.03 alone).

Copies of one leak hide each other. So where no single input is suspected, the two or three strongest are left out
together, if the table has five inputs for each of them; each must then have as much skill alone as all that remain.

Not suspected, unless nearly perfect alone (skill 0.9): any of fewer than five inputs, which need not share anything
and may each decide the target honestly; and an input of twelve values or more, all about equally frequent, as hours of
a day are: no outcome spreads so evenly, but for the percentile of a target.

The rule misses leaks that predict only together with others, and it may name an honest input that decides its target.
So it is a question, which a person must answer.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from vaticina.datasets.dataset import Dataset
from vaticina.datasets.splits import folds
from vaticina.evaluation.metrics import r2, roc_auc
from vaticina.tasks.table.pipelines import compared_pipelines
from vaticina.tasks.table.selection import Progress, class_probabilities, fit_pipeline, no_progress
from vaticina.tasks.threads import limit_threads

HALF = 0.5
NEARLY_PERFECT = 0.9
STRONGEST = 5
"""How many inputs, the strongest alone first, are compared with all others: a leak is among them."""

FEW_INPUTS = 5
COPIES = 3
INPUTS_PER_COPY = 5

CLOCK_VALUES = 12
CLOCK_VARIATION = 0.1

FOLDS = 3
TREES = 60
ROWS = 10_000


@dataclass(frozen=True, slots=True)
class LeakSuspect:
    """Inputs (one, or copies of one another) that may be leaks, with the scores that speak for it.

    ``alone`` is the weakest one's own score, ``others`` that of all other inputs, ``together`` that of all;
    ``metric`` is roc_auc or r2.
    """

    inputs: tuple[str, ...]
    metric: str
    alone: float
    others: float
    together: float

    @property
    def share(self) -> float:
        """The part of the error left by the others that goes away with these inputs."""
        return (self.together - self.others) / (1 - self.others)

    @property
    def evidence(self) -> str:
        """Why these inputs are suspected, and what to do."""
        names = " and ".join(map(repr, self.inputs))
        metric = "R²"
        if self.metric == "roc_auc":
            metric = "ROC-AUC"
        reach, them, are_they = "reach", "them", "Are they"
        if len(self.inputs) == 1:
            reach, them, are_they = "reaches", "it", "Is it"
        return (
            f"{names} alone {reach} {metric} {self.alone:.3f}, all other inputs together {self.others:.3f}, "
            f"all inputs {self.together:.3f}: {self.share:.0%} of the remaining error goes away with {them}. "
            f"{are_they} known at the moment of the prediction? If not, remove {them} from [inputs]."
        )


def find_suspects(data: Dataset, progress: Progress = no_progress) -> tuple[LeakSuspect, ...]:
    """The leak suspects among the inputs of ``data``, the strongest first; at most 10 000 rows are looked at."""
    sample = data.sample(ROWS)
    if sample.target is None:
        return ()
    with limit_threads(sample.size):
        return _suspects(data, _Skills(sample, sample.target, progress))


def _suspects(data: Dataset, skills: "_Skills") -> tuple[LeakSuspect, ...]:
    if len(skills.names) < 2:
        return ()
    has_few_inputs = len(skills.names) < FEW_INPUTS
    suspects = []
    for name in skills.names_by_strength[:STRONGEST]:
        may_be_honest = has_few_inputs or _is_clock(data, name)
        if may_be_honest and skills.alone[name] < NEARLY_PERFECT:
            continue
        suspect = skills.suspect((name,), HALF)
        if suspect:
            suspects.append(suspect)
    return tuple(suspects) or _copies(skills)


def _copies(skills: "_Skills") -> tuple[LeakSuspect, ...]:
    """The strongest inputs as copies of one leak, if they are suspected together."""
    for count in range(2, min(COPIES, len(skills.names) // INPUTS_PER_COPY) + 1):
        suspect = skills.suspect(tuple(skills.names_by_strength[:count]), 1.0)
        if suspect:
            return (suspect,)
    return ()


class _Skills:
    """The cross-validated skill of sets of inputs."""

    def __init__(self, data: Dataset, target: NDArray[Any], progress: Progress) -> None:
        self._data, self._target, self._progress = data, target, progress
        self.names = list(dict.fromkeys(column.input for column in data.contract.columns))
        self._steps, self._step = len(self.names) + STRONGEST + 1, 0

    @cached_property
    def alone(self) -> dict[str, float]:
        """The skill of each input by itself."""
        return {name: self.of([name]) for name in self.names}

    @cached_property
    def together(self) -> float:
        """The skill of all inputs."""
        return self.of(self.names)

    @cached_property
    def names_by_strength(self) -> list[str]:
        """The inputs, the one with the most skill alone first."""
        return sorted(self.names, key=self.alone.__getitem__, reverse=True)

    def suspect(self, inputs: tuple[str, ...], factor: float) -> LeakSuspect | None:
        """``inputs`` as a suspect, if each alone has ``factor`` times the others' skill, and half the error goes."""
        alone = min(self.alone[name] for name in inputs)
        others = self.of([name for name in self.names if name not in inputs])
        if alone <= 0 or alone < factor * others or self.together - others < HALF * (1 - others):
            return None
        if self._data.contract.classes:
            return LeakSuspect(inputs, "roc_auc", (1 + alone) / 2, (1 + others) / 2, (1 + self.together) / 2)
        return LeakSuspect(inputs, "r2", alone, others, self.together)

    def of(self, inputs: Collection[str]) -> float:
        """The skill of boosted trees that see ``inputs`` only."""
        self._step = min(self._step + 1, self._steps)
        self._progress("leak suspects", self._step, self._steps)
        return _skill(self._data, self._target, _column_indices(self._data, inputs))


def _column_indices(data: Dataset, inputs: Collection[str]) -> list[int]:
    """Which columns of the matrix come from ``inputs``."""
    return [index for index, column in enumerate(data.contract.columns) if column.input in inputs]


def _skill(data: Dataset, target: NDArray[Any], columns: Sequence[int]) -> float:
    """The skill of boosted trees on rows they did not see, from ``columns`` of the matrix."""
    has_classes = bool(data.contract.classes)
    contract_columns = data.contract.columns
    pipeline = compared_pipelines([contract_columns[index] for index in columns], has_classes)["boosting"]
    pipeline.set_params(model__max_iter=TREES)
    predictions = _out_of_fold(pipeline, data, data.matrix[:, columns], target)
    if has_classes:
        return 2 * roc_auc(target, predictions) - 1
    return r2(target, predictions[:, 0])


def _out_of_fold(
    pipeline: Pipeline, data: Dataset, matrix: NDArray[np.float64], target: NDArray[Any]
) -> NDArray[np.float64]:
    """Predictions for each row by a pipeline that did not see it: (rows, classes) probabilities, or (rows, 1)."""
    classes = len(data.contract.classes)
    predictions = np.zeros((data.size, max(1, classes)))
    for split in folds(data.groups, data.strata, FOLDS):
        fitted = fit_pipeline(pipeline, matrix[split.train], target[split.train])
        unseen = matrix[split.held_out]
        if classes:
            predictions[split.held_out] = class_probabilities(fitted, unseen, classes)
        else:
            predictions[split.held_out, 0] = fitted.predict(unseen)
    return predictions


def _is_clock(data: Dataset, name: str) -> bool:
    """Whether the input has twelve values or more that are about equally frequent."""
    columns = _column_indices(data, [name])
    if len(columns) != 1:
        return False
    counts = np.unique(data.matrix[:, columns[0]], return_counts=True)[1]
    is_even = np.std(counts) <= CLOCK_VARIATION * np.mean(counts) and np.max(counts) > 1
    return bool(len(counts) >= CLOCK_VALUES and is_even)
