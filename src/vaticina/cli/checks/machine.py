"""The machine: Python and the disk."""

import platform
import shutil
import sys
from pathlib import Path

from vaticina import __version__
from vaticina.cli.checks.finding import Finding, Status

OLDEST = (3, 11)

LITTLE, TOO_LITTLE = 2**30, 100 * 2**20
"""Bytes of free disk below which one should look, and below which the next training may not fit."""


def check_python() -> Finding:
    """Python is new enough, and which Vaticina this is."""
    found = f"Python {platform.python_version()} ({sys.executable}), Vaticina {__version__}"
    if sys.version_info < OLDEST:
        return Finding("fail", "python", f"{found}: Vaticina needs {'.'.join(map(str, OLDEST))} or newer; install it.")
    return Finding("ok", "python", found)


def check_disk(folder: Path) -> Finding:
    """There is room where the project keeps its state."""
    place = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 2**30:.1f} GiB free at {place}"
    if free >= LITTLE:
        return Finding("ok", "disk", text)
    status: Status = "warn" if free >= TOO_LITTLE else "fail"
    return Finding(status, "disk", f"{text}: make room, or move the state elsewhere with VATICINA_HOME.")
