"""A guard over every unpickler of this process, also those inside libraries: it allows exact names only.

Python tells its audit hooks each name that an unpickler is about to import. A hook cannot be removed again, so there is
one for the process, and the names that it allows are a context variable.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

_allowed: ContextVar[frozenset[str] | None] = ContextVar("allowed", default=None)


@contextmanager
def guarded(names: frozenset[str]) -> Iterator[None]:
    """Within the block, pickles may import ``names`` only; one that wants another raises PermissionError."""
    _install_hook()
    token = _allowed.set(names)
    try:
        yield
    finally:
        _allowed.reset(token)


@cache
def _install_hook() -> None:
    sys.addaudithook(_hook)


def _hook(event: str, details: tuple[Any, ...]) -> None:
    if event != "pickle.find_class":
        return
    names = _allowed.get()
    if names is not None and f"{details[0]}.{details[1]}" not in names:
        raise PermissionError(f"the pickle wants {details[0]}.{details[1]}, not on the list of what a model needs")
