"""When a batch is in the hands of a worker that does not read it: its server has written it to the pipe."""

import time
from pathlib import Path

PATIENCE = 60.0
"""Seconds that a server may take to write a batch on a busy machine."""


def bytes_written(process: int) -> int:
    """How many bytes a process has written since it began, to files, sockets and pipes together."""
    counts = Path(f"/proc/{process}/io").read_text()
    return int(counts.partition("wchar: ")[2].split()[0])


def await_written(process: int, total: int) -> None:
    """Returns once ``process`` has written ``total`` bytes; a batch of many rows is more than all else it writes."""
    end = time.monotonic() + PATIENCE
    while bytes_written(process) < total:
        assert time.monotonic() < end, f"process {process} has not written the batch"
        time.sleep(0.01)
