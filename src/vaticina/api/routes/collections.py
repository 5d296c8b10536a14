"""``/collections``, ``/data/sample`` and ``/database/test``: what there is to train on."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from vaticina.api.routes.register import register
from vaticina.api.service import Service
from vaticina.errors import CollectionsUnavailable, SettingsError
from vaticina.sources.points import numeric_columns
from vaticina.sources.series import no_data

MAX_SAMPLE = 1_000


def collections_router(service: Service) -> APIRouter:
    """The collections' routes of ``service``; none unless it trains over HTTP."""
    router = APIRouter(tags=["collections"])
    if service.training is None:
        return router
    kept, time = service.training.collections, service.training.wanted.time

    async def names() -> dict[str, Any]:
        """The collections."""
        found = await kept.names()
        return {"status": "success", "collections": found, "count": len(found)}

    async def info(name: str) -> dict[str, Any]:
        """A collection: how many documents, one of them, and from when to when."""
        found = await kept.info(name)
        if not found.documents:
            raise no_data(name)
        span = {"start": found.start, "end": found.end} if found.start else None
        described = {
            "collection_name": name,
            "document_count": found.documents,
            "sample_document": found.sample,
            "date_range": span,
        }
        return {"status": "success", "info": described}

    async def sample(name: str, limit: Annotated[int, Query(ge=1, le=MAX_SAMPLE)] = 10) -> dict[str, Any]:
        """The newest documents, with the numbers of each field in the order of time."""
        documents = await kept.sample(name, limit)
        if not documents:
            raise no_data(name)
        columns = numeric_columns(documents, time)
        points = {
            column: [{time: d.get(time), "value": d[column]} for d in reversed(documents) if d.get(column) is not None]
            for column in columns
        }
        return {
            "status": "success",
            "collection": name,
            "sample_size": len(documents),
            "data": points,
            "total_records": {column: len(found) for column, found in points.items()},
            "documents": documents,
        }

    async def test() -> dict[str, Any]:
        """Whether the database answers, and what is in it."""
        try:
            server, found = await kept.ping(), await kept.names()
        except (CollectionsUnavailable, SettingsError) as error:
            return {"status": "error", "error": error.message}
        return {
            "status": "connected",
            "database": server.database,
            "server_version": server.version,
            "collections": found,
            "collection_count": len(found),
        }

    register(router, "/collections", names, "read")
    register(router, "/collections/{name}/info", info, "read")
    register(router, "/data/sample/{name}", sample, "read")
    register(router, "/database/test", test, "read")
    return router
