"""A server whose model lives in a worker process: the worker hangs and dies, the server goes on answering."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.wire import ask
from tests.e2e.process import Server, serve
from tests.formats.gluon import make
from tests.formats.pipe import await_written, bytes_written
from tests.formats.test_worker import ended
from tests.tasks.fitted import fitted
from vaticina.bootstrap import Workspace
from vaticina.formats.autogluon.fit import fit_project
from vaticina.formats.autogluon.worker import START_TIMEOUT
from vaticina.progress import no_report

pytestmark = pytest.mark.slow

ROW = json.dumps({"x": 0.5, "y": 30, "kind": " RED ", "flag": True}).encode()
ROWS, COLUMNS = 1_000, 4
BATCH = b"[" + b",".join([ROW] * ROWS) + b"]"
BATCH_BYTES = ROWS * COLUMNS * 8
"""What the server writes to its worker at once: a double for each cell."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A version as it is where its ensemble has no compiled form, served."""
    folder = make(tmp_path_factory.mktemp("worker"), "hyperparameters = { GBM = { num_boost_round = 10 } }")
    with (folder / "project.toml").open("a", encoding="utf-8") as file:
        file.write(f"[serving]\nmax_batch = {ROWS}\n")
    workspace = Workspace(folder)
    trained = fitted(workspace.project, fit_project, no_report)
    registry = workspace.registry()
    manifest = registry.publish("gluon", trained.contract, "autogluon", trained.model.files())
    registry.promote("gluon", manifest.version)
    with serve(folder) as served:
        yield served


def worker(server: Server) -> int:
    """The process id of the server's worker."""
    children = Path(f"/proc/{server.pid}/task").glob("*/children")
    (found,) = (int(child) for file in children for child in file.read_text().split())
    return found


def answered_again(port: int) -> Any:
    """The first answer of the new worker, which takes its time to start on a busy machine."""
    end = time.monotonic() + START_TIMEOUT + 30
    while time.monotonic() < end:
        told = httpx.post(f"http://127.0.0.1:{port}/predict", content=ROW, timeout=90)
        if told.status_code == 200:
            return told.json()
        assert told.json()["code"] == "deadline_exceeded", told.text
    return None


def test_a_worker_that_hangs_and_dies_holds_nothing_else_up(server: Server) -> None:
    asked = ask(server.port, "POST", "/predict", ROW)
    assert asked.status == 200
    first = worker(server)
    os.kill(first, signal.SIGSTOP)
    written = bytes_written(server.pid)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask, server.port, "POST", "/predict", BATCH)
        await_written(server.pid, written + BATCH_BYTES)  # a worker that dies between two batches loses none
        for _ in range(5):
            assert ask(server.port, "GET", "/health").status == 200
        assert not waiting.done()
        os.kill(first, signal.SIGKILL)
        lost = waiting.result()
    assert (lost.status, lost.json()["code"]) == (503, "worker_lost")
    assert answered_again(server.port) == asked.json()
    assert worker(server) != first


def test_a_server_that_drains_takes_its_worker_along(server: Server) -> None:
    process = worker(server)
    server.signal(signal.SIGTERM)
    assert server.ended() == 0
    assert ended(process)
