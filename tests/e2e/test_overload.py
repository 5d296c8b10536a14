"""Ten times what a model can do: it does what it can, and the rest is told at once."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.clinic import wait_until
from tests.api.wire import ask
from tests.e2e.flood import Flood, closed_loop, open_loop
from tests.e2e.process import Server
from tests.e2e.slow_server import MAX_BATCH, SECONDS
from tests.history.ledger import check_counts

PEAK = MAX_BATCH / SECONDS
"""Rows a second, if nothing but the model took time."""


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.e2e.slow_server"]
    with Server(command, {"VATICINA_PROJECTS": str(tmp_path)}) as server:
        yield server


def resident(pid: int) -> int:
    """Memory of the process ``pid`` in bytes."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) * 1024


def total(server: Server) -> int:
    return int(ask(server.port, "GET", "/predictions?limit=1").json()["total"])


@pytest.mark.slow
def test_at_ten_times_its_peak_goodput_holds_the_rest_is_429_at_once_and_memory_is_flat(
    slow: Server, tmp_path: Path
) -> None:
    ratios: list[float] = []
    answered = 0
    before = 0
    for _ in range(3):  # the machine may be busy with something else: the best of three
        calm = asyncio.run(closed_loop(slow.port, MAX_BATCH * 2, 2))
        assert set(calm.statuses) == {200}
        before = before or resident(slow.pid)
        storm = asyncio.run(open_loop(slow.port, 10 * PEAK, 3))
        ratios.append((storm.in_time[200] / 3) / (calm.in_time[200] / 2))
        answered += calm.statuses[200] + storm.statuses[200]
        is_refused_well(storm)
        if ratios[-1] >= 0.9:
            break
    assert max(ratios) >= 0.9
    assert resident(slow.pid) - before < 40 * 2**20
    start = time.monotonic()
    wait_until(lambda: ask(slow.port, "POST", "/predict", b'{"x":1}').status == 200)
    assert time.monotonic() - start < 5
    assert total(slow) == answered + 1
    check_counts(f"sqlite:///{tmp_path / 'history.db'}")


def is_refused_well(storm: Flood) -> None:
    assert set(storm.statuses) == {200, 429}
    assert storm.unanswered == 0
    assert storm.statuses[429] > storm.statuses[200]
    assert statistics.median(storm.refusals) < 0.5


@pytest.mark.slow
def test_a_thousand_callers_at_once_are_all_answered(slow: Server) -> None:
    crowd = asyncio.run(closed_loop(slow.port, 1_000, 0.2))
    assert crowd.unanswered == 0
    assert set(crowd.statuses) == {200, 429}
    assert total(slow) == crowd.statuses[200]
    assert ask(slow.port, "POST", "/predict", b'{"x":1}').status == 200
