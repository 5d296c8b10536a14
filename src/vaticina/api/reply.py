"""JSON answers of the routes behind the gate."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


def reply(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``content`` as JSON."""
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
