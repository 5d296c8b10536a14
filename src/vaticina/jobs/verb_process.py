"""A verb of the command line in a process of its own, which gives way to whoever answers requests."""

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

PATIENCE = 5.0
"""Seconds that a process gets to end once it was asked to."""

LEAST = 19
"""The lowest priority there is."""

PROGRESS = "@"
"""What a line of progress starts with: ``@ SHARE STEP``."""


async def run_verb(verb: str, arguments: Sequence[str], report: Report) -> dict[str, Any]:
    """What ``vaticina VERB --json ARGUMENTS`` prints.

    It works on one processor at the lowest priority, and ends with whoever awaits it. Raises the error that the verb
    ended with, of the same class.
    """
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    process = await asyncio.create_subprocess_exec(
        *own_command(verb, "--json", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment_with(threads),
    )
    _give_way(process.pid)
    try:
        printed, said = await asyncio.gather(_printed(process), _followed(process, report))
        code = await process.wait()
    finally:
        if process.returncode is None:
            await _end(process)
    return _result(printed, said, code)


def _give_way(process: int) -> None:
    """Whoever answers requests goes first, on every processor.

    By priority alone a predictor that wakes up may wait for a few milliseconds; an idle process is put aside at once.
    It stays on one processor: one that wanders is still in the way where it comes from and where it goes to, five
    times as often by the slowest hundredth of a lone caller's answers.
    """
    with suppress(OSError, AttributeError):  # other systems have only the first, or none
        os.setpriority(os.PRIO_PROCESS, process, LEAST)
        os.sched_setscheduler(process, os.SCHED_IDLE, os.sched_param(0))
        os.sched_setaffinity(process, {max(os.sched_getaffinity(process))})


async def _printed(process: asyncio.subprocess.Process) -> bytes:
    return await process.stdout.read() if process.stdout else b""


async def _followed(process: asyncio.subprocess.Process, report: Report) -> str:
    """Reports each line of progress; returns the last line that is none."""
    said = ""
    if process.stderr is None:
        return said
    async for line in process.stderr:
        text = line.decode(errors="replace").strip()
        mark, _, rest = text.partition(" ")
        share, _, step = rest.partition(" ")
        if mark == PROGRESS and step:
            report(step, float(share))
        else:
            said = text if any(map(str.isalnum, text)) else said
    return said


async def _end(process: asyncio.subprocess.Process) -> None:
    """Asks ``process`` to end, and ends it when it does not."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()


def _result(printed: bytes, said: str, code: int) -> dict[str, Any]:
    try:
        found = json.loads(printed)
    except ValueError:
        found = None
    if code == 0 and isinstance(found, dict):
        return found
    if isinstance(found, dict) and "code" in found:
        raise error_of(found)
    raise VaticinaError(f"The process of this job ended with {code}: {said[:500] or 'it said nothing'}.")


def error_of(document: Mapping[str, Any]) -> VaticinaError:
    """The error of our tree that ``document`` tells of: its ``code`` and ``message``.

    With ``sentence`` and ``facts``, its message is that sentence of the catalogue.
    """
    error_class: type[VaticinaError] = VaticinaError
    for candidate in _tree(VaticinaError):
        if candidate.code == document["code"]:
            error_class = candidate
            break
    error = error_class.__new__(error_class)
    message = str(document.get("message", ""))
    if document.get("sentence") in SENTENCES:
        message = Sentence(document["sentence"], **document["facts"])
    Exception.__init__(error, message)
    return error


def _tree(root: type[VaticinaError]) -> list[type[VaticinaError]]:
    return [root, *(one for child in root.__subclasses__() for one in _tree(child))]
