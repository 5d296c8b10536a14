"""The rows that a model may be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal


@dataclass(frozen=True, slots=True)
class ColumnSpace:
    """What may stand in one column of the matrix.

    A category, or a flag, is given by its code, from 0 to ``size`` - 1; where ``has_unknown``, the code ``size`` means
    any other. ``is_optional`` columns may be missing. ``ends`` are numbers worth trying, such as the ends of a range;
    about ``constants`` the neighbouring numbers are too, such as a number that the model reads as a missing one.
    """

    kind: Literal["number", "category"] = "number"
    size: int = 0
    has_unknown: bool = False
    is_optional: bool = False
    ends: tuple[float, ...] = ()
    constants: tuple[float, ...] = ()

    @property
    def codes(self) -> list[float]:
        """The codes that may come."""
        return list(map(float, range(self.size + self.has_unknown)))


@dataclass(frozen=True)
class RowSpace:
    """What may stand in each column of a row, in the order of the matrix."""

    columns: tuple[ColumnSpace, ...]

    @cached_property
    def numbers(self) -> Sequence[int]:
        """The columns of numbers."""
        return [place for place, column in enumerate(self.columns) if column.kind == "number"]

    @cached_property
    def codes(self) -> Mapping[int, Sequence[float]]:
        """The codes that may come, by the column of a category."""
        return {place: column.codes for place, column in enumerate(self.columns) if column.kind == "category"}

    @cached_property
    def optional(self) -> Sequence[int]:
        """The columns that may be missing."""
        return [place for place, column in enumerate(self.columns) if column.is_optional]
