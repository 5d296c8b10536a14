"""What stands on a pickle's stack while it is read without being executed.

Numbers, texts, bytes and tuples stand for themselves; everything else by one of these.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


class Refused(Exception):
    """Why a pickle is not opened, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something the pickle imports: ``module.name``."""

    name: str


@dataclass(slots=True, eq=False)
class Made:
    """What a call of ``name`` gave. ``dtype`` is set when it is one of numpy's."""

    name: str
    args: tuple[Any, ...]
    called: bool
    stated: bool = False
    dtype: np.dtype[Any] | None = None


@dataclass(slots=True, eq=False)
class Pairs:
    """A dict: its pairs in the order they were set. Once judged it is sealed, for the real one could still change."""

    items: list[tuple[Any, Any]] = field(default_factory=list)
    sealed: bool = False


class Keyed:
    """An ordered dict, or one with defaults; what it holds does not matter."""


class Items:
    """A list; what it holds does not matter."""


class Members:
    """A set or frozenset; what it holds does not matter."""


@dataclass(frozen=True, slots=True)
class Result:
    """Fits what a call of ``name`` gave."""

    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """Fits what one of these fits."""

    kinds: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """How something may be called: a type, a Result, a OneOf or the exact value for each argument.

    The last ``optional`` arguments may be missing.
    """

    args: tuple[Any, ...]
    state: type[dict[str, object]] | int | None = None
    optional: int = 0

    def fits(self, args: tuple[Any, ...]) -> bool:
        """Whether ``args`` are such arguments."""
        most = len(self.args)
        return most - self.optional <= len(args) <= most and all(map(fits, args, self.args))

    def fits_state(self, state: Any) -> bool:
        """Whether ``state`` is of the kind its result takes."""
        if self.state is dict:
            return type(state) is Pairs
        return type(state) is tuple and len(state) == self.state


def fits(value: Any, kind: Any) -> bool:
    """Whether ``value`` is what ``kind`` describes."""
    if isinstance(kind, OneOf):
        return any(fits(value, one) for one in kind.kinds)
    if isinstance(kind, Result):
        return isinstance(value, Made) and value.name == kind.name
    if isinstance(kind, type):
        return type(value) is kind
    return type(value) is type(kind) and bool(value == kind)
