"""Taking turns: one process at a time, however many servers and people there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows; there the queue of one server is all there is
    fcntl = None  # type: ignore[assignment]


@contextmanager
def turn(file: Path) -> Iterator[None]:
    """Waits until nobody else holds ``file``, and holds it until the block ends or the process does."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as held:
        _lock(held)
        yield


def _lock(held: IO[str]) -> None:
    if fcntl is not None:
        fcntl.flock(held, fcntl.LOCK_EX)
