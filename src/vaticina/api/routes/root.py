"""``GET /``: what this is and how to use it."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter

from vaticina.api.routes.register import register
from vaticina.api.service import Service


def project_root_router(service: Service) -> APIRouter:
    """The root of one project: its literal ``[root]``, or a short description."""
    router = APIRouter(tags=["project"])

    async def root() -> dict[str, Any]:
        """What this service is."""
        about = service.project.project
        described = {
            "project": about.name,
            "title": about.title,
            "predict": f"POST {service.prefix}/predict",
            "docs": "/docs",
        }
        return service.project.root or described

    register(router, "/", root, "public")
    if service.prefix:  # with several projects, its address is often typed without the slash
        register(router, "", root, "public", include_in_schema=False)
    return router


def server_root_router(services: Sequence[Service]) -> APIRouter:
    """The root of a server with several projects: where each one is."""
    router = APIRouter(tags=["project"])

    async def root() -> dict[str, Any]:
        """The projects served here."""
        return {"projects": {service.project.name: f"{service.prefix}/" for service in services}, "docs": "/docs"}

    register(router, "/", root, "public")
    return router
