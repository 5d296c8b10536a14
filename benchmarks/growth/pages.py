"""How long pages of `GET /predictions` take."""

import http.client
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from statistics import median
from urllib.parse import urlencode, urlsplit

from benchmarks.growth.filling import RAREST, YEAR

_TIMES = 30

Pages = Mapping[str, float]
"""Kind of page -> milliseconds."""


def kinds(rows: int) -> dict[str, dict[str, object]]:
    """Kind of page -> its query, for a history of `rows` over a year; each holds 100 predictions."""
    end = datetime.now(UTC)
    window: dict[str, object] = {"since": (end - 0.6 * YEAR).isoformat(), "until": (end - 0.5 * YEAR).isoformat()}
    return {"first": {}, "in the middle": {"before": rows // 2}, "one label": {"label": RAREST}, "a month": window}


def timed(url: str, rows: int) -> Pages:
    """The median time of each kind, over one connection.

    Raises:
        SystemExit: a page was not answered with 200.
    """
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
    try:
        return {
            kind: median(_one(connection, f"/predictions?{urlencode(query)}") for _ in range(_TIMES))
            for kind, query in kinds(rows).items()
        }
    finally:
        connection.close()


def _one(connection: http.client.HTTPConnection, path: str) -> float:
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"GET {path} was answered with {answer.status}: {text[:200]!r}")
    return (time.perf_counter() - start) * 1e3
