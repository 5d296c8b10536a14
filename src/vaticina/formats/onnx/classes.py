"""Which class each column of an ONNX file's probabilities belongs to, proved by the labels that the file answers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract import Matrix
from vaticina.contract.fields import Scalar

CLEAR = 1e-6
"""A row whose two largest probabilities are closer than this may be answered by either label."""

Classes = tuple[Scalar, ...]


def prove_classes(labels: Sequence[Scalar], probabilities: Matrix, lists: Sequence[Classes]) -> Classes | None:
    """The classes in the order of the columns of ``probabilities`` (n, classes); None where the rows leave doubt.

    ``labels`` (n) are what the file answers to the same rows, ``lists`` those that the file itself holds. Where each
    label is that of the row's largest probability, the rows tell the order, or leave one list. Where it is not, as for
    support vector machines and thresholds, each class must be that of the column which is larger where the file answers
    it, and one of the lists must say the same.
    """
    columns, clear_labels = _clear_rows(labels, probabilities)
    order = _order_by_largest(columns, clear_labels, probabilities.shape[1])
    if order is not None:
        return order
    fitting = [values for values in lists if _fits(values, columns, clear_labels)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return None
    order = _order_by_means(labels, probabilities)
    if order in lists:
        return order
    return None


def _clear_rows(labels: Sequence[Scalar], probabilities: Matrix) -> tuple[list[int], list[Scalar]]:
    """The column of the largest probability and the label, of each row where no other is as large."""
    ordered = np.sort(probabilities, axis=1)
    is_clear = ordered[:, -1] - ordered[:, -2] > CLEAR
    columns: list[int] = probabilities.argmax(axis=1)[is_clear].tolist()
    clear_labels = [label for label, clear in zip(labels, is_clear, strict=True) if clear]
    return columns, clear_labels


def _order_by_largest(columns: Sequence[int], labels: Sequence[Scalar], size: int) -> Classes | None:
    """The label of each column, where every column is the largest of some row and always goes with one label."""
    label_of: dict[int, Scalar] = {}
    for column, label in zip(columns, labels, strict=True):
        if label_of.setdefault(column, label) != label:
            return None
    if len(label_of) < size or len(set(label_of.values())) < size:
        return None
    return tuple(label_of[column] for column in range(size))


def _fits(values: Classes, columns: Sequence[int], labels: Sequence[Scalar]) -> bool:
    """Whether the list gives each row the label that the file gives it, by the column of its largest probability."""
    for column, label in zip(columns, labels, strict=True):
        if values[column] != label or type(values[column]) is not type(label):
            return False
    return bool(columns)


def _order_by_means(labels: Sequence[Scalar], probabilities: Matrix) -> Classes | None:
    """The label of each column, by where its probability is larger on average; None where that is no order."""
    classes = list(dict.fromkeys(labels))
    if len(classes) != probabilities.shape[1]:
        return None
    order: dict[int, Scalar] = {}
    for label in classes:
        is_answered = np.array([answer == label for answer in labels])
        gains = probabilities[is_answered].mean(axis=0) - probabilities[~is_answered].mean(axis=0)
        order[int(gains.argmax())] = label
    if len(order) < len(classes):
        return None
    return tuple(order[column] for column in range(len(classes)))


def label_values(answer: NDArray[Any]) -> list[Scalar]:
    """The labels that an output holds, one a row, as plain values."""
    labels: list[Scalar] = answer.reshape(-1).tolist()
    return labels
