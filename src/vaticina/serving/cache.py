"""The answer cache: a runtime that asks its model only for rows it was not asked for lately."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import Any, NamedTuple

import numpy as np

from vaticina.contract import Matrix, Outputs, Runtime
from vaticina.errors import PredictionFailed

Values = tuple[Any, ...]
"""One row of a model's columns, in their order."""


class CachedRow(NamedTuple):
    """A row's outputs, good before the moment ``end`` of the cache's clock."""

    values: Values
    end: float


class CachedRuntime:
    """Remembers what ``runtime`` gave for the last ``size`` different rows, each for ``ttl`` seconds.

    It stands around one version's model, so that a swap leaves its cache behind, and it is asked by that version's
    engine thread alone. A row is known by its encoded form, which is all that the model sees of it. Whatever stands
    around the model (validation, uid, time, history) happens for every request all the same.
    """

    def __init__(self, runtime: Runtime, size: int, ttl: float, clock: Callable[[], float] = monotonic) -> None:
        self._runtime = runtime
        self._size = size
        self._ttl = ttl
        self._clock = clock
        self._kept: OrderedDict[bytes, CachedRow] = OrderedDict()
        self._names: Sequence[str] = ()

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix``; equal rows among those that the model is asked for are asked once.

        Raises PredictionFailed when the model gives more or fewer rows than it was asked for.
        """
        keys = [row.tobytes() for row in matrix]
        now = self._clock()
        found = {key: self._recall(key, now) for key in keys}
        asked = {key: at for at, key in enumerate(keys) if found[key] is None}
        if asked:
            fresh = self._runtime.predict(matrix[list(asked.values())])
            if fresh.size != len(asked):
                raise PredictionFailed(f"The model answered {fresh.size} rows to {len(asked)}.")
            self._names = tuple(fresh.columns)
            found |= zip(asked, _rows(fresh), strict=True)
            self._remember({key: found[key] for key in asked}, now + self._ttl)
        rows = [found[key] for key in keys]
        columns = zip(*rows, strict=True)
        return Outputs(len(keys), {n: np.array(column) for n, column in zip(self._names, columns, strict=True)})

    def close(self) -> None:
        """Forgets everything and closes the model."""
        self._kept.clear()
        self._runtime.close()

    def _recall(self, key: bytes, now: float) -> Values | None:
        kept = self._kept.get(key)
        if kept is None or kept.end <= now:
            return None
        self._kept.move_to_end(key)
        return kept.values

    def _remember(self, rows: dict[bytes, Any], end: float) -> None:
        for key, values in rows.items():
            self._kept[key] = CachedRow(values, end)
            self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)


def _rows(outputs: Outputs) -> Iterator[Values]:
    """Each row's values, copied: else one kept row would keep its whole batch."""
    return zip(*([value.copy() for value in column] for column in outputs.columns.values()), strict=True)
