"""The application: the front app in front, FastAPI behind, services started and ended together."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from vaticina import __version__
from vaticina.api.front_app import Bounds, FrontApp, options
from vaticina.api.openapi import openapi
from vaticina.api.problems import problem
from vaticina.api.routes.collections import collections_router
from vaticina.api.routes.health import health_router, server_health_router
from vaticina.api.routes.model import model_router
from vaticina.api.routes.pages import add_pages
from vaticina.api.routes.predictions import predictions_router
from vaticina.api.routes.register import check_scopes
from vaticina.api.routes.root import project_root_router, server_root_router
from vaticina.api.routes.training import training_router
from vaticina.api.service import Service
from vaticina.errors import InvalidQuery, MethodNotAllowed, NotFound, RequestError, VaticinaError

ROUTERS = (
    predictions_router,
    model_router,
    training_router,
    collections_router,
    project_root_router,
    health_router,
)
"""In the order of the document, behind the predict routes."""


def make_app(services: Sequence[Service]) -> FrontApp:
    """The ASGI application that serves ``services``: one at the root, several under ``/models/NAME``."""
    alone = len(services) == 1
    app = FastAPI(
        title=_title(services),
        version=__version__,
        lifespan=_lifespan(services),
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
    )
    lifespan = app.router.lifespan_context
    for service in services:
        service.prefix = "" if alone else f"/models/{service.project.name}"
        for make_router in ROUTERS:
            _include(app, make_router(service), service.prefix)
    if not alone:
        _include(app, server_root_router(services))
        _include(app, server_health_router(services))
    add_pages(app.router, app.title)
    app.router.lifespan_context = lifespan  # each include wraps it once more, and 200 projects are too deep for Python
    _answer_errors(app, None if alone else "Nothing is served at this address; GET / names the projects that are.")
    app.openapi = lambda: openapi(app, services)  # type: ignore[method-assign]
    predicting = {f"{service.prefix}/predict": service for service in services}
    open_to_all = all(service.project.security.auth == "none" for service in services)
    limits = [service.project.serving for service in services]
    bounds = Bounds(max(limit.max_body for limit in limits), max(limit.body_timeout for limit in limits))
    return FrontApp(predicting, app, bounds, open_to_all=open_to_all)


def _operation_id(route: APIRoute) -> str:
    """FastAPI's own would give projects called a-b and a_b the same."""
    return f"{route.name}{re.sub(r'[^A-Za-z0-9-]', '_', route.path_format)}".rstrip("_")


def _include(app: FastAPI, router: APIRouter, prefix: str = "") -> None:
    check_scopes(router.routes)
    app.include_router(router, prefix=prefix)


def _title(services: Sequence[Service]) -> str:
    title = services[0].project.project.title
    if len(services) > 1 or title is None:
        return "Vaticina" if len(services) > 1 else services[0].project.name
    return title if isinstance(title, str) else title.get("es") or next(iter(title.values()))


def _lifespan(services: Sequence[Service]) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.gather(*(service.follower.start() for service in services))
        followers = [asyncio.create_task(service.follower.run()) for service in services]
        gc.collect()
        gc.freeze()  # what start-up made stays; the collector need not look at it again
        yield
        for follower in followers:
            follower.cancel()
        for service in services:
            if service.training is not None:
                await service.training.close()
            await service.engine.drained()
            await asyncio.to_thread(service.engine.close)
            service.archive.close()

    return lifespan


def _answer_errors(app: FastAPI, nowhere: str | None) -> None:
    """Every error of the routes behind the front app leaves as a problem document; ``nowhere`` is what a 404 says."""

    def vaticina(request: Request, error: Exception) -> Response:
        return _response(request, error if isinstance(error, VaticinaError) else VaticinaError())

    def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return _response(request, NotFound(nowhere))
        if status == 405:
            return _other_method(request, (getattr(error, "headers", None) or {}).get("Allow", ""))
        kind = RequestError if status < 500 else VaticinaError
        return _response(request, kind(), getattr(error, "headers", None))

    def query(request: Request, error: Exception) -> Response:
        first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": ("?",), "msg": ""}
        return _response(request, InvalidQuery(f"{first['loc'][-1]}: {first['msg']}."))

    def unknown(request: Request, _: Exception) -> Response:
        return _response(request, VaticinaError())  # the front app, which it reaches next, writes the log

    app.add_exception_handler(VaticinaError, vaticina)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, query)
    app.add_exception_handler(Exception, unknown)


def _other_method(request: Request, allowed: str) -> Response:
    """What a route answers to a method that it has not: to OPTIONS, which ones it has."""
    methods = {method.strip() for method in allowed.split(",") if method.strip()}
    headers = {"Allow": options(methods | {"HEAD"} if "GET" in methods else methods)}
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=headers)
    return _response(request, MethodNotAllowed(), headers)


def _response(request: Request, error: VaticinaError, headers: dict[str, str] | None = None) -> Response:
    reply = problem(error, request.state.language, request.url.path, request.state.request_id)
    own_headers = {name.decode(): value.decode() for name, value in reply.headers}
    return Response(reply.body, reply.status, {**own_headers, **(headers or {})})
