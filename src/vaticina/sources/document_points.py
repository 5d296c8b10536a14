"""The points of a time series, read from the documents of a collection."""

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
"""Why a document is left out: the field is missing or null, or its value is not a time or not a number."""


@dataclass(frozen=True, slots=True)
class Points:
    """A series in the order of time: ``times`` in microseconds since 1970 and ``values``, both of shape (n,).

    ``documents`` is how many were read, ``skipped`` how many of them were left out, by reason.
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
class _PointCollector:
    """Collects the points of documents, at 16 bytes each, so that the documents need not stay in memory."""

    time: str
    value: str
    zone: tzinfo
    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    documents: int = 0
    skipped: dict[str, int] = field(default_factory=lambda: dict.fromkeys(REASONS, 0))

    def add(self, batch: Sequence[Document]) -> None:
        self.documents += len(batch)
        for document in batch:
            reason = self._add(field_value(document, self.time), field_value(document, self.value))
            if reason:
                self.skipped[reason] += 1

    def _add(self, time: Any, value: Any) -> str | None:
        """Adds a point, or returns the reason why it is left out."""
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
    """The series in the field ``value`` of the newest ``limit`` documents of ``collection``, or of all.

    Points with the same time keep the order in which they were read. Raises CollectionsUnavailable.
    """
    collector = _PointCollector(time, value, zone)
    async for batch in collections.read(collection, [time, value], limit):
        collector.add(batch)
    times, values = np.array(collector.times, dtype=np.int64), np.array(collector.values, dtype=np.float64)
    order = np.argsort(times, kind="stable")
    return Points(times[order], values[order], collector.documents, collector.skipped)


def field_value(document: Document, name: str) -> Any:
    """The value of the field ``name``; dots lead into inner documents: ``additional_features.humidity``."""
    if name in document or "." not in name:
        return document.get(name)
    first, _, rest = name.partition(".")
    inner = document.get(first)
    if isinstance(inner, dict):
        return field_value(inner, rest)
    return None


def as_number(value: Any) -> float | None:
    """``value`` as a float; None when it is not a finite number, such as a text, a flag or NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    if isfinite(number) and abs(number) <= FLOAT_LIMIT:
        return number
    return None


def numeric_columns(documents: Sequence[Document], time: str = "timestamp") -> list[str]:
    """The fields of ``documents`` that hold numbers, in the order in which they first appear."""
    names: dict[str, None] = {}
    for document in documents:
        for name, value in document.items():
            if name not in ("_id", time) and as_number(value) is not None:
                names[name] = None
    return list(names)
