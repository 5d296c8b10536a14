"""What an ONNX file answers: which output holds probabilities, which the label, or which the one number of a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaticina.contract import Matrix
from vaticina.contract.fields import Scalar
from vaticina.errors import ImportRefused
from vaticina.formats.onnx.class_lists import list_of_scores, lists_behind, names_classes
from vaticina.formats.onnx.classes import Classes, label_values, prove_classes
from vaticina.formats.onnx.file import OnnxFile
from vaticina.formats.onnx.file_runtime import Plan, fed_inputs, probability_matrix
from vaticina.tasks.table.probabilities import improper_rows

NUMBERED = "the file names no classes: they are called 0, 1, … by the order of its probabilities"

SAVE_LABELS = "save the file with its label output, or with zipmap"

PROBABILITIES = "save it with a softmax or sigmoid as its last step"

Answer = Any
"""An output of the file: an array, or a list of maps."""


@dataclass(frozen=True, slots=True)
class AnswerPlan:
    """How the file is asked, its classes, and what people should be told."""

    plan: Plan
    classes: Classes = ()
    notes: tuple[str, ...] = ()


def plan_answers(file: OnnxFile, plan: Plan, rows: Matrix) -> AnswerPlan:
    """``plan`` with the outputs that hold the answer, learnt by asking the file ``rows`` (n, columns).

    Raises ImportRefused when the file does not answer, when it gives neither probabilities nor one number a row, and
    when its classes cannot be told.
    """
    rows, answers = _ask(file, plan, rows)
    maps = [name for name, answer in answers.items() if _is_maps(answer)]
    if maps:
        return _of_maps(plan, answers, maps, rows)
    tables = _float_tables(answers, len(rows))
    labels = _labels(answers, len(rows))
    if tables:
        return _of_tables(file, plan, tables, labels)
    columns = _float_columns(answers, len(rows))
    if labels:
        return _of_one_column(file, plan, columns, labels)
    return _of_numbers(plan, answers, columns)


def _ask(file: OnnxFile, plan: Plan, rows: Matrix) -> tuple[Matrix, dict[str, Answer]]:
    """Those of ``rows`` that the file answers, and its answers by the names of its outputs. Raises ImportRefused."""
    names = [output.name for output in file.session.get_outputs()]
    reason = ""
    for some in (rows, rows[: len(rows) // 10], np.zeros((2, rows.shape[1]))):
        try:
            answers = file.session.run(names, fed_inputs(plan, some))
        except Exception as error:  # onnxruntime's own classes share no other parent
            reason = str(error).splitlines()[0]
            continue
        return some, dict(zip(names, answers, strict=True))
    raise ImportRefused(f"The file does not answer rows of zeros: {reason}")


def _is_maps(answer: Answer) -> bool:
    return isinstance(answer, list) and bool(answer) and isinstance(answer[0], dict)


def _float_tables(answers: Mapping[str, Answer], size: int) -> dict[str, Matrix]:
    """The outputs of several floats a row: (n, k) each."""
    tables = {}
    for name, answer in answers.items():
        if _is_floats(answer) and answer.ndim == 2 and answer.shape[0] == size and answer.shape[1] > 1:
            tables[name] = answer.astype(np.float64)
    return tables


def _float_columns(answers: Mapping[str, Answer], size: int) -> dict[str, Matrix]:
    """The outputs of one float a row: (n,) each."""
    columns = {}
    for name, answer in answers.items():
        if _is_floats(answer) and answer.shape[:1] == (size,) and answer.size == size:
            columns[name] = answer.astype(np.float64).reshape(-1)
    return columns


def _labels(answers: Mapping[str, Answer], size: int) -> dict[str, list[Scalar]]:
    """The outputs of one text, whole number or flag a row; some converters lay them in a row, (1, n)."""
    labels = {}
    for name, answer in answers.items():
        if _may_be_labels(answer) and answer.size == size:
            labels[name] = label_values(answer)
    return labels


def _may_be_labels(answer: Answer) -> bool:
    return isinstance(answer, np.ndarray) and answer.dtype.kind in "iubOUS"


def _is_floats(answer: Answer) -> bool:
    return isinstance(answer, np.ndarray) and answer.dtype.kind == "f"


def _of_maps(plan: Plan, answers: Mapping[str, Answer], maps: Sequence[str], rows: Matrix) -> AnswerPlan:
    """The answers of a file that gives maps from classes to probabilities. Raises ImportRefused."""
    if len(maps) > 1:
        raise ImportRefused(f"The file answers several questions at once ({', '.join(maps)}); save one model a file.")
    name = maps[0]
    classes = tuple(answers[name][0])
    table = probability_matrix(answers[name], classes)
    _check_probabilities(name, table)
    candidates = [output for output, labels in _labels(answers, len(rows)).items() if set(labels) <= set(classes)]
    if len(candidates) > 1:
        raise ImportRefused(f"The file answers several labels ({', '.join(candidates)}); save it with one of them.")
    label = candidates[0] if candidates else None
    return AnswerPlan(_with(plan, probabilities=name, label=label), classes)


def _of_tables(
    file: OnnxFile, plan: Plan, tables: Mapping[str, Matrix], labels: Mapping[str, list[Scalar]]
) -> AnswerPlan:
    """The answers of a file that gives several numbers a row. Raises ImportRefused."""
    proper = {name: table for name, table in tables.items() if improper_rows(table) is None}
    if not proper:
        name, table = next(iter(tables.items()))
        if not labels:
            raise ImportRefused(
                f"The output {name!r} gives {table.shape[1]} numbers a row that are no probabilities "
                f"({improper_rows(table)}); a model answers one number, or the probabilities of classes: save a model "
                f"for each number, or, if they are scores of classes, {PROBABILITIES}."
            )
        _check_probabilities(name, table)
    name, table = next(iter(proper.items()))
    for other in proper.values():
        if not np.array_equal(other, table):
            raise ImportRefused(
                f"The file answers several questions at once ({', '.join(proper)}); save one model a file."
            )
    if not labels:
        classes, notes = _classes_without_labels(file, name, table.shape[1])
        return AnswerPlan(_with(plan, probabilities=name, label=None), classes, notes)
    label, classes = _proved(file, labels, name, table)
    return AnswerPlan(_with(plan, probabilities=name, label=label), classes)


def _of_one_column(
    file: OnnxFile, plan: Plan, columns: Mapping[str, Matrix], labels: Mapping[str, list[Scalar]]
) -> AnswerPlan:
    """The answers of a file that gives labels, and at most one number a row. Raises ImportRefused."""
    if len(columns) > 1:
        raise ImportRefused(
            f"The file answers {len(columns)} numbers a row beside its label ({', '.join(columns)}); save the "
            "probabilities of all classes as one output, as zipmap=False does."
        )
    if not columns:
        raise ImportRefused(
            f"The file answers labels ({', '.join(labels)}) without the probabilities of their classes; save it with "
            "them."
        )
    [(name, column)] = columns.items()
    table = np.column_stack([1.0 - column, column])
    _check_probabilities(name, table)
    label, classes = _proved(file, labels, name, table)
    return AnswerPlan(_with(plan, probabilities=name, label=label), classes)


def _of_numbers(plan: Plan, answers: Mapping[str, Answer], columns: Mapping[str, Matrix]) -> AnswerPlan:
    """The answers of a file that gives one number a row. Raises ImportRefused."""
    if not columns:
        raise ImportRefused(
            f"None of the file's outputs ({', '.join(answers)}) is a probability or a number for each row."
        )
    (name, column), *others = columns.items()
    for _, other in others:
        if not np.array_equal(other, column):
            raise ImportRefused(
                f"The file answers {len(columns)} numbers a row ({', '.join(columns)}); save a model for each of them."
            )
    return AnswerPlan(_with(plan, value=name))


def _with(plan: Plan, *, probabilities: str | None = None, label: str | None = None, value: str | None = None) -> Plan:
    """``plan`` with the outputs of these names."""
    return Plan(feeds=plan["feeds"], probabilities=probabilities, label=label, value=value)


def _check_probabilities(name: str, table: Matrix) -> None:
    """Raises ImportRefused unless ``table`` (n, classes) holds probabilities."""
    reason = improper_rows(table)
    if reason is not None:
        raise ImportRefused(f"The output {name!r} holds no probabilities: {reason}; {PROBABILITIES}.")


def _proved(file: OnnxFile, labels: Mapping[str, list[Scalar]], scores: str, table: Matrix) -> tuple[str, Classes]:
    """The output of labels that goes with the probabilities ``scores``, and the classes in the order of their columns.

    Raises ImportRefused when there is none, or more than one.
    """
    proved = {}
    for name, answers in labels.items():
        lists = _lists(file, name, answers, table.shape[1])
        own = list_of_scores(file.graph, scores, name)
        if own in lists:
            lists = [own]
        classes = prove_classes(answers, table, lists)
        if classes is not None:
            proved[name] = classes
    if len(proved) != 1:
        raise ImportRefused(
            f"Nothing tells which class each of the {table.shape[1]} probabilities belongs to: the file's own labels "
            f"({', '.join(labels)}) do not show it on {len(table)} rows; save the file with zipmap."
        )
    return next(iter(proved.items()))


def _lists(file: OnnxFile, name: str, labels: Sequence[Scalar], size: int) -> list[Classes]:
    """The lists that may be the classes of an output of labels: those before it in the graph, else their numbers."""
    kinds = set(map(type, labels))
    lists = [values for values in lists_behind(file.graph, name, size) if set(map(type, values)) == kinds]
    if kinds == {bool}:
        lists.append((False, True))
    numbers = tuple(range(size))
    if kinds == {int} and numbers not in lists:
        lists.append(numbers)
    return lists


def _classes_without_labels(file: OnnxFile, name: str, size: int) -> tuple[Classes, tuple[str, ...]]:
    """The classes of a file without labels: of the classifier that gives the probabilities, else numbers, with a note.

    Raises ImportRefused where the graph names classes, but not for these probabilities.
    """
    classes = list_of_scores(file.graph, name)
    if len(classes) == size:
        return classes, ()
    if names_classes(file.graph):
        raise ImportRefused(
            f"Nothing tells which class each of the {size} probabilities of {name!r} belongs to; {SAVE_LABELS}."
        )
    return tuple(range(size)), (NUMBERED,)
