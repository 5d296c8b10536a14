"""A folder for the files of one piece of work. One that a killed process left behind is removed by the next."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vaticina.jobs.lock import try_lock

UNNAMED_LOCK, LOCK = ".lock", "lock"
"""The file in the folder that its process holds locked as long as it lives."""


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A new folder for this user alone, whose name begins with ``prefix``; it is removed after the block."""
    place = Path(tempfile.gettempdir())
    for folder in place.glob(f"{prefix}*"):
        _remove_abandoned(folder)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with try_lock(folder / UNNAMED_LOCK):
            (folder / UNNAMED_LOCK).rename(folder / LOCK)  # so it is never seen unlocked
            yield folder


def _remove_abandoned(folder: Path) -> None:
    """Removes a folder whose process has ended. One that is another user's, or locked, stays."""
    if not (folder / LOCK).is_file():
        return
    try:
        with try_lock(folder / LOCK) as is_held:
            if is_held:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # another user's
        return
