"""All processes that a server has started: found, weighed and ended through /proc."""

import ctypes
import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_DEAD = "ZX"


def adopt_orphans() -> None:
    """Makes this process the parent of every orphan below it, so that no server's daemon escapes `descendants`.

    Raises:
        OSError: the kernel refused, which leaves daemons of a server unseen.
    """
    _adopting(True)


@contextmanager
def strangers() -> Iterator[None]:
    """Daemons started in the block are nobody's descendants: neither weighed nor ended with the server.

    Raises:
        OSError: the kernel refused.
    """
    _adopting(False)
    try:
        yield
    finally:
        _adopting(True)


def _adopting(wanted: bool) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) was refused")


def descendants() -> list[int]:
    """Ids of all living processes below this one.

    A dead process that still waits for its last thread keeps its children, so the search goes on through it.
    """
    states, children = {}, defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        state, parent = _state_and_parent(folder)
        states[int(folder.name)] = state
        children[parent].append(int(folder.name))
    found, queue = [], [os.getpid()]
    while queue:
        below = children[queue.pop()]
        found += [pid for pid in below if states[pid] not in _DEAD]
        queue += below
    return found


def _state_and_parent(folder: Path) -> tuple[str, int]:
    """State and parent's id of a process in /proc; dead and without a parent if it is gone meanwhile."""
    try:
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return "X", 0
    return state, int(parent)


def memory() -> float:
    """Proportional set size (PSS) of all descendants together, in MB of 10^6 bytes."""
    return sum(map(_pss, descendants())) * 1024 / 1e6


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def end_all(patience: float) -> None:
    """Asks every descendant to end, waits up to `patience` seconds, then kills what is left."""
    _send(signal.SIGTERM)
    deadline = time.monotonic() + patience
    while descendants() and time.monotonic() < deadline:
        _reap()
        time.sleep(0.05)
    while descendants():
        _send(signal.SIGKILL)
        _reap()
        time.sleep(0.05)


def _send(number: signal.Signals) -> None:
    for pid in descendants():
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
    except ChildProcessError:
        return
