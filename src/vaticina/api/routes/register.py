"""How a route comes to be: through ``register``, which names its scope; ``check_scopes`` stops a start without one."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.routing import APIRoute

from vaticina.api.operation import Operation

Scope = Literal["public", "predict", "read", "admin"]
"""``public``: liveness. ``predict``: predictions. ``read``: the history. ``admin``: what changes a model."""

SCOPE = "vaticina-scope"


def register(
    router: APIRouter,
    path: str,
    endpoint: Callable[..., Any],
    scope: Scope,
    operation: Operation | None = None,
    **options: Any,
) -> None:
    """Adds a GET route (or ``methods=``) to ``router``, with the scope it needs and what the document says of it."""
    options.setdefault("methods", ["GET"])
    if operation is not None:
        options |= {"summary": operation.summary, "responses": operation.responses, "response_model": None}
    described = {**options.pop("openapi_extra", {}), SCOPE: scope}
    router.add_api_route(path, endpoint, openapi_extra=described, **options)


def check_scopes(routes: Iterable[object]) -> None:
    """Raises RuntimeError, a mistake of ours, for a route that was not registered with a scope."""
    for route in routes:
        if not isinstance(route, APIRoute) or SCOPE not in (route.openapi_extra or {}):
            raise RuntimeError(f"{getattr(route, 'path', route)} has no scope; add it through register()")
