"""An encoded row and an answer in words, for messages that tell where two models differ."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Column, Contract, Matrix
from vaticina.contract.fields import Category, Flag
from vaticina.exact.arrays import Columns


def describe_row(contract: Contract, row: Matrix) -> str:
    """The encoded ``row`` (columns,) as a person would write it: ``edad = 45, ciudad = null``."""
    cells = []
    for column, code in zip(contract.columns, row.tolist(), strict=True):
        cells.append(f"{column.name} = {_described_value(contract, column, code)}")
    return ", ".join(cells)


def _described_value(contract: Contract, column: Column, code: float) -> str:
    field = contract.inputs[column.input]
    if math.isnan(code):
        return "null"
    if isinstance(field, Category):
        if code >= len(field.known):
            return "a value that is not listed"
        return repr(field.known[int(code)])
    if isinstance(field, Flag):
        return str(bool(code)).lower()
    return repr(code)


def describe_answer(contract: Contract, answer: Columns) -> str:
    """One row's ``answer`` (output -> number or numbers): ``'yes' with probabilities 0.2, 0.8``."""
    if "label" in answer and "probabilities" in answer:
        label = contract.classes[int(answer["label"])]
        return f"{label!r} with probabilities {_numbers(answer['probabilities'])}"
    parts = [f"{name} {_numbers(values)}" for name, values in answer.items()]
    return ", ".join(parts)


def _numbers(values: NDArray[Any]) -> str:
    return ", ".join(f"{value:.9g}" for value in np.ravel(values).tolist())
