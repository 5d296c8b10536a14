"""Leak suspects: inputs that tell so much of the target that one should ask when they become known.

Found from the data alone. Skill is 2 · ROC-AUC - 1 for classes and R² for a number, cross-validated in three folds
with boosted trees: 0 is a guess, 1 is perfect. An input is suspected when both hold:

* alone it has at least half the skill of all other inputs together;
* beside them it takes away at least half of the error that they leave: (together - others) / (1 - others) >= 0.5.

Honest inputs share their information: leaving one out costs little, since others make up for it (at most 0.07 of the
error in adult, 0.15 in heart_disease, 0.25 in german_credit, where checking_status alone rivals all else). What was
written down after the outcome has no such stand-in, and is strong by itself: the share is 0.6 or more for a call's
duration (bank_marketing), 0.7 for the value of pages seen on the way to a purchase (online_shoppers), 0.95 for another
person's verdict on the same case (ktas_triage). Being strong alone is asked as well, because an honest factor may
take most of the error away once all else is known (clarity in diamonds: 0.64 of the error, R² 0.03 alone).

Copies of one leak hide each other. So where no single input is suspected, the two or three strongest are left out
together, if the table has five inputs for each of them; each must then tell as much alone as all that remain.

Not suspected, unless nearly perfect alone (skill 0.9): any of fewer than five inputs, which need not share anything
and may each rule the target honestly; and an input of twelve values or more, all about equally frequent, as hours of a
day are: no outcome spreads so evenly, but for the percentile of a target.

The rule misses leaks that speak only together with others, and it may name an honest input that rules its target.
It asks a question; a person answers it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.datasets.dataset import Dataset
from vaticina.datasets.splits import folds
from vaticina.evaluation.metrics import r2, roc_auc
from vaticina.tasks.table.candidates import candidates
from vaticina.tasks.table.selection import Progress, fit, probabilities, silent
from vaticina.tasks.threads import threads_for

HALF = 0.5
NEARLY_PERFECT = 0.9
STRONGEST = 5
"""How many inputs, the strongest alone first, are tried against all others: a leak is among them."""

FEW_INPUTS = 5
COPIES = 3
INPUTS_PER_COPY = 5

CLOCK_VALUES = 12
CLOCK_VARIATION = 0.1

FOLDS = 3
TREES = 60
ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Suspect:
    """Inputs (one, or copies of one another) under suspicion, with the scores that speak against them.

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
        word = "ROC-AUC" if self.metric == "roc_auc" else "R²"
        reach, it, known = ("reaches", "it", "Is it") if len(self.inputs) == 1 else ("reach", "them", "Are they")
        return (
            f"{names} alone {reach} {word} {self.alone:.3f}, all other inputs together {self.others:.3f}, "
            f"all inputs {self.together:.3f}: {self.share:.0%} of the remaining error goes away with {it}. "
            f"{known} known at the moment of the prediction? If not, remove {it} from [inputs]."
        )


def find_suspects(data: Dataset, progress: Progress = silent) -> tuple[Suspect, ...]:
    """The leak suspects among the inputs of ``data``, the strongest first; at most 10 000 rows are looked at."""
    some = data.sample(ROWS)
    if some.target is None:
        return ()
    with threads_for(some.size):
        return _suspects(data, _Skills(some, some.target, progress))


def _suspects(data: Dataset, skills: "_Skills") -> tuple[Suspect, ...]:
    if len(skills.names) < 2:
        return ()
    strongest = skills.names_by_strength[:STRONGEST]
    few = len(skills.names) < FEW_INPUTS
    asked = [name for name in strongest if skills.alone[name] >= NEARLY_PERFECT or not (few or _is_clock(data, name))]
    found = [skills.suspect((name,), HALF) for name in asked]
    single = tuple(suspect for suspect in found if suspect)
    return single or _copies(skills)


def _copies(skills: "_Skills") -> tuple[Suspect, ...]:
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
        return {name: self.of([name]) for name in self.names}

    @cached_property
    def together(self) -> float:
        return self.of(self.names)

    @cached_property
    def names_by_strength(self) -> list[str]:
        return sorted(self.names, key=lambda name: -self.alone[name])

    def suspect(self, inputs: tuple[str, ...], rivals: float) -> Suspect | None:
        """``inputs`` under suspicion, if each alone has ``rivals`` times the others' skill, and half the error goes."""
        alone = min(self.alone[name] for name in inputs)
        others = self.of([name for name in self.names if name not in inputs])
        if alone <= 0 or alone < rivals * others or self.together - others < HALF * (1 - others):
            return None
        classes = bool(self._data.contract.classes)
        scores = [(1 + skill) / 2 if classes else skill for skill in (alone, others, self.together)]
        return Suspect(inputs, "roc_auc" if classes else "r2", *scores)

    def of(self, inputs: Iterable[str]) -> float:
        """The skill of boosted trees that see ``inputs`` only."""
        wanted = set(inputs)
        at = [place for place, column in enumerate(self._data.contract.columns) if column.input in wanted]
        self._step = min(self._step + 1, self._steps)
        self._progress("leak suspects", self._step, self._steps)
        return _skill(self._data, self._target, at)


def _skill(data: Dataset, target: NDArray[Any], columns: list[int]) -> float:
    """The skill of boosted trees on rows they did not see, from ``columns`` of the matrix."""
    classes = len(data.contract.classes)
    model = candidates([data.contract.columns[at] for at in columns], bool(classes))["boosting"]
    model.set_params(model__max_iter=TREES)
    matrix = data.matrix[:, columns]
    told = np.zeros((data.size, classes)) if classes else np.zeros(data.size)
    for part in folds(data.groups, data.strata, FOLDS):
        fitted = fit(model, matrix[part.train], target[part.train])
        unseen = matrix[part.held_out]
        told[part.held_out] = probabilities(fitted, unseen, classes) if classes else fitted.predict(unseen)
    return 2 * roc_auc(target, told) - 1 if classes else r2(target, told)


def _is_clock(data: Dataset, name: str) -> bool:
    """Whether twelve values or more repeat about equally often."""
    columns = [data.matrix[:, at] for at, column in enumerate(data.contract.columns) if column.input == name]
    counts = np.unique(columns[0], return_counts=True)[1]
    even = np.std(counts) <= CLOCK_VARIATION * np.mean(counts) and np.max(counts) > 1
    return bool(len(columns) == 1 and len(counts) >= CLOCK_VALUES and even)
