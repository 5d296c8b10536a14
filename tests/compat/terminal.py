"""A terminal as a reader of the documents has it: the environment's commands, in a folder of their own."""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import httpx

from tests.variables import VARIABLES

ROOT = Path(__file__).parents[2]

OURS = (*VARIABLES, "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
"""What a reader's shell does not say, but this one may."""

READY = 90.0
"""Seconds that a server may take to start on a busy machine."""

TOOLS = ("curl", "sqlite3")
"""What documented lines use and a machine may lack."""


class Terminal:
    """Runs documented lines in ``folder``; ``variables`` stand in its environment."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        inherited = {k: v for k, v in os.environ.items() if k not in OURS and not k.startswith("VATICINA_")}
        commands = os.pathsep.join(_commands())
        path = os.pathsep.join([commands, inherited.get("PATH", os.defpath)])
        quiet = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "COLUMNS": "200", "OMP_NUM_THREADS": "1"}
        self.environment = {**inherited, **quiet, "PATH": path, **variables}

    def ran(self, line: str) -> subprocess.CompletedProcess[str]:
        """``line`` as the shell ran it, whatever came of it."""
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def run(self, line: str) -> str:
        """What ``line`` printed; it must succeed."""
        done = self.ran(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def serving(self, line: str, documented: int, ready: str = "/health/ready") -> Iterator["Served"]:
        """The server that ``line`` starts, on its ``documented`` port unless that is taken; ready, later ended.

        It is ready when the path ``ready`` is answered with 200.
        """
        with reserved(documented) as port:
            served = Served(self, line.replace(str(documented), str(port)), port)
            try:
                served.wait_until_ready(ready)
                yield served
            finally:
                served.end()


class Served:
    """A server process, with whatever processes it started."""

    def __init__(self, terminal: Terminal, line: str, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 -- closed at the end
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", line],
            cwd=terminal.folder,
            env=terminal.environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    @property
    def group(self) -> int:
        """The group that all its processes are in."""
        return self._process.pid

    @property
    def log(self) -> str:
        """All that it printed so far."""
        return os.pread(self._log.fileno(), 10**7, 0).decode(errors="replace")

    def get(self, path: str, **options: str) -> httpx.Response:
        """GET ``path`` with the headers ``options``."""
        return httpx.get(self.url + path, headers={k.replace("_", "-"): v for k, v in options.items()}, timeout=60)

    def predict(self, body: object, **options: str) -> httpx.Response:
        """POST /predict with ``body`` as JSON, or with its very bytes, and the headers ``options``."""
        headers = {k.replace("_", "-"): v for k, v in options.items()}
        url = f"{self.url}/predict"
        if isinstance(body, bytes):
            return httpx.post(url, content=body, headers=headers, timeout=60)
        return httpx.post(url, json=body, headers=headers, timeout=60)

    def wait_until_ready(self, path: str = "/health/ready") -> None:
        """Returns once ``path`` is answered with 200."""
        end = time.monotonic() + READY
        while not self._is_ready(path):
            assert self._process.poll() is None, f"the server ended: {self.log}"
            assert time.monotonic() < end, f"the server is not ready: {self.log}"
            time.sleep(0.05)

    def end(self) -> None:
        """Ctrl+C, and a kill for what is left."""
        for number, patience in ((signal.SIGINT, 15.0), (signal.SIGKILL, 15.0)):
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        self._log.close()

    def _is_ready(self, path: str) -> bool:
        try:
            return self.get(path).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def reserved(port: int) -> Iterator[int]:
    """``port`` if nobody listens there and no other test has it, else a free one; ours until the block ends."""
    with _lock(port) as ours:
        if ours and _is_free(port):
            yield port
            return
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        other: int = bound.getsockname()[1]
    yield other


@contextmanager
def _lock(port: int) -> Iterator[bool]:
    with Path(tempfile.gettempdir(), f"vaticina-tests-{os.getuid()}-{port}.lock").open("w") as file:
        yield _locked(file)


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def _commands() -> list[str]:
    """The folders of this environment's commands, and of stand-ins for tools that this machine lacks."""
    found = [str(Path(sys.executable).parent)]
    lacking = [name for name in TOOLS if shutil.which(name) is None]
    if lacking:
        found.append(str(stand_ins(Path(tempfile.mkdtemp(prefix="vaticina-tools-")), lacking)))
    return found


def stand_ins(folder: Path, names: list[str]) -> Path:
    """``folder`` with a command for each of ``names`` that does what the documented lines need of it."""
    for name in names:
        command = folder / name
        script = Path(__file__).with_name("stand_in.py")
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" {name} "$@"\n')
        command.chmod(0o755)
    return folder


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a Markdown page in ``language``."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(page: Path, language: str = "sh") -> list[str]:
    """The lines of a page's shell blocks, without comments; one that ends in a backslash goes on in the next."""
    joined = "".join(blocks(page, language)).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
