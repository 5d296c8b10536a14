"""The answer cache: a runtime that remembers the outputs of its model for the last rows."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from operator import methodcaller
from time import monotonic
from typing import Any, NamedTuple

import numpy as np

from vaticina.contract import Matrix, Outputs, Runtime
from vaticina.errors import PredictionFailed

Values = tuple[Any, ...]
"""One row of a model's columns, in their order."""


class CachedRow(NamedTuple):
    """The outputs of a row, valid until the cache's clock shows ``end``."""

    values: Values
    end: float


class CachedRuntime:
    """Remembers the outputs of ``runtime`` for the last ``size`` different rows, each for ``ttl`` seconds.

    Each version has its own cache, which ends with it, and only the engine thread uses it. Two rows are the same when
    their encoded forms are, since the model sees nothing else. Validation, uid, time and history are never cached.
    """

    def __init__(self, runtime: Runtime, size: int, ttl: float, clock: Callable[[], float] = monotonic) -> None:
        self._runtime = runtime
        self._size = size
        self._ttl = ttl
        self._clock = clock
        self._cache: OrderedDict[bytes, CachedRow] = OrderedDict()
        self._names: Sequence[str] = ()

    def predict(self, matrix: Matrix) -> Outputs:
        """The outputs for ``matrix``. The model is asked only for rows that are not cached, and for equal ones once.

        Raises PredictionFailed when the model answers more or fewer rows than it was asked for.
        """
        keys = [row.tobytes() for row in matrix]
        now = self._clock()
        answers: dict[bytes, Values] = {}
        missing: dict[bytes, int] = {}
        for index, key in enumerate(keys):
            values = self._cached(key, now)
            if values is None:
                missing[key] = index
            else:
                answers[key] = values
        if missing:
            outputs = self._runtime.predict(matrix[list(missing.values())])
            if outputs.size != len(missing):
                raise PredictionFailed(f"The model answered {outputs.size} rows to {len(missing)}.")
            self._names = tuple(outputs.columns)
            answered = dict(zip(missing, _rows(outputs), strict=True))
            self._store(answered, now + self._ttl)
            answers |= answered
        columns = zip(*(answers[key] for key in keys), strict=True)
        return Outputs(len(keys), dict(zip(self._names, map(np.array, columns), strict=True)))

    def close(self) -> None:
        """Forgets everything and closes the model."""
        self._cache.clear()
        self._runtime.close()

    def _cached(self, key: bytes, now: float) -> Values | None:
        row = self._cache.get(key)
        if row is None or row.end <= now:
            return None
        self._cache.move_to_end(key)
        return row.values

    def _store(self, rows: dict[bytes, Values], end: float) -> None:
        for key, values in rows.items():
            self._cache[key] = CachedRow(values, end)
            self._cache.move_to_end(key)
        while len(self._cache) > self._size:
            self._cache.popitem(last=False)


def _rows(outputs: Outputs) -> Iterator[Values]:
    """The values of each row, copied: a view in the cache would keep the arrays of its whole batch in memory."""
    columns = (map(methodcaller("copy"), column) for column in outputs.columns.values())
    return zip(*columns, strict=True)
