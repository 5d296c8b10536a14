"""Servers that speak MongoDB's wire protocol: a real one where there is one, else mongoeco, else nx-27017."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from tests.e2e.process import free_port
from tests.system import find_python

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements" / "mongoeco.txt"
SERVER = Path(__file__).with_name("mongoeco_server.py")

READY = 60.0
"""Seconds that a server may take to start on a busy machine."""


class MongoServer(NamedTuple):
    """A server at ``url``; ``kind`` is external, mongod, mongoeco or nx."""

    kind: str
    url: str
    process: "subprocess.Popen[bytes] | None" = None

    def database(self) -> str:
        """A new name for a database."""
        return f"vaticina_{uuid4().hex[:12]}"

    def stop(self) -> None:
        """Kills it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)


@contextmanager
def wire_server(login: Sequence[str] = ()) -> Iterator[MongoServer]:
    """The server at ``MONGODB_TEST_URL`` if that is set, else a new one."""
    url = os.environ.get("MONGODB_TEST_URL")
    if url and not login:
        yield MongoServer("external", url)
        return
    with started(login) as wire:
        yield wire


@contextmanager
def started(login: Sequence[str] = ()) -> Iterator[MongoServer]:
    """A new server. With ``login`` (user, password) it refuses everybody else; only mongoeco can do so."""
    with tempfile.TemporaryDirectory(prefix="wire") as folder:
        port = free_port()
        kind, command = _command(port, folder, login)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        options = f"/?directConnection=true{'&authSource=admin&authMechanism=SCRAM-SHA-256' if login else ''}"
        user = f"{':'.join(login)}@" if login else ""
        wire = MongoServer(kind, f"mongodb://{user}127.0.0.1:{port}{options}", process)
        try:
            _wait(port, process, Path(folder) / "log")
            yield wire
        finally:
            wire.stop()


def _command(port: int, folder: str, login: Sequence[str]) -> tuple[str, list[str]]:
    mongod = shutil.which("mongod")
    if mongod and not login:
        return "mongod", [mongod, "--port", str(port), "--dbpath", folder, "--bind_ip", "127.0.0.1"]
    python = mongoeco_python()
    if python:
        return "mongoeco", [str(python), str(SERVER), str(port), *login]
    assert not login, "mongoeco alone asks for a password, and needs Python 3.13: run make system"
    nx = str(Path(sys.executable).with_name("nx-27017"))
    return "nx", [
        nx,
        "--data-dir",
        folder,
        "-p",
        str(port),
        "--log-file",
        f"{folder}/nx.log",
        "--pid-file",
        f"{folder}/p",
    ]


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + READY
    while True:
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


@cache
def mongoeco_python() -> Path | None:
    """The interpreter of an environment that holds mongoeco, made on first use; None where there is no Python 3.13."""
    home = ROOT / ".venv" / "mongoeco"
    python, marker = home / "bin" / "python", home / f"made-{REQUIREMENTS.stat().st_size}"
    base = find_python("3.13")
    if base is None or os.environ.get("MONGODB_TEST_KIND") == "nx":
        return None
    with (ROOT / ".venv" / "mongoeco.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two processes of one test run make it once
        if not marker.exists():
            uv = str(Path(sys.executable).with_name("uv"))
            _run(uv, "venv", "--quiet", "--clear", "--python", str(base), str(home))
            _run(uv, "pip", "sync", "--quiet", "--python", str(python), "--require-hashes", str(REQUIREMENTS))
            marker.touch()
    return python


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
