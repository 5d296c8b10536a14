"""A collection's documents as the points of one series, and what had to be left out of it."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.contract.fields import FLOAT_LIMIT
from vaticina.sources.collections import Collections, Document
from vaticina.sources.document_time import microseconds

REASONS = ("without_timestamp", "bad_timestamp", "without_value", "bad_value")
"""Why documents are left out: the field is missing (or null), or is of a type that is no moment or no number."""


@dataclass(frozen=True, slots=True)
class Points:
    """A series in the order of time: ``times`` in microseconds since 1970 and ``values``, both of shape (n,).

    ``documents`` were read; ``skipped`` counts those that are no points, by reason.
    """

    times: NDArray[np.int64]
    values: NDArray[np.float64]
    documents: int
    skipped: dict[str, int]

    @property
    def size(self) -> int:
        """How many points there are."""
        return len(self.times)


@dataclass(slots=True)
class _Reading:
    """16 bytes a point: a million documents are not kept as objects."""

    time: str
    value: str
    zone: tzinfo
    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    documents: int = 0
    skipped: dict[str, int] = field(default_factory=lambda: dict.fromkeys(REASONS, 0))

    def take(self, batch: Sequence[Document]) -> None:
        self.documents += len(batch)
        for document in batch:
            reason = self._keep(found(document, self.time), found(document, self.value))
            if reason:
                self.skipped[reason] += 1

    def _keep(self, time: Any, value: Any) -> str | None:
        """Keeps a point, or says why it is none."""
        if time is None:
            return "without_timestamp"
        if value is None:
            return "without_value"
        moment = microseconds(time, self.zone)
        if moment is None:
            return "bad_timestamp"
        number = as_number(value)
        if number is None:
            return "bad_value"
        self.times.append(moment)
        self.values.append(number)
        return None


async def read_points(
    collections: Collections,
    collection: str,
    value: str,
    *,
    time: str = "timestamp",
    zone: tzinfo = UTC,
    limit: int | None = None,
) -> Points:
    """The series in the field ``value`` of ``collection``: of the newest ``limit`` documents, or of all.

    Points of one moment keep the order in which they were read. Raises CollectionsUnavailable.
    """
    reading = _Reading(time, value, zone)
    async for batch in collections.read(collection, [time, value], limit):
        reading.take(batch)
    times, values = np.array(reading.times, dtype=np.int64), np.array(reading.values, dtype=np.float64)
    order = np.argsort(times, kind="stable")
    return Points(times[order], values[order], reading.documents, reading.skipped)


def found(document: Document, name: str) -> Any:
    """The field ``name``, or the one that its dots lead to: ``additional_features.humidity``."""
    if name in document or "." not in name:
        return document.get(name)
    first, _, rest = name.partition(".")
    inner = document.get(first)
    return found(inner, rest) if isinstance(inner, dict) else None


def as_number(value: Any) -> float | None:
    """``value`` as a float; None for what is no finite number: a text, a flag, NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if isfinite(number) and abs(number) <= FLOAT_LIMIT else None


def numeric_columns(documents: Sequence[Document], time: str = "timestamp") -> list[str]:
    """The fields of ``documents`` that hold numbers, in the order in which they are met."""
    names = (name for document in documents for name, value in document.items() if as_number(value) is not None)
    return [name for name in dict.fromkeys(names) if name not in ("_id", time)]
