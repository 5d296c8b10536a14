"""A verb in a process of its own: its result, its errors, its progress, its priority, its end."""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.cli.shell import write_project
from vaticina.errors import ContractViolation, NoData, ProjectError, VaticinaError
from vaticina.jobs.lock import file_lock
from vaticina.jobs.verb_process import LOWEST_PRIORITY, error_of, run_verb


def nobody(step: str, share: float) -> None:
    """Hears nothing."""


def test_a_verb_gives_its_json(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "risk")
    steps: list[tuple[str, float]] = []
    document = asyncio.run(run_verb("train", ["--steps", str(folder)], lambda step, share: steps.append((step, share))))
    assert (document["project"], document["promoted"]) == ("risk", True)
    assert steps[0] == ("reading the data", 0.0)
    assert steps[-1] == ("done", 1.0)


def test_its_error_is_of_our_tree(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="does not exist"):
        asyncio.run(run_verb("train", [str(tmp_path / "nowhere")], nobody))


def test_a_verb_that_is_not_understood(tmp_path: Path) -> None:
    with pytest.raises(VaticinaError, match=r"ended with 2: .*nope"):
        asyncio.run(run_verb("train", ["--nope"], nobody))


@pytest.mark.skipif(sys.platform == "win32", reason="no priorities there")
def test_it_gives_way_and_ends_with_who_awaits_it(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "risk")

    async def leave() -> tuple[int, int, int]:
        task = asyncio.create_task(run_verb("train", [str(folder)], nobody))
        end = time.monotonic() + 20
        while not (children := _children()):
            assert time.monotonic() < end
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        priority = os.getpriority(os.PRIO_PROCESS, children[0])
        processors = len(os.sched_getaffinity(children[0])) if sys.platform == "linux" else 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return children[0], priority, processors

    child, priority, processors = asyncio.run(leave())
    assert (priority, processors) == (LOWEST_PRIORITY, 1)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def _children() -> list[int]:
    """The processes of this one that train."""
    children = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and b"train" in words:
            children.append(int(folder.name))
    return children


def test_errors_are_made_again_from_their_codes() -> None:
    assert isinstance(error_of("no_data", "x"), NoData)
    assert isinstance(error_of("contract_violation", "x"), ContractViolation)
    assert type(error_of("of_tomorrow", "x")) is VaticinaError
    assert error_of("no_data", "x is not there.").message == "x is not there."


def test_turns_are_taken(tmp_path: Path) -> None:
    order: list[str] = []

    def other() -> None:
        with file_lock(tmp_path / "state" / "lock"):
            order.append("second")

    with file_lock(tmp_path / "state" / "lock"):
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.05)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
