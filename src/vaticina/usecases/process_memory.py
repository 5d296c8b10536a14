"""The memory that the processes of a session hold, as the system tells of each."""

import os
from pathlib import Path

PROCESSES = Path("/proc")

SESSION, RESIDENT_PAGES = 3, 21
"""Places of these fields in /proc/PID/stat behind the name of the program (proc(5), fields 6 and 24)."""


def resident_bytes(session: int) -> int:
    """The resident memory of all processes of ``session``; 0 where the system does not tell."""
    pages = 0
    for folder in PROCESSES.glob("[0-9]*"):
        fields = _status_fields(folder)
        if len(fields) > RESIDENT_PAGES and int(fields[SESSION]) == session:
            pages += int(fields[RESIDENT_PAGES])
    return pages * os.sysconf("SC_PAGE_SIZE")


def machine_bytes() -> int:
    """The memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _status_fields(folder: Path) -> list[str]:
    """The fields of a process behind the name of its program; empty when it has ended."""
    try:
        status = (folder / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return status.rpartition(")")[2].split()
