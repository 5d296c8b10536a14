"""A command of ``vaticina`` in a process of its own, with a lower priority than the server."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from vaticina.contract.messages import SENTENCES
from vaticina.contract.sentence import Sentence
from vaticina.errors import VaticinaError
from vaticina.progress import Report
from vaticina.settings import environment_with, own_command

TERMINATE_TIMEOUT = 5.0
"""Seconds that a process gets to end before it is killed."""

LOWEST_PRIORITY = 19
"""The highest niceness: every other process comes first."""

PROGRESS = "@"
"""The first word of a line of progress: ``@ SHARE STEP``."""


async def run_verb(verb: str, arguments: Sequence[str], report: Report) -> dict[str, Any]:
    """The JSON that ``vaticina VERB --json ARGUMENTS`` prints.

    The command runs on one processor with the lowest priority. It is ended when the caller is cancelled. The error with
    which it fails is raised here, in the same class.
    """
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    process = await asyncio.create_subprocess_exec(
        *own_command(verb, "--json", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment_with(threads),
    )
    _lower_priority(process.pid)
    try:
        stdout, last_line = await asyncio.gather(_read_output(process), _read_progress(process, report))
        code = await process.wait()
    finally:
        if process.returncode is None:
            await _end(process)
    return _result(stdout, last_line, code)


def _lower_priority(process: int) -> None:
    """Lets the server's processes run before ``process``.

    With a low priority alone, a server that wakes up may wait for some milliseconds; a process with the policy "idle"
    is interrupted at once. It stays on one processor, since moving it disturbs two: five times as many of the slowest
    hundredth of a single caller's answers were late.
    """
    with suppress(OSError, AttributeError):  # other systems have only the first of these functions, or none
        os.setpriority(os.PRIO_PROCESS, process, LOWEST_PRIORITY)
        os.sched_setscheduler(process, os.SCHED_IDLE, os.sched_param(0))
        os.sched_setaffinity(process, {max(os.sched_getaffinity(process))})


async def _read_output(process: asyncio.subprocess.Process) -> bytes:
    return await process.stdout.read() if process.stdout else b""


async def _read_progress(process: asyncio.subprocess.Process, report: Report) -> str:
    """Reports each line of progress on standard error; returns the last other line."""
    last_line = ""
    if process.stderr is None:
        return last_line
    async for line in process.stderr:
        text = line.decode(errors="replace").strip()
        mark, _, rest = text.partition(" ")
        share, _, step = rest.partition(" ")
        if mark == PROGRESS and step:
            report(step, float(share))
        elif any(map(str.isalnum, text)):
            last_line = text
    return last_line


async def _end(process: asyncio.subprocess.Process) -> None:
    """Terminates ``process``, and kills it when it does not end in time."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), TERMINATE_TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()


def _result(stdout: bytes, last_line: str, code: int) -> dict[str, Any]:
    try:
        document = json.loads(stdout)
    except ValueError:
        document = None
    if isinstance(document, dict):
        if code == 0:
            return document
        if "code" in document:
            raise error_of(document)
    raise VaticinaError(f"The process of this job ended with {code}: {last_line[:500] or 'without a message'}.")


def error_of(document: Mapping[str, Any]) -> VaticinaError:
    """The error of the class that has the ``code`` of ``document``; a plain VaticinaError when no class has it.

    Its message is ``message``, or with ``sentence`` and ``facts`` that sentence of the catalogue.
    """
    error_class = _class_with(str(document["code"]), VaticinaError) or VaticinaError
    error = error_class.__new__(error_class)
    message = str(document.get("message", ""))
    if document.get("sentence") in SENTENCES:
        message = Sentence(document["sentence"], **document["facts"])
    Exception.__init__(error, message)
    return error


def _class_with(code: str, root: type[VaticinaError]) -> type[VaticinaError] | None:
    """``root`` or the class derived from it that has ``code``."""
    if root.code == code:
        return root
    for child in root.__subclasses__():
        error_class = _class_with(code, child)
        if error_class is not None:
            return error_class
    return None
