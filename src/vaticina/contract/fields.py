"""The types an input may have, as they stand in ``[inputs.NAME]``."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic import Field as Param

from vaticina.contract.instants import within_calendar
from vaticina.contract.white_space import stripped

FLOAT_LIMIT = 3.4e38
"""Largest magnitude taken: beyond it a 32-bit float, which most runtimes use inside, is infinite."""

INTEGER_LIMIT = 2**53 - 1
"""Largest magnitude of an integer: beyond it a 64-bit float no longer tells neighbours apart."""

MAX_TEXT = 1_000
"""Characters of a category that was not declared: any text is taken, but not a book."""

Text = str | dict[Literal["es", "en"], str]
"""A text in one language for all, or one for each."""

Scalar = str | int | float | bool


def _refuse_text(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError("it must be a number")
    return value


def _refuse_number(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("it must be a date or a time")
    return value


Real = Annotated[float, BeforeValidator(_refuse_text), Param(ge=-FLOAT_LIMIT, le=FLOAT_LIMIT, allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(_refuse_text), Param(ge=-INTEGER_LIMIT, le=INTEGER_LIMIT)]
Moment = Annotated[datetime, BeforeValidator(_refuse_number), AfterValidator(within_calendar)]


def _one_type(values: object) -> object:
    if isinstance(values, list | tuple) and {type(value) for value in values} not in ({str}, {int}, set()):
        raise ValueError("categories are all texts or all whole numbers")
    return values


Categories = Annotated[tuple[StrictStr, ...] | tuple[StrictInt, ...], BeforeValidator(_one_type)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no time zone is called {name!r}; write one like 'America/Lima'") from None
    return name


ZoneName = Annotated[str, AfterValidator(_known_zone)]


class Input(BaseModel):
    """What every input has, whatever its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    description: Text | None = None
    unit: Text | None = None
    optional: bool = False
    """May be absent or null."""


def spoken(text: Text | None, language: str) -> str | None:
    """``text`` in ``language``, else in any."""
    if isinstance(text, dict):
        found = [said for key, said in text.items() if key == language]
        return next(iter(found or text.values()), None)
    return text


class Number(Input):
    """A real number. ``min`` and ``max`` are declared and refuse; ``seen`` was learnt and only marks.

    With ``flags``, true and false are taken for 1 and 0, as the libraries of models take them.
    """

    type: Literal["number"] = "number"
    flags: bool = False
    min: Real | None = None
    max: Real | None = None
    seen: tuple[Real, Real] | None = None
    default: Real | None = None
    example: Real | None = None

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
    min: Whole | None = None
    max: Whole | None = None
    seen: tuple[Whole, Whole] | None = None
    default: Whole | None = None
    example: Whole | None = None

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
    categories: Annotated[Categories, Param(min_length=1)] | None = None
    seen: Categories | None = None
    normalise: bool = False
    """Text is stripped and lower-cased before anything else looks at it."""
    default: StrictStr | StrictInt | None = None
    example: StrictStr | StrictInt | None = None

    @model_validator(mode="after")
    def _normal(self) -> "Category":
        if not self.normalise:
            return self
        if self.whole:
            raise ValueError("normalise is for texts, and these categories are whole numbers")
        for value in (*self.known, self.default):
            if value is not None and value != self.normal(value):
                raise ValueError(f"{value!r} is not normalised as the input's texts are: write {self.normal(value)!r}")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> "Category":
        if len(set(self.known)) < len(self.known):
            raise ValueError("a category is listed twice")
        for value in (self.default, self.example):
            if value is not None and isinstance(value, int) != self.whole:
                raise ValueError(f"{value!r} is not of the type of the categories")
            if value is not None and self.categories is not None and self.normal(value) not in self.categories:
                raise ValueError(f"{value!r} is not one of the categories")
        return self

    def normal(self, value: str | int) -> str | int:
        """``value`` as the validator gives it."""
        return stripped(value).lower() if self.normalise and isinstance(value, str) else value

    @property
    def known(self) -> Categories:
        """The list that numbers the categories."""
        return self.categories if self.categories is not None else (self.seen or ())

    @property
    def whole(self) -> bool:
        """Whether the values are integers rather than text."""
        return bool(self.known) and isinstance(self.known[0], int)


class Flag(Input):
    """true or false."""

    type: Literal["flag"] = "flag"
    default: StrictBool | None = None
    example: StrictBool | None = None


class Identifier(Input):
    """A text that names the row: recorded and given back, never a feature."""

    type: Literal["identifier"] = "identifier"
    max_length: int = Param(default=200, ge=1, le=10_000)
    default: str | None = None
    example: str | None = None

    @model_validator(mode="after")
    def _short(self) -> "Identifier":
        if max(len(self.default or ""), len(self.example or "")) > self.max_length:
            raise ValueError(f"default and example must have at most {self.max_length} characters")
        return self


class Instant(Input):
    """A moment, as ISO 8601 text; without an offset it is read in the project's time zone."""

    type: Literal["instant"] = "instant"
    seen: tuple[Moment, Moment] | None = None
    default: Moment | None = None
    example: Moment | None = None


class Point(BaseModel):
    """One point of a series."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timestamp: Moment
    value: Real
    additional_features: dict[str, Any] | None = None


class Series(Input):
    """A list of points ``{timestamp, value, additional_features}``, for kind ``window``.

    The model takes the last values in the order of time; ``seen`` is the range of values learnt from data.
    """

    type: Literal["series"] = "series"
    max_points: int = Param(default=10_000, ge=1, le=100_000)
    seen: tuple[Real, Real] | None = None
    default: None = None
    example: Annotated[tuple[Point, ...], Param(min_length=1)] | None = None

    @model_validator(mode="after")
    def _required(self) -> "Series":
        if self.optional:
            raise ValueError("a series cannot be optional: there is nothing else to predict from")
        return self


AnyInput = Annotated[Number | Integer | Category | Flag | Identifier | Instant | Series, Discriminator("type")]


Ranged = TypeVar("Ranged", Number, Integer)


def _check_range(field: Ranged) -> Ranged:
    low, high = field.bounds
    if low > high:
        raise ValueError(f"min {low} is above max {high}")
    if field.seen and field.seen[0] > field.seen[1]:
        raise ValueError(f"seen {list(field.seen)} is not in order")
    for value in (field.default, field.example):
        if value is not None and not low <= value <= high:
            raise ValueError(f"{value} is not between min {low} and max {high}")
    return field
