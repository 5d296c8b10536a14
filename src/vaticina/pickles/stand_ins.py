"""What is opened in the place of objects that no prediction needs, and of pandas' texts.

The names of these objects lead here (``stand_in_names.py``), so nothing of their libraries is imported. This file is
also read by interpreters of other versions, so it imports nothing but numpy, and needs no more than Python 3.7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

MOST_NAMES = 1_000_000
"""How many columns an index may name."""


class Ignored:
    """Stands for an object that no prediction needs, such as how a search split its rows. It keeps nothing."""

    def __new__(cls, *_arguments: Any, **_keywords: Any) -> Ignored:
        """An object that has none of its arguments."""
        return super().__new__(cls)

    def __setstate__(self, _state: Any) -> None:
        """Keeps no attribute."""

    def __setitem__(self, _key: Any, _value: Any) -> None:
        """Keeps no item."""

    def append(self, _value: Any) -> None:
        """Keeps no item."""

    def extend(self, _values: Any) -> None:
        """Keeps no item."""


def ignored_attribute(owner: Any, _name: str) -> Ignored:
    """Stands for an attribute of an ignored object. Raises ValueError for one of any other object."""
    if type(owner) is not Ignored:
        raise ValueError("an attribute of an object that is not ignored")
    return Ignored()


class SkippedSampler(Ignored):
    """Stands for a step that changes which rows a model is fitted to, and passes rows on as they are afterwards."""

    def fit(self, _rows: Any, _target: Any = None) -> SkippedSampler:
        """Learns nothing."""
        return self

    def transform(self, rows: Any) -> Any:
        """``rows`` as they are."""
        return rows


class TextArray:
    """Stands for an array of texts of pandas, as a pickle gives it its state; ``texts`` are its values."""

    texts: list[str] | None = None

    def __setstate__(self, state: Any) -> None:
        """Raises ValueError unless the state holds one array of texts."""
        values = list(state.values()) if isinstance(state, dict) else list(state)
        found = [value for value in values if isinstance(value, (np.ndarray, list))]
        if len(found) != 1:
            raise ValueError("an array of texts of pandas in a way pandas does not write it")
        self.texts = _plain_texts(found[0])


def new_text_array(_array_class: Any, _checksum: int, _state: None) -> TextArray:
    """An array of texts before it is given its state, as pandas makes one that numpy holds."""
    return TextArray()


def arrow_type(alias: str) -> str:
    """The name of a type of Arrow."""
    return alias


def arrow_buffer(data: bytes) -> bytes:
    """The bytes of a buffer of Arrow."""
    return bytes(data)


def arrow_texts(parts: tuple[Any, ...]) -> list[str]:
    """The texts of an array of Arrow.

    ``parts`` are its type, its length, the number of missing values, where it begins, and its buffers: which values are
    there, where each text begins, and the bytes of all (https://arrow.apache.org/docs/format/Columnar.html).

    Raises:
        ValueError: they are no texts, some are missing, or a text lies outside of the bytes.
    """
    kind, length, missing, start, (_, places, data), *_ = parts
    width = {"string": "<i4", "large_string": "<i8"}.get(kind)
    if width is None or missing or not 0 <= length <= MOST_NAMES or start < 0:
        raise ValueError("an array of Arrow that is no array of texts")
    ends = np.frombuffer(places, dtype=width)[start : start + length + 1].tolist()
    if len(ends) != length + 1 or ends != sorted(ends) or ends[0] < 0 or ends[-1] > len(data):
        raise ValueError("an array of Arrow whose texts lie outside of it")
    texts = []
    for number in range(length):
        texts.append(data[ends[number] : ends[number + 1]].decode("utf-8"))
    return texts


def arrow_chunks(chunks: list[list[str]], _kind: str) -> list[str]:
    """The texts of an array of Arrow that is in several pieces."""
    texts: list[str] = []
    for chunk in chunks:
        texts += _plain_texts(chunk)
    return texts


def column_names(_index_class: Any, attributes: dict[str, Any]) -> list[Any]:
    """The columns that an index of pandas names: texts, or whole numbers.

    Raises:
        ValueError: it holds anything else, as a MultiIndex and an index of dates do.
    """
    if "start" in attributes:
        numbers = range(attributes["start"], attributes["stop"], attributes["step"])
        if len(numbers) > MOST_NAMES:
            raise ValueError("an index of more columns than a table has")
        return list(numbers)
    data = attributes.get("data")
    if isinstance(data, TextArray):
        return list(data.texts or ())
    if isinstance(data, np.ndarray) and data.ndim == 1 and data.dtype.kind in "iu":
        whole: list[int] = data.tolist()
        return whole
    return _plain_texts(data)


def _plain_texts(values: Any) -> list[str]:
    """``values``, an array or a list, as a list of texts. Raises ValueError when one of them is something else."""
    if isinstance(values, np.ndarray) and values.ndim == 1:
        values = values.tolist()
    if not isinstance(values, list):
        raise ValueError("an index of pandas that names no columns")
    for value in values:
        if not isinstance(value, str):
            raise ValueError("an index of pandas whose names are not texts")
    return values
