"""``/collections``, ``/data/sample`` and ``/database/test``: what there is to train on."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from vaticina.api.documented import Documented, ref
from vaticina.api.routes.register import register
from vaticina.api.service import Service
from vaticina.errors import CollectionsUnavailable, InvalidQuery, NoData, SettingsError
from vaticina.sources import Collections
from vaticina.sources.collection_series import no_data
from vaticina.sources.document_points import as_number, numeric_columns

MAX_SAMPLE = 1_000


NAMES = Documented("List the collections.", ref("Collections"), (CollectionsUnavailable,))
INFO = Documented("Describe a collection.", ref("Collection"), (NoData, CollectionsUnavailable))
SAMPLE = Documented(
    "Show the newest documents of a collection.", ref("Sample"), (NoData, InvalidQuery, CollectionsUnavailable)
)
TEST = Documented("Tell whether the database of the collections answers.", ref("Database"))


def collections_router(service: Service) -> APIRouter:
    """The collections' routes of ``service``; none unless it trains over HTTP."""
    router = APIRouter(tags=["collections"])
    if service.training is None:
        return router
    endpoints = CollectionEndpoints(service.training.collections, service.training.default_query.time)
    register(router, "/collections", endpoints.names, "read", NAMES)
    register(router, "/collections/{name}/info", endpoints.info, "read", INFO)
    register(router, "/data/sample/{name}", endpoints.sample, "read", SAMPLE)
    register(router, "/database/test", endpoints.test, "read", TEST)
    return router


class CollectionEndpoints:
    """The endpoints, over one project's collections; ``time`` is the field of their moments."""

    def __init__(self, collections: Collections, time: str) -> None:
        self._collections = collections
        self._time = time

    async def names(self) -> dict[str, Any]:
        """The collections."""
        names = await self._collections.names()
        return {"status": "success", "collections": names, "count": len(names)}

    async def info(self, name: str) -> dict[str, Any]:
        """A collection: how many documents, one of them, and from when to when."""
        info = await self._collections.info(name)
        if not info.documents:
            raise no_data(name)
        described = {
            "collection_name": name,
            "document_count": info.documents,
            "sample_document": info.sample,
            "date_range": {"start": info.start, "end": info.end} if info.start else None,
        }
        return {"status": "success", "info": described}

    async def sample(self, name: str, limit: Annotated[int, Query(ge=1, le=MAX_SAMPLE)] = 10) -> dict[str, Any]:
        """The newest documents, with the numbers of each field in the order of time."""
        documents = await self._collections.sample(name, limit)
        if not documents:
            raise no_data(name)
        points = {column: self._points(documents, column) for column in numeric_columns(documents, self._time)}
        return {
            "status": "success",
            "collection": name,
            "sample_size": len(documents),
            "data": points,
            "total_records": {column: len(values) for column, values in points.items()},
            "documents": documents,
        }

    async def test(self) -> dict[str, Any]:
        """Whether the database answers, and what is in it."""
        try:
            server = await self._collections.ping()
            names = await self._collections.names()
        except (CollectionsUnavailable, SettingsError) as error:
            return {"status": "error", "error": error.message}
        return {
            "status": "connected",
            "database": server.database,
            "server_version": server.version,
            "collections": names,
            "collection_count": len(names),
        }

    def _points(self, documents: Sequence[dict[str, Any]], column: str) -> list[dict[str, Any]]:
        """The documents whose ``column`` holds a number, oldest first."""
        points = []
        for document in reversed(documents):
            if as_number(document.get(column)) is not None:
                points.append({self._time: document.get(self._time), "value": document[column]})
        return points
