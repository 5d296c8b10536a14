"""What is to be predicted: classes or a number, read from a column of texts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from vaticina.contract.fields import Scalar
from vaticina.errors import DataError
from vaticina.tables.cell_values import FLAGS, NUMBER

Kind = Literal["classes", "number"]

MANY_CLASSES = 20
"""More different whole numbers than this are a quantity; more different texts need enough rows each."""

ROWS_PER_CLASS = 5


@dataclass(frozen=True, slots=True)
class Target:
    """``classes`` in the order of the model's probabilities, empty for a number; ``values`` (rows,) are indices into
    them (int64) or the numbers themselves (float64)."""

    classes: tuple[Scalar, ...]
    values: NDArray[Any]


def read_target(name: str, texts: Sequence[str], kind: Kind | None = None) -> Target:
    """The target in ``texts``, of the ``kind`` asked for or else of the kind that they look like.

    Texts and flags are classes. Whole numbers (1, or 1.0) are classes when there are only two, or at most 20 with
    five rows each on average, as grades are; all else is a number.

    Raises:
        DataError: one class only, a class with one row, a number that never changes, or texts where numbers must be.
    """
    labels = _labels(texts)
    if (kind or _kind(labels)) == "number":
        return Target((), _numbers(name, texts))
    counts = Counter(labels)
    _check_classes(name, counts)
    classes = tuple(sorted(counts))  # labels are of one type
    index = {label: at for at, label in enumerate(classes)}
    return Target(classes, np.array([index[label] for label in labels], dtype=np.int64))


def _labels(texts: Sequence[str]) -> list[Any]:
    """Flags as booleans, whole numbers as integers, other numbers as floats, else texts: one type for all."""
    known = set(texts)
    if all(text.lower() in FLAGS for text in known):
        return [FLAGS[text.lower()] for text in texts]
    if not all(NUMBER.fullmatch(text) for text in known):
        return list(texts)
    numbers = {text: float(text) for text in known}
    if all(number.is_integer() for number in numbers.values()):
        return [int(numbers[text]) for text in texts]
    return [numbers[text] for text in texts]


def _kind(labels: Sequence[Any]) -> Kind:
    if isinstance(labels[0], str | bool):
        return "classes"
    different = len(set(labels))
    few = different <= 2 or (different <= MANY_CLASSES and len(labels) >= ROWS_PER_CLASS * different)
    return "classes" if few and isinstance(labels[0], int) else "number"


def _numbers(name: str, texts: Sequence[str]) -> NDArray[np.float64]:
    wrong = next((text for text in texts if not NUMBER.fullmatch(text)), None)
    if wrong is not None:
        raise DataError(f"The target {name!r} must be a number, but holds {wrong!r}; answer a label, or mend the data.")
    values = np.array(texts, dtype=np.float64)
    if np.ptp(values) == 0:
        raise DataError(f"The target {name!r} is always {texts[0]}; there is nothing to learn.")
    return values


def _check_classes(name: str, counts: Counter[Any]) -> None:
    if len(counts) == 1:
        raise DataError(f"The target {name!r} has one class only, {next(iter(counts))!r}; two are needed at least.")
    if len(counts) > MANY_CLASSES and len(counts) * ROWS_PER_CLASS > counts.total():
        raise DataError(
            f"The target {name!r} has {len(counts)} different values in {counts.total()} rows, too many for classes; "
            "name a column of classes or of numbers."
        )
    rare = sorted((label for label, rows in counts.items() if rows < 2), key=str)
    if rare:
        raise DataError(
            f"The target {name!r} has a single row of {', '.join(map(repr, rare[:5]))}; each class needs two at least: "
            "collect more, join it with another class, or leave the row out."
        )
