"""The child process of an import: it opens a stranger's files, and writes what it makes of them as plain data.

``python -m vaticina.usecases.import_child DESCRIPTOR``, with the descriptor of a pipe to its parent. It has neither the
registry nor the history, and none of its parent's environment. It ends, with the processes that it started, when the
parent does.
"""

import faulthandler
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from vaticina.contract.fields import AnyInput
from vaticina.errors import ImportRefused, VaticinaError
from vaticina.foreign.environment import Environment
from vaticina.foreign.pins import EnvironmentSpec
from vaticina.formats import recognise
from vaticina.jobs.job import error_document
from vaticina.usecases.adopt import adopt_model
from vaticina.usecases.import_messages import (
    ENVIRONMENT,
    REQUEST,
    AskEnvironment,
    AskInputs,
    Done,
    Failed,
    ImportTask,
    Limits,
    Message,
    Step,
)
from vaticina.usecases.import_request import ImportRequest, read_project

GRACE = 5
"""Seconds of the processor between the signal that ends the process and the one that it cannot ignore."""


class Parent:
    """The process that asked for the import, at the other end of ``connection``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def task(self) -> ImportTask:
        """What is to be done."""
        return ImportTask.model_validate_json(self._connection.recv_bytes())

    def tell(self, message: Message) -> None:
        """Sends a message."""
        self._connection.send_bytes(message.written())

    def report(self, step: str, share: float) -> None:
        """Tells the step at work."""
        self.tell(Step(step=step, share=share))

    def complete_inputs(self, inputs: Mapping[str, AnyInput]) -> dict[str, AnyInput]:
        """The inputs with what a person adds to them."""
        self.tell(AskInputs(inputs=dict(inputs)))
        return AskInputs.model_validate_json(self._connection.recv_bytes()).inputs

    def make_environment(self, spec: EnvironmentSpec, _folder: Path, _roots: tuple[Path, ...]) -> Environment:
        """The environment that ``spec`` describes; the parent knows where to make it."""
        self.tell(AskEnvironment(pythons=spec.pythons, pins=spec.pins))
        return ENVIRONMENT.validate_json(self._connection.recv_bytes())


def main() -> None:
    """Does the task that comes over the pipe whose descriptor stands on the command line."""
    connection = Connection(int(sys.argv[1]))
    Thread(target=_end_with_parent, args=(connection.fileno(),), name="parent", daemon=True).start()
    faulthandler.enable()
    parent = Parent(connection)
    parent.tell(_outcome(parent, parent.task()))


def _outcome(parent: Parent, task: ImportTask) -> Message:
    """Does the task, and says how it ended."""
    try:
        _limit(task.limits)
        project = None
        if task.project is not None:
            project = read_project(task.project)
        request = _request(parent, task)
        _check_format(request, task.format)
        imported = adopt_model(request, project, parent.report)
        imported.write(task.folder)
    except VaticinaError as error:
        return Failed(error=error_document(error))
    except Exception as error:  # a stranger's objects raise what they please
        traceback.print_exc()
        name = Path(str(task.request["place"])).name
        reason = f"{type(error).__name__}: {error}".strip(" .")
        refused = ImportRefused(f"{name} cannot be imported: {reason}. Set LOG_LEVEL=debug for the traceback.")
        return Failed(error=error_document(refused))
    return Done()


def _request(parent: Parent, task: ImportTask) -> ImportRequest:
    """The request of the task, which asks the parent for what only the parent may do."""
    request = REQUEST.validate_python(task.request)
    isolation = replace(request.isolation, make_environment=parent.make_environment)
    if task.asks_inputs:
        return replace(request, isolation=isolation, complete_inputs=parent.complete_inputs)
    return replace(request, isolation=isolation)


def _check_format(request: ImportRequest, name: str) -> None:
    """Raises ImportRefused when the format that the parent recognised is not known to this process."""
    if recognise(request.source()).name != name:
        raise ImportRefused(
            f"{request.place} cannot be imported: the format {name} is registered in this process alone, and files are "
            "opened by another; let its package name it by an entry point of the group vaticina.formats."
        )


def _limit(limits: Limits) -> None:
    """Bounds what this process and those that it starts may use."""
    with suppress(OSError):  # the kernel ends this process first where memory runs out; Linux alone has the file
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    bounds = (
        (resource.RLIMIT_AS, limits.address_space, limits.address_space),
        (resource.RLIMIT_FSIZE, limits.file_size, limits.file_size),
        (resource.RLIMIT_CPU, limits.seconds, limits.seconds + GRACE),
        (resource.RLIMIT_CORE, 0, 0),
    )
    for kind, soft, hard in bounds:
        _, most = resource.getrlimit(kind)
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        resource.setrlimit(kind, (soft, hard))


def _end_with_parent(descriptor: int) -> None:
    """Waits until the parent's end of the pipe is closed, then kills all processes of this one's group."""
    hangup = select.poll()
    hangup.register(descriptor, 0)  # without events, only the end of the pipe is told
    hangup.poll()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
