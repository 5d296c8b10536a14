"""``/health``, ``/health/live``, ``/health/ready``: for people and for orchestrators."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from vaticina.api.documented import Documented, ref
from vaticina.api.response import as_json
from vaticina.api.routes.register import register
from vaticina.api.service import Service
from vaticina.errors import CollectionsUnavailable, HistoryUnavailable, SettingsError
from vaticina.sources import Collections

LIVE = Documented("Tell whether the process runs.", ref("Live"))
READY = Documented(
    "Tell whether a prediction would succeed.", ref("Ready"), also={503: ("A prediction would fail.", ref("Ready"))}
)
HEALTH = Documented(
    "Tell the state of the model and of the databases.",
    ref("Health"),
    also={503: ("The state is `unhealthy`: predictions fail.", ref("Health"))},
)
ALL_READY = Documented(
    "Tell whether every project would predict.", ref("Ready"), also={503: ("Some would not.", ref("Ready"))}
)
ALL_HEALTH = Documented(
    "Tell the state of every project.",
    ref("ServerHealth"),
    also={503: ("The state is `unhealthy`: no project predicts.", ref("ServerHealth"))},
)


def health_router(service: Service) -> APIRouter:
    """The health routes of ``service``."""
    router = APIRouter(tags=["health"])

    async def health() -> Response:
        """`healthy`, `degraded` (predictions work, something else does not), or `unhealthy` (503)."""
        report = await full_report(service)
        return as_json(report, 503 if report["status"] == "unhealthy" else 200)

    async def live() -> dict[str, str]:
        """The process runs."""
        return {"status": "live"}

    def ready() -> Response:
        """200 when a prediction would succeed, else 503."""
        able = condition(service)["status"] != "unhealthy"
        return as_json({"status": "ready" if able else "not ready"}, 200 if able else 503)

    register(router, "/health", health, "public", HEALTH)
    register(router, "/health/live", live, "public", LIVE)
    register(router, "/health/ready", ready, "public", READY)
    return router


def server_health_router(services: Sequence[Service]) -> APIRouter:
    """The health of a server with several projects."""
    router = APIRouter(tags=["health"])

    async def health() -> Response:
        """Each project's state, and theirs together: `degraded` when some are not healthy, `unhealthy` when none can
        predict (503)."""
        reports = await asyncio.gather(*map(full_report, services))
        states = {report["status"] for report in reports}
        status = states.pop() if len(states) == 1 else "degraded"
        projects = {service.project.name: report for service, report in zip(services, reports, strict=True)}
        return as_json({"status": status, "projects": projects}, 503 if status == "unhealthy" else 200)

    async def live() -> dict[str, str]:
        """The process runs."""
        return {"status": "live"}

    def ready() -> Response:
        """200 when every project would predict, else 503, naming those that would not."""
        failing = [service.project.name for service in services if condition(service)["status"] == "unhealthy"]
        status: dict[str, Any] = {"status": "not ready", "projects": failing} if failing else {"status": "ready"}
        return as_json(status, 503 if failing else 200)

    register(router, "/health", health, "public", ALL_HEALTH)
    register(router, "/health/live", live, "public", LIVE)
    register(router, "/health/ready", ready, "public", ALL_READY)
    return router


async def full_report(service: Service) -> dict[str, Any]:
    """The service's state, with that of what it trains on."""
    report = await asyncio.to_thread(condition, service)
    if service.training is not None:
        report = trainable(report, await is_answering(service.training.collections))
    return report


def condition(service: Service) -> dict[str, Any]:
    """The service's state, as ``/health`` tells it."""
    database = _connected(service)
    loaded = service.engine.slot.version is not None
    able = loaded and (database or not service.records)
    troubled = not database or service.follower.problem is not None
    return {
        "status": _status(able, troubled),
        "database": "connected" if database else "disconnected",
        "model_loaded": loaded,
        "version": service.engine.slot.version,
        **({"problem": service.follower.problem.code} if service.follower.problem else {}),
    }


def _status(able: bool, troubled: bool) -> str:
    if not able:
        return "unhealthy"
    if troubled:
        return "degraded"
    return "healthy"


def trainable(report: dict[str, Any], connected: bool) -> dict[str, Any]:
    """``report`` of a project that trains over HTTP: one without a model is as healthy as what it trains on."""
    sick = report["status"] == "unhealthy" and (report["model_loaded"] or report["database"] == "disconnected")
    troubled = not connected or "problem" in report
    database = "connected" if connected and report["database"] == "connected" else "disconnected"
    return {**report, "status": _status(not sick, troubled), "database": database}


async def is_answering(collections: Collections) -> bool:
    """Whether the database of the collections answers."""
    try:
        await collections.ping()
    except (CollectionsUnavailable, SettingsError):
        return False
    return True


def _connected(service: Service) -> bool:
    try:
        service.archive.ping()
    except HistoryUnavailable:
        return False
    return True
