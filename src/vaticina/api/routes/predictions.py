"""``/predictions``: the history, newest first, and its statistics."""

from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Query
from starlette.responses import Response

from vaticina.api.operation import Operation, component, ref
from vaticina.api.response import as_json
from vaticina.api.routes.register import register
from vaticina.api.service import Service
from vaticina.contract.answers import written
from vaticina.contract.contract import Contract
from vaticina.contract.fields import Moment
from vaticina.contract.instants import utc
from vaticina.contract.sentence import Sentence
from vaticina.errors import HistoryUnavailable, InvalidQuery, NotFound
from vaticina.history import StoredPrediction

MAX_PAGE = 1_000
MAX_SEQ = 2**63 - 1
"""The largest id a database can hold."""

STORABLE = r"^[^\x00]*$"
"""Text that any database can be asked for: PostgreSQL takes no NUL, and would seem to be away."""


def predictions_router(service: Service) -> APIRouter:
    """The history's routes of ``service``."""
    router = APIRouter(tags=["history"])
    reader = Reader(service)
    name = service.project.name
    page = Operation(
        "List the recorded predictions, newest first.",
        ref(component(name, "Predictions")),
        (InvalidQuery, HistoryUnavailable),
    )
    statistics = Operation("Count the recorded predictions.", ref(component(name, "Statistics")), (HistoryUnavailable,))
    detail = Operation(
        "Show one recorded prediction by its uid.",
        ref(component(name, "PredictionDetail")),
        (HistoryUnavailable,),
        not_found="No prediction has this uid.",
    )
    register(router, "/predictions", reader.page, "read", page)
    register(router, "/predictions/stats", reader.stats, "read", statistics)
    register(router, "/predictions/{uid}", reader.detail, "read", detail)
    return router


class Reader:
    """The endpoints, over one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._names = service.project.history.names
        self._zone = ZoneInfo(service.project.project.timezone)

    def page(
        self,
        before: Annotated[
            int | None,
            Query(ge=0, le=MAX_SEQ, description="only predictions with a smaller id: the last id of a page"),
        ] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        since: Annotated[Moment | None, Query(description="from this moment on (ISO 8601)")] = None,
        until: Annotated[Moment | None, Query(description="before this moment (ISO 8601)")] = None,
        label: Annotated[str | None, Query(pattern=STORABLE, description="only predictions with this label")] = None,
    ) -> Response:
        """The newest predictions; `next` is what to send as `before` for the page that follows, null on the last."""
        stored = self._service.archive.page(
            self._service.project.name,
            before=before,
            limit=limit,
            since=utc(since, self._zone) if since else None,
            until=utc(until, self._zone) if until else None,
            label=label,
        )
        contract = self._service.contract
        answer = {
            self._names.get("total", "total"): self._service.archive.total(self._service.project.name),
            self._names.get("predictions", "predictions"): [_entry(contract, prediction) for prediction in stored],
            self._names.get("next", "next"): stored[-1].seq if len(stored) == limit else None,
        }
        return as_json(answer)

    def stats(self) -> Response:
        """How many predictions there are, how many per label and outside of each input's seen values, the last five."""
        statistics = self._service.archive.stats(self._service.project.name)
        contract = self._service.contract
        last_time = written(statistics.last_time, _offset(contract)) if statistics.last_time else None
        answer: dict[str, Any] = {
            self._names.get("total", "total"): statistics.total,
            self._names.get("by_label", "by_label"): dict(statistics.by_label),
            self._names.get("last", "last"): [_entry(contract, prediction) for prediction in statistics.last],
            self._names.get("last_time", "last_time"): last_time,
        }
        outside = outside_key(self._names)
        if outside is not None:
            answer[outside] = dict(statistics.outside)
        return as_json(answer)

    def detail(self, uid: str) -> Response:
        """The prediction that an answer named in `Vaticina-Prediction`."""
        stored = self._service.archive.find(self._service.project.name, uid) if "\0" not in uid else None
        if stored is None:
            raise NotFound(Sentence("no_prediction", project=self._service.project.name, uid=uid[:64]))
        record = stored.record
        extra = {
            "uid": record.uid,
            "version": record.version,
            "request_id": record.request_id,
            "outside_range": record.outside_range,
        }
        return as_json({**_entry(self._service.contract, stored), **extra})


def outside_key(names: Mapping[str, str]) -> str | None:
    """What the statistics call the counts of inputs that lay outside of what training saw.

    None when they leave them out: a project with other names for its keys gets only the keys that it names.
    """
    return names.get("outside") if names else "outside"


def _offset(contract: Contract) -> bool:
    return all(output.offset for output in contract.outputs.values())


def _entry(contract: Contract, stored: StoredPrediction) -> dict[str, Any]:
    """A kept prediction: its id, its input under the name the contract gives it, and what was answered."""
    record = stored.record
    copy = next((name for name, output in contract.outputs.items() if output.quantity == "input"), "input")
    entry = {"id": stored.seq, copy: orjson.Fragment(record.input), **orjson.loads(record.output)}
    if not any(output.quantity == "time" for output in contract.outputs.values()):
        entry["time"] = written(record.time)
    return entry
