"""A server as its users run it: a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from tests.api.wire import ask

ROOT = Path(__file__).parents[2]

READY = 150.0
"""Seconds that a server may take to start on a busy machine: its worker alone may take 120."""


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        number: int = bound.getsockname()[1]
        return number


def environment(**changes: str) -> dict[str, str]:
    """This process's, without what would lead a server astray."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("VATICINA_") and k != "DATABASE_URL"}
    return {**inherited, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), **changes}


class Server:
    """``command`` with ``--port``; ready when the block begins, gone when it ends."""

    def __init__(self, command: Sequence[str], variables: Mapping[str, str], port: int | None = None) -> None:
        self.port = port or free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the block
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            cwd=ROOT,
            env=environment(**variables),
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def __enter__(self) -> "Server":
        try:
            self._wait_until_ready(time.monotonic() + READY)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
        self._log.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """All that it printed so far."""
        return os.pread(self._log.fileno(), 10**7, 0).decode(errors="replace")

    def kill(self) -> None:
        """SIGKILL to it and to what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait(30)

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def ended(self, seconds: float = 60) -> int:
        """Its exit status, once it has one."""
        return self._process.wait(seconds)

    def _wait_until_ready(self, end: float) -> None:
        while not self._is_ready():
            assert self._process.poll() is None, f"the server ended: {self.log}"
            assert time.monotonic() < end, f"the server is not ready: {self.log}"
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        try:
            return ask(self.port, "GET", "/health/ready").status == 200
        except (OSError, EOFError):
            return False


def serve(folder: Path, *, workers: int = 1, port: int | None = None, **variables: str) -> Server:
    """The server process of the project in ``folder``."""
    command = [sys.executable, "-P", "-m", "vaticina.api.launch", str(folder), "--workers", str(workers)]
    return Server(command, variables, port)
