"""The floors of `durability = "sync"`: group commits that reach the disk, of rows as wide as medico's.

As a program, a loop of batches of 64 rows that does nothing else: `python group_commit.py DATABASE SECONDS` prints rows
a second. As an application for uvicorn (`group_commit:app`), the barest server that records before it answers: what
came while the last commit was on its way to the disk is the next one.
"""

import asyncio
import os
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_BATCH = 64
_WIDTH = 324
"""Characters of one of medico's rows, all columns together."""

_ANSWER = b'{"prediccion":"CRONICA","probabilidad":0.82}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(_ANSWER)).encode())]

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def open_database(path: str) -> sqlite3.Connection:
    """A table in a file whose every commit reaches the disk."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (seq INTEGER PRIMARY KEY, row TEXT NOT NULL)")
    return connection


def commit(connection: sqlite3.Connection, rows: int) -> None:
    """Commits so many rows."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO rows (row) VALUES (?)", [("x" * _WIDTH,)] * rows)
    connection.execute("COMMIT")


def rate(database: str, seconds: float) -> float:
    """Rows a second that reach the disk, one commit a batch."""
    connection = open_database(database)
    start, rows = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        commit(connection, _BATCH)
        rows += _BATCH
    return rows / (time.perf_counter() - start)


class Floor:
    """Answers a constant once a row is on the disk; it looks at nothing and predicts nothing."""

    def __init__(self) -> None:
        self._database = os.environ.get("DB", "")
        self._thread = ThreadPoolExecutor(1)
        self._connection: sqlite3.Connection | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self._busy = False

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """The ASGI call."""
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        while (await receive()).get("more_body"):
            pass
        recorded = asyncio.get_running_loop().create_future()
        self._waiting.append(recorded)
        if not self._busy:
            self._busy = True
            asyncio.get_running_loop().call_soon(self._next)
        await recorded
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _ANSWER})

    def _next(self) -> None:
        batch, self._waiting = self._waiting, []
        self._busy = bool(batch)
        if batch:
            loop = asyncio.get_running_loop()
            self._thread.submit(self._commit, batch, loop)

    def _commit(self, batch: list[asyncio.Future[None]], loop: asyncio.AbstractEventLoop) -> None:
        if self._connection is None:
            self._connection = open_database(self._database)
        commit(self._connection, len(batch))
        loop.call_soon_threadsafe(self._recorded, batch)

    def _recorded(self, batch: list[asyncio.Future[None]]) -> None:
        for recorded in batch:
            if not recorded.done():
                recorded.set_result(None)
        self._next()


app = Floor()

if __name__ == "__main__":
    print(rate(sys.argv[1], float(sys.argv[2])))
