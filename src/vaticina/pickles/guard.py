"""A guard over everything that this process unpickles, whoever asks: the list of names is not left to one reader.

Python tells its audit hooks each name that an unpickler is about to import. A hook cannot be taken away again; so there
is one, and what it allows is a setting of the context it runs in.
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
    """Within the block nothing is unpickled but ``names``; a pickle that wants more raises PermissionError."""
    _install()
    token = _allowed.set(names)
    try:
        yield
    finally:
        _allowed.reset(token)


@cache
def _install() -> None:
    sys.addaudithook(_hook)


def _hook(event: str, details: tuple[Any, ...]) -> None:
    if event != "pickle.find_class":
        return
    names = _allowed.get()
    if names is not None and f"{details[0]}.{details[1]}" not in names:
        raise PermissionError(f"the pickle wants {details[0]}.{details[1]}, not on the list of what a model needs")
