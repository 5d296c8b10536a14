"""Answers to HTTP requests."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from starlette.responses import Response

Headers = list[tuple[bytes, bytes]]


class Reply(NamedTuple):
    """An answer of the front app, whole."""

    status: int
    headers: Headers
    body: bytes


def as_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``content`` as an answer of the routes behind the front app."""
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
