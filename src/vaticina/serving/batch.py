"""A batch: what one turn of the engine answers together."""

import logging
from asyncio import Future
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter_ns
from typing import Any

import numpy as np
import uuid_utils

from vaticina.contract import Answered, Matrix, Outputs, Record
from vaticina.errors import HistoryUnavailable, PredictionFailed, VaticinaError
from vaticina.serving.recorder import Recorder
from vaticina.serving.slot import Loaded

log = logging.getLogger("vaticina")


@dataclass(slots=True, eq=False)
class Prediction:
    """What a request gets back: one uid and one answer for each of its rows, and the version that gave them."""

    uids: list[str]
    answers: list[Answered]
    version: str


@dataclass(slots=True, eq=False)
class Request:
    """Rows of one HTTP request, waiting: ``arrived`` by ``perf_counter_ns``, ``deadline`` by the loop's clock."""

    rows: list[dict[str, Any]]
    loaded: Loaded
    future: "Future[Prediction]"
    request_id: str
    principal: str | None
    arrived: int
    deadline: float


Result = Prediction | VaticinaError


def new_uids(count: int) -> list[str]:
    """``count`` UUIDv7 in order; those of a list follow each other as numbers, so that the first tells the others."""
    first = uuid_utils.uuid7()
    if count == 1:
        return [str(first)]
    return [str(uuid_utils.UUID(int=first.int + at)) for at in range(count)]


def answer(requests: Sequence[Request], recorder: Recorder, max_batch: int) -> list[Result]:
    """Predicts, records and shapes the answers of ``requests``, all of one version; one result for each, in order.

    A row that makes the model fail fails its own request and no other: the batch is then answered request by request.
    """
    try:
        return list(_answer_together(requests, recorder, max_batch))
    except HistoryUnavailable as error:
        return [error] * len(requests)
    except Exception as error:
        if len(requests) > 1:
            return [result for request in requests for result in answer([request], recorder, max_batch)]
        return [_failure(requests[0], error)]


def _answer_together(requests: Sequence[Request], recorder: Recorder, max_batch: int) -> list[Prediction]:
    loaded = requests[0].loaded
    rows = [row for request in requests for row in request.rows]
    matrix = loaded.encoder.matrix(rows)
    outputs = _outputs(loaded, matrix, max_batch)
    groups = [new_uids(len(request.rows)) for request in requests]
    time = datetime.now(UTC)
    answers = loaded.answers.shape(rows, outputs, [uid for uids in groups for uid in uids], time)
    outside = loaded.seen.outside(matrix)
    predictions, records, at = [], [], 0
    for request, uids in zip(requests, groups, strict=True):
        own = answers[at : at + len(uids)]
        predictions.append(Prediction(uids, own, loaded.version))
        records += _records(request, uids, own, outside[at : at + len(uids)], time)
        at += len(uids)
    recorder.record(records)
    return predictions


def _outputs(loaded: Loaded, matrix: Matrix, max_batch: int) -> Outputs:
    if len(matrix) <= max_batch:
        return loaded.outputs(matrix)
    parts = [loaded.outputs(matrix[at : at + max_batch]) for at in range(0, len(matrix), max_batch)]
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    return Outputs(len(matrix), columns)


def _records(
    request: Request, uids: Sequence[str], answers: Sequence[Answered], outside: Sequence[bool], time: datetime
) -> list[Record]:
    manifest = request.loaded.bundle.manifest
    name, version, own, caller = manifest.project, manifest.version, request.request_id, request.principal
    latency = (perf_counter_ns() - request.arrived) // 1_000
    return [
        # by position, in the order of Record's fields: naming fifteen of them doubles the cost of a row
        Record(
            uid,
            own,
            index,
            None,
            name,
            version,
            "production",
            time,
            entry.decode(),
            output.decode(),
            label,
            score,
            outside[index],
            caller,
            latency,
        )
        for index, (uid, (_, entry, output, label, score)) in enumerate(zip(uids, answers, strict=True))
    ]


def _failure(request: Request, error: Exception) -> VaticinaError:
    """The error for a request whose model failed, naming the row of a list that made it fail."""
    log.error("request %s: the model of version %s failed", request.request_id, request.loaded.version, exc_info=error)
    if len(request.rows) == 1:
        return PredictionFailed()
    bad = next((index for index, row in enumerate(request.rows) if not _answers(request.loaded, row)), None)
    return PredictionFailed(None if bad is None else f"The model failed on row {bad}; no row was answered.", row=bad)


def _answers(loaded: Loaded, row: dict[str, Any]) -> bool:
    try:
        loaded.outputs(loaded.encoder.matrix([row]))
    except Exception:
        return False
    return True
