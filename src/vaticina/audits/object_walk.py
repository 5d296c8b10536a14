"""Walks through an opened model: every object in it, once."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

SIMPLE = (bool, bytearray, bytes, complex, float, int, np.generic, str, type(None), type)
"""Values with nothing in them."""


def objects_in(root: object) -> Iterator[object]:
    """``root`` and each object in it, in its attributes, lists, tuples, sets, dicts and arrays of objects."""
    waiting: list[object] = [root]
    seen: dict[int, object] = {}  # holding them keeps their ids theirs
    while waiting:
        value = waiting.pop()
        if isinstance(value, SIMPLE) or id(value) in seen:
            continue
        seen[id(value)] = value
        yield value
        waiting.extend(_inner(value))


def attributes_of(value: object) -> dict[str, Any]:
    """The attributes that an object holds itself; none where it holds them in C."""
    attributes = getattr(value, "__dict__", None)
    if isinstance(attributes, dict):
        return attributes
    return {}


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [*value.values(), *attributes_of(value).values()]
    if isinstance(value, list | tuple | set | frozenset):
        return [*value, *attributes_of(value).values()]
    if isinstance(value, np.ndarray):
        return value.ravel().tolist() if value.dtype.hasobject else ()
    return attributes_of(value).values()
