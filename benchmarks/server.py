"""One contender's server, running: started on its own core, awaited, and ended with all its processes."""

import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from benchmarks import processes
from benchmarks.contenders import Contender, clean_environment
from benchmarks.machine import LOAD_CORE, SERVER_CORE

_READY_WITHIN = 120.0
_POLL = 0.005
_PATIENCE = 10.0
_FAULT = "database is locked"


@dataclass(frozen=True)
class Server:
    """A server that has answered its first prediction."""

    url: str
    startup: float
    """Seconds from the start of its command to the first 200."""


@contextmanager
def serving(contender: Contender) -> Iterator[Server]:
    """Runs a contender's server for the length of the block; whatever happens in it, no process is left.

    Raises:
        SystemExit: the server ended or did not answer 200 in time, or found its database locked; its last output is
            shown.
    """
    port = _free_port()
    with (contender.beside or nullcontext)(), TemporaryFile("w+") as output:
        try:
            start = time.perf_counter()
            process = _start(contender, port, output)
            _await_first_answer(contender, port, process, output)
            yield Server(f"http://127.0.0.1:{port}{contender.path}", time.perf_counter() - start)
            check_log(contender.title, output)
        except OSError as problem:
            raise SystemExit(f"{contender.title}: {problem}. Its output ends:\n{_end_of(output)}") from problem
        finally:
            processes.end_all(_PATIENCE)


def check_log(title: str, output: IO[str]) -> None:
    """Nothing was refused by a locked database.

    Raises:
        SystemExit: something was; the last output is shown.
    """
    output.seek(0)
    if any(_FAULT in line for line in output):
        raise SystemExit(f"{title}: {_FAULT}. Its output ends:\n{_end_of(output)}")


def command(contender: Contender, port: int) -> list[str]:
    """The command line that serves, on its own core, or on both where the contender is not pinned."""
    cores = str(SERVER_CORE) if contender.is_pinned else f"{SERVER_CORE},{LOAD_CORE}"
    return ["taskset", "--cpu-list", cores, *contender.on(port)]


def _start(contender: Contender, port: int, output: IO[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(contender, port),
        cwd=contender.folder,
        env=clean_environment() | dict(contender.environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _await_first_answer(contender: Contender, port: int, process: subprocess.Popen[bytes], output: IO[str]) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while (answer := _ask(contender, port)) != "200":
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{contender.title} did not answer (last: {answer}). Its output ends:\n{_end_of(output)}")
        time.sleep(_POLL)


def _ask(contender: Contender, port: int) -> str:
    """The status of one prediction, or what kept it from being answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", contender.path, contender.first(), {"Content-Type": "application/json"})
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as problem:
        return repr(problem)
    finally:
        connection.close()


def _end_of(output: IO[str]) -> str:
    output.seek(0)
    return "".join(output.readlines()[-40:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
