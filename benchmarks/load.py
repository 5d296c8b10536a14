"""The load: wrk on a core of its own, and what its script reports."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import ROOT
from benchmarks.machine import LOAD_CORE

_RESULT = re.compile(
    r"RESULT rps=(\S+) p50_ms=(\S+) p99_ms=(\S+) max_ms=(\S+) non2xx=(\d+) sockerr=(\d+) n=(\d+)",
)
_SCRIPT = ROOT / "benchmarks" / "post.lua"
_TIMEOUT = 30  # seconds; wrk's own two would count the hand-written service's slow answers as errors


@dataclass(frozen=True)
class Load:
    """One run of wrk: answers a second, latencies in milliseconds, and counts."""

    rate: float
    p50: float
    p99: float
    longest: float
    failures: int
    answers: int


def require_wrk() -> None:
    """Checks that the load generator is installed.

    Raises:
        SystemExit: it is not; the message says how to install it.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("wrk was not found: install it with `make system`, as root, then run again.")


def press(url: str, connections: int, seconds: int, body: str | None = None, rows: Path | None = None) -> Load:
    """Loads `url` over keep-alive connections; each takes its next request as soon as it is answered.

    Every request has the same `body`, or the next line of the file `rows`, or else the next of medico's rows.

    Raises:
        SystemExit: wrk failed, or any answer was not 2xx, or a connection broke.
    """
    command = [
        *("taskset", "--cpu-list", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"),
        *("--timeout", f"{_TIMEOUT}s", "-s", str(_SCRIPT), url),
    ]
    given = {"BODY": body, "ROWS": str(rows) if rows else None}
    environment = {name: value for name, value in os.environ.items() if name not in given}
    environment |= {name: value for name, value in given.items() if value is not None}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    load = parse(done.stdout + done.stderr)
    if load.failures:
        raise SystemExit(f"{load.failures} of {load.answers} requests to {url} failed:\n{done.stdout}")
    return load


def parse(output: str) -> Load:
    """The figures in the script's RESULT line.

    Raises:
        SystemExit: there is no such line, or no request was answered.
    """
    found = _RESULT.search(output)
    if found is None or found[7] == "0":
        raise SystemExit(f"wrk measured nothing:\n{output}")
    rate, p50, p99, longest = map(float, found.groups()[:4])
    return Load(rate, p50, p99, longest, int(found[5]) + int(found[6]), int(found[7]))
