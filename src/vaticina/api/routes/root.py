"""``GET /``: what this is and how to use it."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from vaticina.api.contract_schemas import Schema
from vaticina.api.operation import Operation, ref
from vaticina.api.routes.browser import page_or_json
from vaticina.api.routes.register import register
from vaticina.api.service import Service


def project_root_router(service: Service) -> APIRouter:
    """The root of one project: its literal ``[root]``, or a short description."""
    router = APIRouter(tags=["project"])

    async def root(request: Request) -> Response:
        """What this service is: JSON, or a page for a browser."""
        about = service.project.project
        described = {
            "project": about.name,
            "title": about.title,
            "predict": f"POST {service.prefix}/predict",
            "docs": "/docs",
        }
        return page_or_json(request, service.project.root or described, about.name)

    operation = Operation("Tell what this project is.", _schema(service.project.root))
    register(router, "/", root, "public", operation)
    if service.prefix:  # with several projects, its address is often typed without the slash
        register(router, "", root, "public", include_in_schema=False)
    return router


def _schema(literal: dict[str, Any] | None) -> Schema:
    """The schema of ``literal``, which is always answered as it stands; without it, of the short description."""
    if not literal:
        return ref("Project")
    properties = {name: {"const": value} for name, value in literal.items()}
    return {"type": "object", "properties": properties, "required": list(literal), "example": literal}


def server_root_router(services: Sequence[Service]) -> APIRouter:
    """The root of a server with several projects: where each one is."""
    router = APIRouter(tags=["project"])

    async def root(request: Request) -> Response:
        """The projects served here: JSON, or a page for a browser."""
        places = {service.project.name: f"{service.prefix}/" for service in services}
        return page_or_json(request, {"projects": places, "docs": "/docs"}, "Vaticina")

    register(router, "/", root, "public", Operation("Name the projects that are served.", ref("Server")))
    return router
