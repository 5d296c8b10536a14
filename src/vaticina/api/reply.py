"""JSON answers of the routes behind the gate."""

from typing import Any

import orjson
from starlette.responses import Response


def reply(content: Any, status: int = 200) -> Response:
    """``content`` as JSON."""
    return Response(orjson.dumps(content), status, media_type="application/json")
