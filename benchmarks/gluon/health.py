"""How long `/health` takes while predictions are asked for at full load: what a blocked event loop would show."""

import http.client
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from benchmarks.contenders import Contender
from benchmarks.load import Load, press
from benchmarks.report import table
from benchmarks.rounds import CONNECTIONS
from benchmarks.server import serving

PAUSE = 0.02


def healths(contenders: Mapping[str, Contender], seconds: int) -> str:
    """A table of them all, and what was asked of them."""
    rows = []
    for contender in contenders.values():
        middle, worst, count = health(contender, seconds)
        rows.append((contender.title, f"{middle:.1f}", f"{worst:.1f}", str(count)))
    told = f"`GET /health` every {PAUSE * 1e3:.0f} ms at {CONNECTIONS} connections of load:"
    return f"{told}\n\n{table(('server', 'p50 ms', 'p99 ms', 'asked'), rows)}"


def health(contender: Contender, seconds: int) -> tuple[float, float, int]:
    """Median and p99 of `/health` in milliseconds, and how often it was asked, at 64 connections of load.

    Raises:
        SystemExit: an answer was not 200.
    """
    with serving(contender) as server, ThreadPoolExecutor(1) as pool:
        load = pool.submit(press, server.url, CONNECTIONS, seconds, contender.body, contender.rows)
        port = int(server.url.split(":")[2].partition("/")[0])
        times = list(_asked(port, load))
        load.result()
    return float(np.median(times)), float(np.quantile(times, 0.99)), len(times)


def _asked(port: int, load: "Future[Load]") -> Iterator[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    time.sleep(0.5)
    while not load.done():
        start = time.perf_counter()
        connection.request("GET", "/health")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"/health answered {answer.status}")
        yield (time.perf_counter() - start) * 1e3
        time.sleep(PAUSE)
