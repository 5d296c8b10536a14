"""What an original model answers to the rows on which every form of it is compared."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vaticina.contract import Matrix
from vaticina.exact.arrays import Columns
from vaticina.exact.verify import SINGLE, Ask, OriginalRefuses, asked_once, expected_answers

FEW = 50
"""Rows of a kind that are asked one by one where the original refuses the kind as a whole."""


@dataclass(frozen=True, slots=True)
class ExpectedAnswers:
    """``answers`` to each kind of ``rows`` (n, columns); ``refusals`` say why the original answers none of a kind."""

    rows: Mapping[str, Matrix]
    answers: Mapping[str, Columns]
    refusals: Mapping[str, str]


def ask_at_once(ask: Ask, rows: Mapping[str, Matrix]) -> ExpectedAnswers:
    """Asks for all ``rows`` at once: an original in another process is slow to ask. It refuses all of them or none."""
    try:
        return ExpectedAnswers(rows, expected_answers(asked_once(ask, rows), rows), {})
    except OriginalRefuses as error:
        return ExpectedAnswers(rows, {}, {"all": str(error)})


def ask_by_kind(ask: Ask, rows: Mapping[str, Matrix]) -> ExpectedAnswers:
    """Asks for one kind of ``rows`` after the other. Of a kind that is refused, a few rows that are not are kept."""
    asked: dict[str, Matrix] = {}
    answers: dict[str, Columns] = {}
    refusals: dict[str, str] = {}
    for kind, matrix in rows.items():
        asked[kind] = matrix
        try:
            answers.update(expected_answers(ask, {kind: matrix}))
        except OriginalRefuses as error:
            refusals[kind] = str(error)
            asked[kind] = _answered(ask, matrix)
            answers.update(expected_answers(ask, {kind: asked[kind]}))
    return ExpectedAnswers(asked, answers, refusals)


def _answered(ask: Ask, matrix: Matrix) -> Matrix:
    """Those of a few rows, evenly chosen, that the original answers."""
    answered = []
    for place in np.unique(np.linspace(0, len(matrix) - 1, FEW).astype(np.intp)):
        try:
            expected_answers(ask, {SINGLE: matrix[[place]]})
        except OriginalRefuses:
            continue
        answered.append(place)
    return matrix[answered]
