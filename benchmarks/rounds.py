"""The measurement: every contender once a round, round after round, so that a slow minute hurts all alike."""

import math
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import processes
from benchmarks.contenders import Builder, Contender
from benchmarks.load import press
from benchmarks.machine import Calibration, calibrate
from benchmarks.server import command, serving

CONNECTIONS = 64
_ALONE_SECONDS = 3


@dataclass(frozen=True)
class Sample:
    """One contender in one round. Rates in requests a second, latencies in milliseconds, memory in MB."""

    name: str
    rate: float
    p50: float
    p99: float
    alone_p50: float
    """Median latency at one connection."""
    startup: float
    """Seconds from the start of the command to the first answered prediction."""
    memory: float
    answers: int
    recorded: int | None
    """Rows that the round left in the database; None where nothing is recorded."""
    loops: tuple[Calibration, Calibration]
    """The machine's calibration before and after."""


@contextmanager
def ready(builders: Mapping[str, Builder]) -> Iterator[dict[str, Contender]]:
    """Builds each contender in a folder of its own, which is gone after the block."""
    with TemporaryDirectory(prefix="bench-") as root:  # short: sockets live in it, and their paths have a limit
        contenders = {}
        for name, build in builders.items():
            print(f"preparing {name} …", flush=True)
            folder = Path(root, name)
            folder.mkdir()
            contenders[name] = build(folder)
        yield contenders


def run(contenders: Mapping[str, Contender], rounds: int, seconds: int) -> Iterator[Sample]:
    """Measures all contenders in turn, `rounds` times, `seconds` of full load each."""
    for _ in range(rounds):
        for name, contender in contenders.items():
            yield measure(name, contender, seconds)


def measure(name: str, contender: Contender, seconds: int) -> Sample:
    """One contender, freshly started: first answer, one connection, many connections, memory, rows recorded.

    Raises:
        SystemExit: a request failed, or the rows recorded are not the answers given.
    """
    if contender.loop:
        return _loop(name, contender, seconds)
    before = calibrate()
    with serving(contender) as server:
        rows_before = contender.records() - 1 if contender.records else 0
        alone = press(server.url, 1, min(seconds, _ALONE_SECONDS), contender.body, contender.rows)
        full = press(server.url, CONNECTIONS, seconds, contender.body, contender.rows)
        memory = processes.memory()
        answers = 1 + alone.answers + full.answers
        recorded = contender.records() - rows_before if contender.records else None
    if recorded is not None:
        check_recorded(name, recorded, answers)
    loops = (before, calibrate())
    return Sample(name, full.rate, full.p50, full.p99, alone.p50, server.startup, memory, answers, recorded, loops)


def _loop(name: str, contender: Contender, seconds: int) -> Sample:
    """A loop without a server has a rate, and no other figure."""
    before = calibrate()
    done = subprocess.run(
        [*command(contender, 0), str(seconds)], cwd=contender.folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{contender.title} failed with {done.returncode}:\n{done.stderr}")
    rate, none = float(done.stdout), math.nan
    loops = (before, calibrate())
    return Sample(name, rate, none, none, none, none, none, round(rate * seconds), None, loops)


def check_recorded(name: str, recorded: int, answers: int) -> None:
    """Every answer counted is a row recorded.

    wrk hangs up on the requests in flight when its time is over: at most one a connection and run, which the server
    may have recorded without wrk's counting the answer. Only as many rows may be over; none may be missing.

    Raises:
        SystemExit: rows are missing, or there are too many.
    """
    surplus = recorded - answers
    if not 0 <= surplus <= CONNECTIONS + 1:
        raise SystemExit(f"{name}: {recorded} rows recorded for {answers} answers counted")
