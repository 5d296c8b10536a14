"""Reads Universal Binary JSON (https://ubjson.org, draft 12) in the forms that XGBoost writes."""

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from vaticina.audits.unsound import Unsound

NUMBERS: Mapping[bytes, str] = {
    b"i": ">i1",
    b"U": ">u1",
    b"I": ">i2",
    b"l": ">i4",
    b"L": ">i8",
    b"d": ">f4",
    b"D": ">f8",
}
"""The mark of a type of numbers -> its dtype."""

WHOLE = (b"i", b"U", b"I", b"l", b"L")
CONSTANTS: Mapping[bytes, bool | None] = {b"T": True, b"F": False, b"Z": None}

DEEPEST = 50


def read_ubjson(data: bytes) -> Any:
    """The document in ``data``: dicts, lists, texts and numbers; an array with a type is one of numpy's.

    Raises Unsound when it is damaged, or when something follows its end.
    """
    reader = _Reader(data)
    try:
        document = reader.value(reader.take(1), 0)
    except (UnicodeDecodeError, struct.error):
        raise Unsound("it is damaged: it holds what is no text, or no number") from None
    if reader.position != len(data):
        raise Unsound("it goes on behind its end")
    return document


class _Reader:
    """A document that is being read, from ``position`` on."""

    def __init__(self, data: bytes) -> None:
        self.position = 0
        self._data = data

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        part = self._data[self.position : self.position + size]
        if size < 0 or len(part) != size:
            raise Unsound("it is cut short")
        self.position += size
        return part

    def value(self, mark: bytes, depth: int) -> Any:
        """The value whose type is ``mark``."""
        if depth > DEEPEST:
            raise Unsound(f"its parts stand more than {DEEPEST} deep in one another")
        if mark in NUMBERS:
            return self._number(mark)
        if mark in CONSTANTS:
            return CONSTANTS[mark]
        if mark == b"S":
            return self._text()
        if mark == b"{":
            return self._object(depth)
        if mark == b"[":
            return self._array(depth)
        raise Unsound(f"it is damaged: it holds a value of an unknown type {mark!r}")

    def _number(self, mark: bytes) -> float | int:
        dtype = np.dtype(NUMBERS[mark])
        number: float | int = np.frombuffer(self.take(dtype.itemsize), dtype)[0].item()
        return number

    def _size(self) -> int:
        mark = self.take(1)
        if mark not in WHOLE:
            raise Unsound("it is damaged: a length in it is no number")
        return int(self._number(mark))

    def _text(self) -> str:
        return self.take(self._size()).decode()

    def _object(self, depth: int) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while self._data[self.position : self.position + 1] != b"}":
            key = self._text()
            if key in items:
                raise Unsound(f"it holds {key!r} twice")
            items[key] = self.value(self.take(1), depth + 1)
        self.position += 1
        return items

    def _array(self, depth: int) -> Any:
        """An array of one type of numbers, one of a known length, or one that ends with its own mark."""
        first = self.take(1)
        if first == b"$":
            return self._numbers()
        values = []
        if first == b"#":
            for _ in range(self._size()):
                values.append(self.value(self.take(1), depth + 1))
            return values
        while first != b"]":
            values.append(self.value(first, depth + 1))
            first = self.take(1)
        return values

    def _numbers(self) -> Any:
        mark = self.take(1)
        if mark not in NUMBERS or self.take(1) != b"#":
            raise Unsound("it is damaged: an array of it has no known type and length")
        dtype = np.dtype(NUMBERS[mark])
        size = self._size()
        return np.frombuffer(self.take(size * dtype.itemsize), dtype)
