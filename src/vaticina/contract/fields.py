"""The types an input may have, as they stand in ``[inputs.NAME]``."""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, model_validator
from pydantic import Field as Param

FLOAT_LIMIT = 3.4e38
"""Largest magnitude taken: beyond it a 32-bit float, which most runtimes use inside, is infinite."""

INTEGER_LIMIT = 2**53
"""Largest magnitude of an integer: beyond it a 64-bit float no longer tells neighbours apart."""

Text = str | dict[Literal["es", "en"], str]
"""A text in one language for all, or one for each."""

Scalar = str | int | float | bool


class Input(BaseModel):
    """What every input has, whatever its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    description: Text | None = None
    unit: str | None = None
    optional: bool = False
    """May be absent or null."""

    def text(self, language: str) -> str | None:
        """The description in ``language``, else in any."""
        if isinstance(self.description, dict):
            found = [text for key, text in self.description.items() if key == language]
            return next(iter(found or self.description.values()), None)
        return self.description


class Number(Input):
    """A real number. ``min`` and ``max`` are declared and refuse; ``seen`` was learnt and only marks."""

    type: Literal["number"] = "number"
    min: float | None = None
    max: float | None = None
    seen: tuple[float, float] | None = None
    default: float | None = None
    example: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Number":
        return _check_range(self)

    @property
    def bounds(self) -> tuple[float, float]:
        """The declared range, closed by the limit of floats."""
        low = -FLOAT_LIMIT if self.min is None else self.min
        return low, FLOAT_LIMIT if self.max is None else self.max


class Integer(Input):
    """A whole number; 45.0 is one."""

    type: Literal["integer"] = "integer"
    min: int | None = None
    max: int | None = None
    seen: tuple[int, int] | None = None
    default: int | None = None
    example: int | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Integer":
        return _check_range(self)

    @property
    def bounds(self) -> tuple[int, int]:
        """The declared range, closed by the integers a double holds exactly."""
        return (-INTEGER_LIMIT if self.min is None else self.min), (INTEGER_LIMIT if self.max is None else self.max)


class Category(Input):
    """One of a list. ``categories`` is declared and refuses others; ``seen`` was learnt and only marks them."""

    type: Literal["category"] = "category"
    categories: tuple[str, ...] | tuple[int, ...] | None = None
    seen: tuple[str, ...] | tuple[int, ...] | None = None
    default: str | int | None = None
    example: str | int | None = None

    @property
    def known(self) -> tuple[str, ...] | tuple[int, ...]:
        """The list that numbers the categories."""
        return self.categories if self.categories is not None else (self.seen or ())

    @property
    def whole(self) -> bool:
        """Whether the values are integers rather than text."""
        return bool(self.known) and isinstance(self.known[0], int)


class Flag(Input):
    """true or false."""

    type: Literal["flag"] = "flag"
    default: bool | None = None
    example: bool | None = None


class Identifier(Input):
    """A text that names the row: recorded and given back, never a feature."""

    type: Literal["identifier"] = "identifier"
    max_length: int = Param(default=200, ge=1, le=10_000)
    default: str | None = None
    example: str | None = None


class Instant(Input):
    """A moment, as ISO 8601 text; without an offset it is read in the project's time zone."""

    type: Literal["instant"] = "instant"
    seen: tuple[datetime, datetime] | None = None
    default: datetime | None = None
    example: datetime | None = None


AnyInput = Annotated[Number | Integer | Category | Flag | Identifier | Instant, Discriminator("type")]


Ranged = TypeVar("Ranged", Number, Integer)


def _check_range(field: Ranged) -> Ranged:
    if field.min is not None and field.max is not None and field.min > field.max:
        raise ValueError(f"min {field.min} is above max {field.max}")
    return field
