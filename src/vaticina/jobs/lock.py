"""A lock that is a file: one process at a time holds it, among all servers and commands on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows has none; there, only the queue of each server keeps jobs apart
    fcntl = None  # type: ignore[assignment]


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Waits until no other process holds the lock ``path``, and holds it until the block or the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        _lock(file)
        yield


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Holds the lock ``path`` until the block or the process ends; False when another process holds it."""
    with path.open("w", encoding="utf-8") as file:
        yield _try(file)


def _lock(file: IO[str]) -> None:
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX)


def _try(file: IO[str]) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
