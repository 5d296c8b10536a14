"""How validated rows become the float64 matrix that models take."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from vaticina.contract.contract import INSTANT_PARTS, Contract
from vaticina.contract.fields import Category, Identifier, Instant, Series
from vaticina.contract.instants import utc

Matrix = NDArray[np.float64]

Encode = Callable[[Any], float]


class Encoder:
    """Encodes rows of one contract.

    Numbers stand as they are, flags as 0 and 1, a category as its index in the contract's list (one not in the list
    as the list's length), an instant as ``INSTANT_PARTS``; what is missing is NaN. A series becomes the moment of its
    last point (seconds since 1970, UTC) and its last values in the order of time, as many as the longest window takes,
    right-aligned.
    """

    def __init__(self, contract: Contract) -> None:
        self.width = len(contract.columns)
        self._zone = contract.zone
        features = {name: field for name, field in contract.inputs.items() if not isinstance(field, Identifier)}
        self._codes = {name: _code(field) for name, field in features.items() if isinstance(field, Category)}
        self._instants = {name for name, field in features.items() if isinstance(field, Instant)}
        self._series = {name for name, field in features.items() if isinstance(field, Series)}
        self._longest = contract.longest
        self._names = tuple(features)
        self._plain = not self._codes and not self._instants and not self._series

    def matrix(self, rows: Sequence[Mapping[str, Any]]) -> Matrix:
        """The matrix of ``rows``: (rows, columns) float64."""
        if self._plain:
            return self._plain_matrix(rows)
        out = np.empty((len(rows), self.width), dtype=np.float64)
        at = 0
        for name in self._names:
            values = [row[name] for row in rows]
            if name in self._instants:
                parts = [_parts(value, self._zone) for value in values]
                out[:, at : at + len(INSTANT_PARTS)] = np.array(parts).reshape(len(rows), len(INSTANT_PARTS))
                at += len(INSTANT_PARTS)
                continue
            if name in self._series:
                out[:, at : at + 1 + self._longest] = [_tail(points, self._longest) for points in values]
                at += 1 + self._longest
                continue
            out[:, at] = list(map(self._codes[name], values)) if name in self._codes else values
            at += 1
        return out

    def _plain_matrix(self, rows: Sequence[Mapping[str, Any]]) -> Matrix:
        values = list(map(itemgetter(*self._names), rows))
        return np.array(values, dtype=np.float64).reshape(len(rows), self.width)  # None becomes NaN


def _code(field: Category) -> Encode:
    codes: dict[Any, float] = {value: float(index) for index, value in enumerate(field.known)}
    unseen = float(len(codes))
    return lambda value: float("nan") if value is None else codes.get(value, unseen)


def _tail(points: Sequence[Mapping[str, Any]], longest: int) -> list[float]:
    """The last moment and the ``longest`` last values; NaN stands before the first of a shorter series."""
    ordered = sorted(points, key=_MOMENT)
    last = [point["value"] for point in ordered[-longest:]] if longest else []
    return [ordered[-1]["timestamp"].timestamp(), *[float("nan")] * (longest - len(last)), *last]


_MOMENT = itemgetter("timestamp")


def _parts(moment: datetime | None, zone: ZoneInfo) -> tuple[float, ...]:
    if moment is None:
        return (float("nan"),) * len(INSTANT_PARTS)
    local = utc(moment, zone).astimezone(zone)
    return local.timestamp(), float(local.hour), float(local.weekday()), float(local.month)
