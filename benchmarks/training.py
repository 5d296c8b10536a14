"""``python -m benchmarks.training``: what predictions wait while the server trains, beside what they wait otherwise.

The example ``series`` as shipped, on its own server; rounds of idle and of training alternate, so that a slow minute
hurts both alike. The bar: the 99th percentile during training at most twice the idle one.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from urllib.request import Request, urlopen

from benchmarks.contenders import clean_environment
from benchmarks.load import Load, press, require_wrk

BAR = 2.0
CONNECTIONS = (1, 16)
TRAINING = {"collection_name": "sensor_data", "window_size": 10, "epochs": 100}
POINTS = [{"timestamp": f"2024-01-01T{hour:02}:00:00Z", "value": 23.5 + hour / 10} for hour in range(10)]
BODY = json.dumps({"data": POINTS, "window_size": 10})
PORT = 8791
URL = f"http://127.0.0.1:{PORT}"


def _run(folder: Path, *words: str) -> None:
    done = subprocess.run(words, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")


def _environment() -> dict[str, str]:
    found = clean_environment()
    return {**found, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{found.get('PATH', os.defpath)}"}


def _ask(path: str, body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(f"{URL}{path}", data), timeout=300) as response:
        answer: dict[str, object] = json.loads(response.read())
        return answer


@contextmanager
def _serving() -> Iterator[None]:
    """The example with its data and a trained window, on a server of its own."""
    with TemporaryDirectory(prefix="bench-") as root, TemporaryFile() as log:
        folder = Path(root, "series")
        _run(Path(root), "vaticina", "init", "series", "--example", "series")
        _run(folder, sys.executable, "scripts/generate_readings.py")
        _run(folder, "vaticina", "data", "load", "sensor_data", "data/readings.csv")
        command = ["vaticina", "serve", "--port", str(PORT)]
        with subprocess.Popen(command, cwd=folder, env=_environment(), stdout=log, stderr=log) as server:
            try:
                _await_server(server)
                _ask("/train", TRAINING)
                yield
            finally:
                server.terminate()


def _await_server(server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit("the server ended")
        try:
            _ask("/health")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


@contextmanager
def _training() -> Iterator[None]:
    """One training after another until the block ends, which waits for the last."""
    jobs = [_ask("/train?wait=false", TRAINING) for _ in range(2)]
    time.sleep(0.5)
    yield
    states = {_ask(f"/jobs/{job['id']}")["status"] for job in jobs}
    if states == {"succeeded"}:
        raise SystemExit("the trainings ended before the load did: nothing was measured")
    while {_ask(f"/jobs/{job['id']}")["status"] for job in jobs} & {"queued", "running"}:
        time.sleep(0.5)


def measure(rounds: int, seconds: int) -> dict[tuple[int, str], list[Load]]:
    """The loads, by connections and by whether the server was idle beside or training."""
    found: dict[tuple[int, str], list[Load]] = {}
    for _ in range(rounds):
        for connections in CONNECTIONS:
            idle = press(f"{URL}/predict", connections, seconds, BODY)
            with _training():
                busy = press(f"{URL}/predict", connections, seconds, BODY)
            found.setdefault((connections, "idle"), []).append(idle)
            found.setdefault((connections, "training"), []).append(busy)
    return found


def main() -> None:
    """Measures and prints the table, with the ratio to the bar."""
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=5)
    given = options.parse_args()
    require_wrk()
    with _serving():
        found = measure(given.rounds, given.seconds)
    print("| connections | server | req/s | p50 ms | p99 ms | longest ms |\n| --: | --- | --: | --: | --: | --: |")
    medians: dict[tuple[int, str], float] = {}
    for (connections, state), loads in found.items():
        rate, p50, p99, longest = (
            statistics.median(getattr(load, name) for load in loads) for name in ("rate", "p50", "p99", "longest")
        )
        medians[connections, state] = p99
        print(f"| {connections} | {state} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {longest:.1f} |")
    for connections in CONNECTIONS:
        ratio = medians[connections, "training"] / medians[connections, "idle"]
        verdict = "reached" if ratio <= BAR else "MISSED"
        print(f"p99 during training / idle at {connections} connections: {ratio:.2f} (bar {BAR}): {verdict}")


if __name__ == "__main__":
    main()
