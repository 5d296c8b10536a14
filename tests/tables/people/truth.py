"""What a person would say of a table. A reader is judged by it, and knows nothing of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal[
    "number",  # measured: 12.5
    "integer",  # counted: 12
    "instant",  # a date, or a date with a time
    "time of day",  # 14:30
    "yes or no",
    "category",
    "rating",  # 1 to 5: a number for one person, classes for another
    "code",  # digits that are no quantity: 08001
    "identifier",  # names its row: an order, a telephone, a running number
    "text",  # free text, names of people
    "nothing",  # empty, or always the same
]

MEASURED: frozenset[Kind] = frozenset({"number", "integer", "instant"})
"""Kinds whose loss costs a model what it learns from."""

Saying = Literal["free", "may", "must"]
"""Whether a warning that names the column is not needed, is as good as a right type, or is what must be there."""

Value = float | bool | datetime | None


@dataclass(frozen=True, slots=True)
class ColumnTruth:
    """One column: its kind, and what its cells mean.

    ``readings`` are the values that are right, one for each row, moments in UTC; more than one reading where a person
    cannot know either. It is empty where only the kind is judged. ``missing`` are the rows without a value; ``spoilt``
    are rows whose cell is a typing error: a reader may take it as missing or leave the row out.
    """

    name: str
    kind: Kind
    saying: Saying = "free"
    readings: tuple[tuple[Value, ...], ...] = ()
    missing: frozenset[int] = frozenset()
    spoilt: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TableTruth:
    """A file and the truth of its columns; ``target`` names the one to predict.

    ``may_be_refused`` marks a file that a careful reader may turn away, such as one with two columns of one name.
    """

    name: str
    content: bytes
    rows: int
    target: str
    columns: tuple[ColumnTruth, ...]
    may_be_refused: bool = False

    def column(self, name: str) -> ColumnTruth:
        """The truth of the column ``name``. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
