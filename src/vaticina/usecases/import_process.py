"""Runs the child process of an import, within limits, and takes what it gives back.

This process never reads, opens or asks a stranger's objects. A child that crashes, or uses more than it may, is one
clear error.
"""

import math
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from pydantic import ValidationError

from vaticina.contract import Project
from vaticina.errors import ImportRefused
from vaticina.foreign.environment import Environment
from vaticina.foreign.pins import EnvironmentSpec, is_known_spec
from vaticina.formats import recognise
from vaticina.jobs.verb_process import error_of
from vaticina.progress import Report, no_report
from vaticina.settings import Settings, plain_environment, read_settings
from vaticina.usecases.import_messages import (
    ENVIRONMENT,
    FROM_CHILD,
    AskEnvironment,
    AskInputs,
    Done,
    Failed,
    ImportTask,
    Limits,
    Step,
    written_request,
)
from vaticina.usecases.import_request import ImportRequest, written_project
from vaticina.usecases.imported_model import ImportedModel, read_imported
from vaticina.usecases.process_memory import machine_bytes, resident_bytes
from vaticina.usecases.scratch_folder import scratch_folder

WATCH_SECONDS = 0.2
"""Between two looks at the memory that the child holds."""

END_SECONDS = 10.0
"""In which a child ends whose end of the pipe is closed."""

DEFAULT_MEMORY = 8 * 2**30
"""Bytes that a child may hold, on a machine that has enough of them."""

SHARE_OF_MACHINE = 0.75

ADDRESSES = 4
"""How much address space a child has for each byte that it may hold: libraries reserve more than they use."""

MAX_MESSAGE = 64 * 2**20
"""Bytes of a message from the child."""

STDERR = 2
"""The descriptor of this process's standard error."""


def run_import(request: ImportRequest, report: Report = no_report) -> ImportedModel:
    """The model at the request's place as plain data, made by a child process of this one. Nothing is published.

    Raises:
        ImportRefused, PickleRefused, ForeignVersion, MissingExtra, ProjectError, DataError: as ``adopt_model``.
        ImportRefused: the child crashed, or used more memory or time than it may.
    """
    request = request.with_files()
    project = request.project()
    settings = read_settings(request.target if request.exists else None)
    with scratch_folder("vaticina-import-") as folder:
        result = folder / "result"
        result.mkdir()
        child = ImportProcess(request, settings, folder)
        try:
            child.run(project, result, report)
        finally:
            child.end()
        return read_imported(result)


def memory_limit(settings: Settings) -> int:
    """Bytes of memory that an import may hold."""
    if settings.import_memory is not None:
        return int(settings.import_memory * 2**30)
    return min(DEFAULT_MEMORY, int(machine_bytes() * SHARE_OF_MACHINE))


class ImportProcess:
    """The child process of one import. It is a session of its own, all of which ends together."""

    def __init__(self, request: ImportRequest, settings: Settings, folder: Path) -> None:
        self._request = request
        self._memory = memory_limit(settings)
        self._seconds = settings.import_minutes * 60
        self._deadline = time.monotonic() + self._seconds
        self._output = folder / "output"
        self._pipe, child_end = Pipe()
        home = folder / "home"
        home.mkdir()
        self._popen = _start(child_end, home, self._output, is_debugging=settings.log_level == "debug")
        child_end.close()

    def run(self, project: Project | None, result: Path, report: Report) -> None:
        """Lets the child fill the folder ``result``. Raises what it fails with, and ImportRefused."""
        self._send(self._task(project, result).written())
        while True:
            self._check_limits()
            if not self._pipe.poll(WATCH_SECONDS):
                continue
            message = self._receive()
            match message:
                case Done():
                    return
                case Failed():
                    raise error_of(message.error)
                case Step():
                    report(message.step, message.share)
                case _:
                    self._answer(message)

    def end(self) -> None:
        """Kills the child and all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self._pipe.close()

    def _task(self, project: Project | None, result: Path) -> ImportTask:
        fields = None
        if project is not None:
            fields = written_project(project)
        return ImportTask(
            request=written_request(self._request),
            project=fields,
            format=recognise(self._request.source()).name,
            folder=result,
            asks_inputs=self._request.complete_inputs is not dict,
            limits=Limits(
                address_space=ADDRESSES * self._memory, file_size=self._memory, seconds=math.ceil(self._seconds)
            ),
        )

    def _answer(self, question: AskInputs | AskEnvironment) -> None:
        """Answers a question of the child. The time that it takes is not the child's."""
        begun = time.monotonic()
        if isinstance(question, AskInputs):
            inputs = self._request.complete_inputs(question.inputs)
            self._send(AskInputs(inputs=inputs).written())
        else:
            self._send(ENVIRONMENT.dump_json(self._environment(question)))
        self._deadline += time.monotonic() - begun

    def _environment(self, question: AskEnvironment) -> Environment:
        """The environment that the child asks for. Raises ImportRefused for other libraries, and MissingExtra."""
        isolation = self._request.isolation
        spec = EnvironmentSpec(question.pythons, question.pins)
        if not is_known_spec(spec, isolation.more):
            raise ImportRefused(f"{self._name} asks for libraries that no model needs: {', '.join(spec.pins)[:500]}.")
        return isolation.make_environment(spec, isolation.cache / "environments", isolation.roots)

    @property
    def _name(self) -> str:
        """What the user calls the files."""
        return str(self._request.place)

    def _send(self, data: bytes) -> None:
        try:
            self._pipe.send_bytes(data)
        except OSError:
            raise self._ended() from None

    def _receive(self) -> Step | AskInputs | AskEnvironment | Failed | Done:
        try:
            return FROM_CHILD.validate_json(self._pipe.recv_bytes(MAX_MESSAGE))
        except ValidationError:
            raise ImportRefused(
                f"The process that opens {self._name} speaks no message of ours; it was ended."
            ) from None
        except (EOFError, OSError):
            raise self._ended() from None

    def _check_limits(self) -> None:
        """Raises ImportRefused when the child holds too much memory, or takes too long."""
        if resident_bytes(self._popen.pid) > self._memory:
            raise self._refusal(f"needs more than {self._memory / 2**30:.2g} GiB of memory", "VATICINA_IMPORT_MEMORY")
        if time.monotonic() > self._deadline:
            raise self._too_long()

    def _ended(self) -> ImportRefused:
        """Why the child ended before it was done."""
        try:
            code = self._popen.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return ImportRefused(f"The process that opens {self._name} left its pipe; it was ended.")
        if code == -signal.SIGXCPU:
            return self._too_long()
        if code == -signal.SIGKILL:
            return ImportRefused(
                f"The process that opens {self._name} was killed, most likely because the machine has no more memory; "
                "free some, or import it on a larger machine."
            )
        if code < 0:
            return ImportRefused(
                f"The process that opens {self._name} crashed ({signal.Signals(-code).name}): the file is damaged or "
                "forged, or a library fails on it. Save it again, or as ONNX."
            )
        return ImportRefused(f"The process that opens {self._name} ended with exit code {code}: {self._last_line()}")

    def _too_long(self) -> ImportRefused:
        return self._refusal(f"takes more than {self._seconds / 60:g} minutes", "VATICINA_IMPORT_MINUTES")

    def _refusal(self, excess: str, variable: str) -> ImportRefused:
        return ImportRefused(
            f"{self._name} {excess}, so the import was ended; if you trust the file, set {variable} higher."
        )

    def _last_line(self) -> str:
        """The last line that the child wrote."""
        try:
            lines = self._output.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            lines = []
        words = list(filter(str.strip, lines))
        return words[-1][:500] if words else "it wrote no message"


def _start(child_end: Connection, home: Path, output: Path, *, is_debugging: bool) -> "subprocess.Popen[bytes]":
    """Starts the child with one end of the pipe. What it prints goes to ``output``, or is shown to who debugs."""
    descriptor = child_end.fileno()
    command = [sys.executable, "-P", "-m", "vaticina.usecases.import_child", str(descriptor)]
    environment = {**plain_environment(home), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with output.open("wb") as file:
        printed = STDERR if is_debugging else file.fileno()
        return subprocess.Popen(  # noqa: S603 -- our own module
            command,
            env=environment,
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            start_new_session=True,
        )
