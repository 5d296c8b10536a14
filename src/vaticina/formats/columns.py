"""The columns of the table that a model of somebody else was fitted to, as far as its fitted parts tell."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Any

import numpy as np

from vaticina.contract.fields import Scalar
from vaticina.errors import ImportRefused

EXACT = 2**53
"""Up to here doubles, and so the readers of JSON that have no other numbers, hold every whole number."""


@dataclass(slots=True)
class FittedColumn:
    """What the fitted parts of a model tell of one column.

    ``categories`` are its values, None for a number; ``refuses_others`` when the encoder refuses any other value.
    ``takes_missing`` when a missing value is filled in, ``fill_values`` with which constants; ``text_marks`` are texts
    that stand for a missing value. ``used`` when a part takes the column. ``centre``, ``scale`` and ``bounds`` (least,
    most) are those of the numbers it was fitted to. ``learnt_none`` and ``learnt_nan``: an encoder was fitted to that
    mark of a missing value. ``is_number``: a part takes its values as numbers, whatever another part does with them.
    ``may_be_flag``: its numbers look like those that false and true are; ``is_beyond_flags``: they do not.
    ``constants`` are numbers that a part treats in a way of their own. ``is_needed``: a part took the column, so that
    it stays one that is used whatever later parts select.
    """

    name: str
    used: bool = True
    categories: list[Any] | None = None
    refuses_others: bool = False
    takes_missing: bool = False
    fill_values: list[str] = field(default_factory=list)
    text_marks: list[str] = field(default_factory=list)
    centre: float | None = None
    scale: float | None = None
    bounds: tuple[float, float] | None = None
    learnt_none: bool = False
    learnt_nan: bool = False
    is_number: bool = False
    may_be_flag: bool = False
    is_beyond_flags: bool = False
    is_needed: bool = False
    constants: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FittedTable:
    """The columns that a model was fitted to, in order.

    ``has_names`` when the names are the model's own; without it they are x0, x1, …, since its files hold none.
    """

    columns: tuple[FittedColumn, ...]
    has_names: bool

    def constants(self) -> dict[str, list[float]]:
        """The constants of each column that has some, by its name."""
        constants = {}
        for column in self.columns:
            if column.constants:
                constants[column.name] = sorted(set(column.constants))
        return constants


def read_fitted_table(parts: Sequence[Any]) -> FittedTable:
    """The table that the first of ``parts`` was fitted to. Raises ImportRefused when no part tells its width."""
    names = _column_names(parts)
    has_names = names is not None
    if names is None:
        names = numbered_names(_width(parts))
    columns = list(map(FittedColumn, names))
    passed_on: list[FittedColumn] | None = columns
    for part in parts:
        if passed_on is not None:
            passed_on = learn(part, passed_on)
    for column in columns:
        _keep_number(column)
        column.constants += _missing_numbers(parts)
    return FittedTable(tuple(columns), has_names)


def _keep_number(column: FittedColumn) -> None:
    """Makes a number of a column that one part takes as a number and another as a category of any numbers."""
    values = column.categories
    if column.is_number and not column.refuses_others and values and are_all(values, int) and not are_all(values, bool):
        column.categories = None
        column.centre = float(values[len(values) // 2])


def _missing_numbers(parts: Sequence[Any]) -> list[float]:
    """The numbers that a booster among ``parts`` takes for a missing value."""
    numbers = []
    for part in parts:
        mark = getattr(part, "missing", None)
        if isinstance(mark, int | float) and np.isfinite(mark):
            numbers.append(float(mark))
    return numbers


def numbered_names(width: int) -> list[str]:
    """x0, x1, …: names for ``width`` columns that have none of their own."""
    return [f"x{index}" for index in range(width)]


def _column_names(parts: Sequence[Any]) -> list[str] | None:
    """The names of the columns that the first part was fitted to; None when it was fitted to a matrix."""
    for part in _first_steps(parts[0]):
        if hasattr(part, "feature_names_in_") and not _is_booster_model(part):
            return list(map(str, part.feature_names_in_))
    if len(parts) == 1:
        return _booster_names(parts[0])
    return None


def _first_steps(part: Any) -> Iterator[Any]:
    """``part``, its first step when it is a pipeline, the first step of that, and so on."""
    yield part
    steps = getattr(part, "steps", None)
    if steps:
        yield from _first_steps(steps[0][1])


def _is_booster_model(part: Any) -> bool:
    return type(part).__module__.startswith(("lightgbm", "xgboost"))


def _booster_names(part: Any) -> list[str] | None:
    """The names that a booster was fitted to; None when it made them up, or ``part`` is no booster."""
    booster = _booster_of(part)
    if type(booster).__name__ != "Booster":
        return None
    if hasattr(booster, "feature_name"):
        names = booster.feature_name()
    else:
        names = booster.feature_names
    if names is None or list(names) == [f"Column_{index}" for index in range(len(names))]:
        return None
    return list(map(str, names))


def _booster_of(part: Any) -> Any:
    """The booster in a model of LightGBM or XGBoost, alone or in a pipeline of one step; else what stands there."""
    if hasattr(part, "steps") and len(part.steps) == 1:
        part = part.steps[0][1]
    if hasattr(part, "booster_"):
        return part.booster_
    if hasattr(part, "get_booster"):
        return part.get_booster()
    return part


def _width(parts: Sequence[Any]) -> int:
    """The number of columns that the first part takes that tells one. Raises ImportRefused when none does."""
    for part in parts:
        width = _width_of(part)
        if width:
            return width
    raise ImportRefused(
        "No part of the model tells how many columns it takes; save it fitted, and name what prepares its rows by "
        "--preprocessor."
    )


def _width_of(part: Any) -> int:
    """The number of columns that ``part`` takes; 0 when it does not tell."""
    if hasattr(part, "n_features_in_"):
        return int(part.n_features_in_)
    for method in ("num_feature", "num_features"):
        if hasattr(part, method):
            return int(getattr(part, method)())
    return 0


def learn(part: Any, columns: list[FittedColumn]) -> list[FittedColumn] | None:
    """Notes in ``columns`` what ``part`` tells of them; gives the columns that it passes on one by one, else None."""
    learner = LEARNERS.get(type(part).__name__)
    passed_on = None
    if learner is None:
        note_numbers(columns)
        _note_edges(part, columns)
    else:
        passed_on = learner(part, columns)
    for column in columns:
        column.is_needed |= column.used
    return passed_on


def note_numbers(columns: Iterable[FittedColumn] | None) -> None:
    """Notes that a part that is no encoder takes ``columns``."""
    for column in columns or ():
        column.is_number = True


def _note_edges(part: Any, columns: Sequence[FittedColumn]) -> None:
    """Notes the edges of the bins, or the threshold, of a part that has them."""
    for column, edges in zip(columns, getattr(part, "bin_edges_", ()), strict=False):
        column.constants += list(map(float, edges))
    threshold = getattr(part, "threshold", None)
    if isinstance(threshold, int | float):
        for column in columns:
            column.constants.append(float(threshold))


def contract_categories(values: Sequence[Any]) -> list[Any] | None:
    """The categories as a contract has them: texts, whole numbers or flags; None for other numbers."""
    if are_all(values, str) or are_all(values, bool):
        return list(values)
    if are_all(values, int | float):
        return _whole_numbers(values)
    if str in map(type, values):
        raise ImportRefused(f"A column's categories are texts and numbers at once ({values[:5]}); no contract says so.")
    return None


def are_all(values: Iterable[object], kind: type | UnionType) -> bool:
    """Whether every one of ``values`` is of that type."""
    return all(isinstance(value, kind) for value in values)


def _whole_numbers(values: Sequence[float]) -> list[int] | None:
    """``values`` as integers; None when one of them has a fraction."""
    numbers = []
    for value in values:
        if not float(value).is_integer():
            return None
        if abs(value) > EXACT:
            raise ImportRefused(
                f"A column's categories are whole numbers beyond 2^53, such as {value}, which many readers of JSON "
                "round; fit the model to them as texts."
            )
        numbers.append(int(value))
    return numbers


def plain_value(value: Any) -> Scalar:
    """``value``, or the plain Python value that a scalar of numpy stands for."""
    if isinstance(value, np.generic):
        value = value.item()
    plain: Scalar = value
    return plain


def is_missing(value: Any) -> bool:
    """Whether ``value`` is None or not a number."""
    return value is None or is_nan(value)


def is_nan(value: Any) -> bool:
    """Whether ``value`` is a float that is not a number."""
    return isinstance(value, float) and bool(np.isnan(value))


Learner = Callable[[Any, list[FittedColumn]], list[FittedColumn] | None]

LEARNERS: dict[str, Learner] = {}
"""By the name of its class, what a part that keeps or encodes columns tells of them.

The files beside this one fill it: of preparations, of boosters, of models that hold others.
"""
