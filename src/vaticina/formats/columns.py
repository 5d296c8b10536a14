"""The columns of the table that somebody's model takes, as far as its parts know them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vaticina.errors import ImportRefused

Values = Sequence[Any]


@dataclass(slots=True)
class Known:
    """What the parts know of one column.

    ``values`` are its categories, None for a number; ``closed`` when the encoder refuses any other. ``gaps`` when a
    missing value is filled in. ``used`` when a part takes it. ``centre``, ``spread`` and ``reach`` (least, most) are
    what it was fitted to.
    """

    name: str
    used: bool = True
    values: list[Any] | None = None
    closed: bool = False
    gaps: bool = False
    centre: float | None = None
    spread: float | None = None
    reach: tuple[float, float] | None = None
    fills: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Columns:
    """The table's columns in order. ``named``: the first part was fitted to a table with these names."""

    known: tuple[Known, ...]
    named: bool
    guessed: bool = False
    """Whether the names are ours, since the files hold none."""


def find_columns(parts: Sequence[Any]) -> Columns:
    """The columns that the first of ``parts`` was fitted to. Raises ImportRefused when no part tells how many."""
    names, named = _names(parts)
    guessed = names is None
    if names is None:
        count = next((count for count in map(_width, parts) if count), 0)
        if not count:
            raise ImportRefused("No part of the model tells how many columns it takes; it was not fitted, or is none.")
        names = [f"x{at}" for at in range(count)]
    known = [Known(name) for name in names]
    columns: list[Known] | None = known
    for part in parts:
        columns = None if columns is None else learn(part, columns)
    return Columns(tuple(known), named, guessed)


def _names(parts: Sequence[Any]) -> tuple[list[str] | None, bool]:
    """The names that the first part was fitted to, and whether it was fitted to a table."""
    first = parts[0]
    for inner in _first_steps(first):
        if hasattr(inner, "feature_names_in_") and not _is_booster_model(inner):
            return [str(name) for name in inner.feature_names_in_], True
    if len(parts) == 1:
        found = _booster_names(first)
        if found:
            return found, True
    return None, False


def _first_steps(part: Any) -> Iterator[Any]:
    """A part, and the first steps within it."""
    yield part
    steps = getattr(part, "steps", None)
    if steps:
        yield from _first_steps(steps[0][1])


def _is_booster_model(part: Any) -> bool:
    return type(part).__module__.startswith(("lightgbm", "xgboost"))


def _booster_names(part: Any) -> list[str] | None:
    """The names in a booster, unless it made them up itself."""
    last = part.steps[-1][1] if hasattr(part, "steps") and len(part.steps) == 1 else part
    if hasattr(last, "booster_"):
        last = last.booster_
    elif hasattr(last, "get_booster"):
        last = last.get_booster()
    if type(last).__name__ != "Booster":
        return None
    names = last.feature_name() if hasattr(last, "feature_name") else last.feature_names
    made_up = names is None or all(name == f"Column_{at}" for at, name in enumerate(names))
    return None if made_up else [str(name) for name in names]


def _width(part: Any) -> int:
    if hasattr(part, "n_features_in_"):
        return int(part.n_features_in_)
    for name in ("num_feature", "num_features"):
        if hasattr(part, name):
            return int(getattr(part, name)())
    return 0


def learn(part: Any, columns: list[Known]) -> list[Known] | None:
    """What ``part`` knows of ``columns``; gives those it passes on one by one, None when it makes others of them."""
    learner = LEARNERS.get(type(part).__name__)
    return learner(part, columns) if learner else None


def _pipeline(part: Any, columns: list[Known]) -> list[Known] | None:
    passed: list[Known] | None = columns
    for _, step in part.steps:
        if passed is None:
            break
        passed = passed if step in (None, "passthrough") else learn(step, passed)
    return passed


def _by_columns(part: Any, columns: list[Known]) -> None:
    for one in columns:
        one.used = False
    for name, transformer, _ in part.transformers_:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        chosen = [columns[at] for at in part._transformer_to_input_indices.get(name, [])]
        for one in chosen:
            one.used = True
        if not isinstance(transformer, str):
            learn(transformer, chosen)


def _imputer(part: Any, columns: list[Known]) -> list[Known] | None:
    missing = isinstance(part.missing_values, float) and np.isnan(part.missing_values)
    for one, statistic in zip(columns, part.statistics_, strict=True):
        one.gaps |= bool(missing)
        if isinstance(statistic, str):
            one.fills += [statistic] if part.strategy == "constant" else []
        elif one.centre is None and statistic is not None and np.isfinite(statistic):
            one.centre = float(statistic)
    return None if getattr(part, "indicator_", None) is not None else columns


def _encoder(part: Any, columns: list[Known]) -> None:
    for one, categories in zip(columns, part.categories_, strict=True):
        plain = [value.item() if isinstance(value, np.generic) else value for value in categories]
        kept = [value for value in plain if not _is_missing(value)]
        one.gaps |= len(kept) < len(plain)
        values = _kind(kept)
        if values is None:
            continue
        invented = [fill for fill in one.fills if fill in values and one.gaps]
        one.values = [value for value in values if value not in invented] or values
        one.closed = getattr(part, "handle_unknown", "ignore") == "error"
        if one.closed and one.fills and not invented:
            one.gaps = False  # it fills in what the encoder then refuses


def _kind(values: Values) -> list[Any] | None:
    """The categories as a contract has them: texts, whole numbers or flags; None for other numbers."""
    if all(isinstance(value, str) for value in values) or all(isinstance(value, bool) for value in values):
        return list(values)
    if all(isinstance(value, int | float) and float(value).is_integer() for value in values):
        return [int(value) for value in values]
    if any(isinstance(value, str) for value in values):
        raise ImportRefused(f"A column's categories are texts and numbers at once ({values[:5]}); no contract says so.")
    return None


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _standard(part: Any, columns: list[Known]) -> list[Known]:
    for at, one in enumerate(columns):
        if part.mean_ is not None:
            one.centre = float(part.mean_[at]) if one.centre is None else one.centre
        if part.scale_ is not None:
            one.spread = float(part.scale_[at])
    return columns


def _robust(part: Any, columns: list[Known]) -> list[Known]:
    for at, one in enumerate(columns):
        one.centre = float(part.center_[at]) if part.center_ is not None else one.centre
        one.spread = float(part.scale_[at]) if part.scale_ is not None else one.spread
    return columns


def _ranged(part: Any, columns: list[Known]) -> list[Known]:
    for at, one in enumerate(columns):
        one.reach = float(part.data_min_[at]), float(part.data_max_[at])
    return columns


LEARNERS: dict[str, Any] = {
    "ColumnTransformer": _by_columns,
    "MinMaxScaler": _ranged,
    "OneHotEncoder": _encoder,
    "OrdinalEncoder": _encoder,
    "Pipeline": _pipeline,
    "RobustScaler": _robust,
    "SimpleImputer": _imputer,
    "StandardScaler": _standard,
    "TargetEncoder": _encoder,
}
"""By the name of its class, what a part that keeps or encodes columns knows of them."""
