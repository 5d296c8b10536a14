"""``/collections``, ``/data/sample`` and ``/database/test``: what there is to train on."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from vaticina.api.operation import Operation, ref
from vaticina.api.routes.register import register
from vaticina.api.service import Service
from vaticina.errors import CollectionsUnavailable, InvalidQuery, NoData, SettingsError
from vaticina.sources import Collections
from vaticina.sources.points import as_number, numeric_columns
from vaticina.sources.series import no_data

MAX_SAMPLE = 1_000


NAMES = Operation("List the collections.", ref("Collections"), (CollectionsUnavailable,))
INFO = Operation("Describe a collection.", ref("Collection"), (NoData, CollectionsUnavailable))
SAMPLE = Operation(
    "Show the newest documents of a collection.", ref("Sample"), (NoData, InvalidQuery, CollectionsUnavailable)
)
TEST = Operation("Tell whether the database of the collections answers.", ref("Database"))


def collections_router(service: Service) -> APIRouter:
    """The collections' routes of ``service``; none unless it trains over HTTP."""
    router = APIRouter(tags=["collections"])
    if service.training is None:
        return router
    seen = Seen(service.training.collections, service.training.wanted.time)
    register(router, "/collections", seen.names, "read", NAMES)
    register(router, "/collections/{name}/info", seen.info, "read", INFO)
    register(router, "/data/sample/{name}", seen.sample, "read", SAMPLE)
    register(router, "/database/test", seen.test, "read", TEST)
    return router


class Seen:
    """The endpoints, over one project's collections; ``time`` is the field of their moments."""

    def __init__(self, kept: Collections, time: str) -> None:
        self._kept = kept
        self._time = time

    async def names(self) -> dict[str, Any]:
        """The collections."""
        found = await self._kept.names()
        return {"status": "success", "collections": found, "count": len(found)}

    async def info(self, name: str) -> dict[str, Any]:
        """A collection: how many documents, one of them, and from when to when."""
        found = await self._kept.info(name)
        if not found.documents:
            raise no_data(name)
        described = {
            "collection_name": name,
            "document_count": found.documents,
            "sample_document": found.sample,
            "date_range": {"start": found.start, "end": found.end} if found.start else None,
        }
        return {"status": "success", "info": described}

    async def sample(self, name: str, limit: Annotated[int, Query(ge=1, le=MAX_SAMPLE)] = 10) -> dict[str, Any]:
        """The newest documents, with the numbers of each field in the order of time."""
        documents = await self._kept.sample(name, limit)
        if not documents:
            raise no_data(name)
        points = {column: self._points(documents, column) for column in numeric_columns(documents, self._time)}
        return {
            "status": "success",
            "collection": name,
            "sample_size": len(documents),
            "data": points,
            "total_records": {column: len(found) for column, found in points.items()},
            "documents": documents,
        }

    async def test(self) -> dict[str, Any]:
        """Whether the database answers, and what is in it."""
        try:
            server, found = await self._kept.ping(), await self._kept.names()
        except (CollectionsUnavailable, SettingsError) as error:
            return {"status": "error", "error": error.message}
        return {
            "status": "connected",
            "database": server.database,
            "server_version": server.version,
            "collections": found,
            "collection_count": len(found),
        }

    def _points(self, documents: Sequence[dict[str, Any]], column: str) -> list[dict[str, Any]]:
        """Those that hold a number, oldest first."""
        held = (document for document in reversed(documents) if as_number(document.get(column)) is not None)
        return [{self._time: document.get(self._time), "value": document[column]} for document in held]
