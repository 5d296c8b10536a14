"""What wrk does with the load script, and the benchmark in its shortest form."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from benchmarks.contenders import ROOT
from benchmarks.load import press

pytestmark = [pytest.mark.system("wrk"), pytest.mark.slow]


class Recorder(BaseHTTPRequestHandler):
    """Keeps every body, and answers 200; 500 to the body ``no``."""

    protocol_version = "HTTP/1.1"
    bodies: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.bodies.append(body)
        self.send_response(500 if body == "no" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 -- the library's name
        pass


@contextmanager
def recording() -> Iterator[tuple[str, list[str]]]:
    """The URL of a server, and the bodies that it was sent."""
    bodies: list[str] = []
    handler = type("Handler", (Recorder,), {"bodies": bodies})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/predict", bodies
        server.shutdown()


def test_without_a_body_every_request_has_another_row_of_medico() -> None:
    with recording() as (url, bodies):
        load = press(url, 1, 1)
    assert load.failures == 0
    assert 0 < load.answers <= len(bodies)
    rows = [json.loads(body) for body in bodies[:50]]
    assert all(row.keys() == {"edad", "fiebre", "dolor"} and 35.5 <= row["fiebre"] <= 41.5 for row in rows)
    assert len(set(bodies[:50])) > 40


def test_a_body_is_sent_each_time() -> None:
    with recording() as (url, bodies):
        press(url, 1, 1, body='{"a": 1}')
    assert set(bodies) == {'{"a": 1}'}


def test_the_lines_of_a_file_are_sent_in_turn(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("0\n1\n2\n")
    with recording() as (url, bodies):
        press(url, 1, 1, rows=file)
    numbers = [int(body) for body in bodies]
    assert numbers == [(numbers[0] + place) % 3 for place in range(len(numbers))]  # wrk itself keeps the first line


def test_a_bad_answer_fails_the_run() -> None:
    with recording() as (url, _), pytest.raises(SystemExit, match=rf"requests to {url} failed"):
        press(url, 1, 1, body="no")


@pytest.mark.parametrize("names", [("bare", "fastapi", "handwritten"), ("medico",)], ids=" ".join)
def test_the_benchmark_runs(names: tuple[str, ...], tmp_path: Path) -> None:
    """``make bench`` without its bars, which a busy machine need not clear."""
    file = tmp_path / "samples.json"
    command = [sys.executable, "-m", "benchmarks", "--rounds", "1", "--seconds", "1", "--json", str(file)]
    ran = subprocess.run([*command, "--only", *names], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    samples: list[dict[str, Any]] = json.loads(file.read_text())["samples"]
    assert [sample["name"] for sample in samples] == list(names)
    assert all(sample["answers"] > 1 for sample in samples)
    assert {"handwritten", "medico"}.isdisjoint(sample["name"] for sample in samples if sample["recorded"] is None)
