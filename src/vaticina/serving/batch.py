"""A batch: the requests that the engine answers together."""

import logging
from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import repeat
from time import perf_counter_ns
from typing import Any

import numpy as np
import uuid_utils

from vaticina.contract import Matrix, Outputs, Record, Shaped
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideRows, count_outside, outside_names
from vaticina.contract.sentence import Sentence
from vaticina.errors import HistoryUnavailable, IdempotencyConflict, PredictionFailed, VaticinaError, WorkerLost
from vaticina.serving.recorder import Recorder
from vaticina.serving.slot import LoadedVersion

log = logging.getLogger("vaticina")


@dataclass(slots=True, eq=False)
class Prediction:
    """The result of a request: a uid and an answer for each of its rows, and the id of the version.

    ``outside`` names the inputs that lay, in any row, outside what training saw.
    """

    uids: list[str]
    bodies: list[bytes]
    version: str
    outside: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Request:
    """The rows of one HTTP request. ``arrived`` is the time by ``perf_counter_ns``, ``key`` the idempotency key."""

    rows: list[dict[str, Any]]
    loaded: LoadedVersion
    future: "Future[Prediction]"
    request_id: str
    principal: str | None
    arrived: int
    key: str | None = None


Result = Prediction | VaticinaError


def new_uids(count: int) -> list[str]:
    """``count`` UUIDv7 in order. Those of a list are consecutive numbers, so that the first one gives the others."""
    first = uuid_utils.uuid7()
    if count == 1:
        return [str(first)]
    return [str(uuid_utils.UUID(int=first.int + offset)) for offset in range(count)]


def answer(requests: Sequence[Request], recorder: Recorder, max_batch: int) -> list[Result]:
    """Predicts, records and shapes the answers of ``requests``, all for one version: one result for each, in order.

    A row that makes the model fail fails its own request only: the batch is halved until that request is alone.
    """
    try:
        predictions, records, outside = _predict(requests, max_batch)
    except WorkerLost as error:  # halving would start a new worker for each half
        return [error] * len(requests)
    except BaseException as error:  # a model's code may even call exit; then too, one row is the cause
        return _answer_halves(requests, recorder, max_batch) or [_failure(requests[0], error, max_batch)]
    try:
        recorder.record(records, count_outside(outside) if outside else NONE_OUTSIDE)
    except HistoryUnavailable as error:
        return [error] * len(requests)
    except IdempotencyConflict as error:  # the key of one request among them
        return _answer_halves(requests, recorder, max_batch) or [error]
    except Exception as error:  # the database refuses a row; the other requests are recorded
        return _answer_halves(requests, recorder, max_batch) or [_unrecorded(requests[0], error)]
    return list(predictions)


def _answer_halves(requests: Sequence[Request], recorder: Recorder, max_batch: int) -> list[Result]:
    """The results of both halves, each answered by itself; none for a single request, which cannot be halved."""
    if len(requests) == 1:
        return []
    half = len(requests) // 2
    return answer(requests[:half], recorder, max_batch) + answer(requests[half:], recorder, max_batch)


def _predict(requests: Sequence[Request], max_batch: int) -> tuple[list[Prediction], list[Record], OutsideRows]:
    loaded = requests[0].loaded
    rows = [row for request in requests for row in request.rows]
    groups = [new_uids(len(request.rows)) for request in requests]
    uids = [uid for group in groups for uid in group]
    time = datetime.now(UTC)
    matrix = loaded.encoder.matrix(rows)
    outputs = _outputs(loaded, matrix, max_batch)
    outside = loaded.seen.outside(matrix)
    shaped = loaded.answers.shape(rows, outputs, uids, time, outside)
    predictions: list[Prediction] = []
    start = 0
    for group in groups:
        stop = start + len(group)
        names = outside_names(outside, start, stop) if outside else ()
        predictions.append(Prediction(group, shaped.bodies[start:stop], loaded.version, names))
        start = stop
    return predictions, _records(requests, uids, shaped, outside, time), outside


def _outputs(loaded: LoadedVersion, matrix: Matrix, max_batch: int) -> Outputs:
    if len(matrix) <= max_batch:
        return loaded.outputs(matrix)
    parts = [loaded.outputs(matrix[start : start + max_batch]) for start in range(0, len(matrix), max_batch)]
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    return Outputs(len(matrix), columns)


_record = partial(tuple.__new__, Record)
"""Makes a record of its fields in order. ``Record(...)`` with names would take as long as inserting the row."""


def _records(
    requests: Sequence[Request], uids: Sequence[str], shaped: Shaped, outside: OutsideRows, time: datetime
) -> list[Record]:
    manifest = requests[0].loaded.bundle.manifest
    now = perf_counter_ns()
    callers = [
        (request.request_id, index, request.key, request.principal, (now - request.arrived) // 1_000)
        for request in requests
        for index in range(len(request.rows))
    ]
    ids, indices, keys, principals, latencies = zip(*callers, strict=True)
    columns = (
        uids,
        ids,
        indices,
        keys,
        repeat(manifest.project),
        repeat(manifest.version),
        repeat("production"),
        repeat(time),
        map(bytes.decode, shaped.inputs),
        map(bytes.decode, shaped.outputs),
        shaped.labels,
        shaped.scores,
        map(outside.__contains__, range(len(uids))),
        principals,
        latencies,
    )
    return list(map(_record, zip(*columns, strict=False)))


def _failure(request: Request, error: BaseException, max_batch: int) -> VaticinaError:
    """The error for a request on which the model failed; for a list it names the row."""
    log.error("request %s: the model of version %s failed", request.request_id, request.loaded.version, exc_info=error)
    if len(request.rows) == 1:
        return PredictionFailed()
    row = _first_failing(request, max_batch)
    if row is None:
        return PredictionFailed(Sentence("list_failed"))
    return PredictionFailed(Sentence("row_failed", row=row), row=row)


def _first_failing(request: Request, max_batch: int) -> int | None:
    """The index of the first row that fails, found by halving: row by row, a long list would block the engine."""
    low, high = 0, len(request.rows)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _answers(request, low, middle, max_batch) else (low, middle)
    return None if _answers(request, low, high, max_batch) else low


def _answers(request: Request, low: int, high: int, max_batch: int) -> bool:
    try:
        _predict([replace(request, rows=request.rows[low:high])], max_batch)
    except BaseException:
        return False
    return True


def _unrecorded(request: Request, error: Exception) -> VaticinaError:
    log.error("request %s could not be recorded", request.request_id, exc_info=error)
    return HistoryUnavailable()
