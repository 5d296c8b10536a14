"""Descriptions of the values on a pickle's stack, for reading a pickle without executing it.

Numbers, texts, bytes and tuples stand for themselves; every other value is described by one of the classes here. The
second half describes which arguments a call may have.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


class ScanRefusal(Exception):
    """The reason why a pickle is not opened, as the end of a sentence that starts with its name."""


@dataclass(frozen=True, slots=True)
class ImportedName:
    """A function or class that the pickle imports; ``name`` is ``module.name``."""

    name: str


@dataclass(slots=True, eq=False)
class CreatedObject:
    """An object that the pickle creates by calling ``name``, or by ``__new__`` when it was not ``called``.

    ``stated``: it was given its state. ``dtype`` is the dtype that it is, when it is one of numpy's.
    """

    name: str
    args: tuple[Any, ...]
    called: bool
    stated: bool = False
    dtype: np.dtype[Any] | None = None


@dataclass(slots=True, eq=False)
class DictValue:
    """A dict; ``items`` are its pairs in the order in which they were set.

    It is ``sealed`` once a decision was made by what it holds: the pickle may not change it afterwards.
    """

    items: list[tuple[Any, Any]] = field(default_factory=list)
    sealed: bool = False


class DictSubclassValue:
    """An ordered dict or a defaultdict; what it holds does not matter."""


class ListValue:
    """A list; what it holds does not matter."""


class SetValue:
    """A set or frozenset; what it holds does not matter."""


@dataclass(frozen=True, slots=True)
class ResultOf:
    """A rule for a value: it is what a call of ``name`` returned."""

    name: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A rule for a value: it keeps one of ``rules``."""

    rules: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CallRule:
    """How something may be called: for each argument its type, a ResultOf, a OneOf or the exact value.

    The last ``optional`` arguments may be missing. ``state`` is the state that the result may be given afterwards: a
    dict, a tuple of that many values, of one of several lengths, or none.
    """

    args: tuple[Any, ...]
    state: type[dict[str, object]] | int | tuple[int, ...] | None = None
    optional: int = 0

    def fits(self, args: tuple[Any, ...]) -> bool:
        """Whether it may be called with ``args``."""
        if not len(self.args) - self.optional <= len(args) <= len(self.args):
            return False
        return all(map(fits, args, self.args))

    def fits_state(self, state: Any) -> bool:
        """Whether the result may be given ``state``."""
        if self.state is dict:
            return type(state) is DictValue
        if isinstance(self.state, tuple):
            return type(state) is tuple and len(state) in self.state
        return type(state) is tuple and len(state) == self.state


def fits(value: Any, rule: Any) -> bool:
    """Whether ``value`` keeps ``rule``: a OneOf, a ResultOf, a type or the exact value."""
    if isinstance(rule, OneOf):
        return any(fits(value, choice) for choice in rule.rules)
    if isinstance(rule, ResultOf):
        return isinstance(value, CreatedObject) and value.name == rule.name
    if isinstance(rule, type):
        return type(value) is rule
    return type(value) is type(rule) and bool(value == rule)
