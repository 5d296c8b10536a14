"""The target of a training: classes or a number, read from a column of texts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vaticina.contract.fields import Scalar
from vaticina.contract.notation import TableNotation
from vaticina.errors import DataError
from vaticina.tables.cell_values import FLAGS, Cell, number_reader
from vaticina.tables.numbers import NUMBER, looks_numeric

TargetType = Literal["classes", "number"]

MANY_CLASSES = 20
"""More different whole numbers than this are a quantity; more different texts need enough rows each."""

ROWS_PER_CLASS = 5


@dataclass(frozen=True, slots=True)
class Target:
    """``classes`` in the order of the model's probabilities, empty for a number; ``values`` (rows,) are indices into
    them (int64) or the numbers themselves (float64)."""

    classes: tuple[Scalar, ...]
    values: NDArray[Any]


def labelled_positions(cells: Sequence[Cell], notation: TableNotation) -> list[int]:
    """The positions of the ``cells`` of the target that hold a value."""
    missing = {None, *notation.missing}
    return [position for position, cell in enumerate(cells) if cell not in missing]


def plain_numbers(texts: Sequence[str], column: str, notation: TableNotation) -> Sequence[str]:
    """The numbers of ``column`` in plain notation; a text that is none stays as it is."""
    words = notation.of_column(column)
    if words.decimal is None and words.times is None:
        return texts
    plain = number_reader(column, notation)
    return [plain(text) or text for text in texts]


def read_target(name: str, texts: Sequence[str], target_type: TargetType | None = None) -> Target:
    """The target in ``texts``, as the ``target_type`` asked for, or else as what they look like.

    Texts and flags are classes. Whole numbers (1, or 1.0) are classes when there are only two, or at most 20 with
    five rows each on average, as grades are; all else is a number.

    Raises:
        DataError: one class only, a class with one row, a number that never changes, or texts where numbers must be.
    """
    labels = _labels(texts)
    if (target_type or _likely_type(labels)) == "number":
        return Target((), _numbers(name, texts))
    counts = Counter(labels)
    _check_classes(name, counts)
    classes = tuple(sorted(counts))  # labels are of one type
    index = {label: position for position, label in enumerate(classes)}
    return Target(classes, np.array([index[label] for label in labels], dtype=np.int64))


def _labels(texts: Sequence[str]) -> list[Any]:
    """Flags as booleans, whole numbers as integers, other numbers as floats, else texts: one type for all."""
    different = set(texts)
    if set(map(str.lower, different)) <= FLAGS.keys():
        return [FLAGS[text.lower()] for text in texts]
    if not all(map(NUMBER.fullmatch, different)):
        return list(texts)
    numbers = list(map(float, texts))
    if all(map(float.is_integer, numbers)):
        return list(map(int, numbers))
    return numbers


def _likely_type(labels: Sequence[Any]) -> TargetType:
    if isinstance(labels[0], str | bool):
        return "classes"
    different = len(set(labels))
    is_small = different <= 2 or (different <= MANY_CLASSES and len(labels) >= ROWS_PER_CLASS * different)
    if is_small and isinstance(labels[0], int):
        return "classes"
    return "number"


def _numbers(name: str, texts: Sequence[str]) -> NDArray[np.float64]:
    for text in texts:
        if not NUMBER.fullmatch(text):
            raise DataError(
                f"The target {name!r} must be a number, but holds {text!r}; answer a label, or correct the data."
            )
    values = np.array(texts, dtype=np.float64)
    if np.ptp(values) == 0:
        raise DataError(f"The target {name!r} is always {texts[0]}; there is nothing to learn.")
    return values


def _why_no_number(counts: Counter[Any]) -> str:
    """Why the target was not taken for a number."""
    texts = [label for label in counts if isinstance(label, str) and not looks_numeric(label)]
    numeric = len(counts) - len(texts)
    if texts and numeric:
        cells = sum(counts[text] for text in texts)
        return f", and it is no number, as {cells} cells such as {texts[0]!r} are none"
    if not texts:
        return "; if it is a number, say so with --target-kind number"
    return ""


def _check_classes(name: str, counts: Counter[Any]) -> None:
    if len(counts) == 1:
        raise DataError(f"The target {name!r} has one class only, {next(iter(counts))!r}; two are needed at least.")
    if len(counts) > MANY_CLASSES and len(counts) * ROWS_PER_CLASS > counts.total():
        raise DataError(
            f"The target {name!r} has {len(counts)} different values in {counts.total()} rows, too many for classes"
            f"{_why_no_number(counts)}; name a column of classes or of numbers."
        )
    rare = sorted((label for label, rows in counts.items() if rows < 2), key=str)
    if rare:
        raise DataError(
            f"The target {name!r} has a single row of {', '.join(map(repr, rare[:5]))}; each class needs two at least: "
            "collect more, join it with another class, or leave the row out."
        )
