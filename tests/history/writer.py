"""What other processes do to a history."""

import os
import time
from itertools import count, islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from tests.history.samples import records
from vaticina.errors import HistoryUnavailable
from vaticina.history.migrate import upgrade
from vaticina.history.sql import open_history

SIZES = (1, 7, 64, 3)

# Forks of a process that has imported everything start at once, and none inherits a connection or a thread.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.history.writer", "psycopg"])


def write(url: str, label: str, diary: Path, batches: int | None = None) -> None:
    """Appends until it is killed, or ``batches`` times; ``diary`` gets a batch's uids once ``append`` has returned."""
    history = open_history(url)
    book = os.open(diary, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for turn in islice(count(), batches):
        batch = records(SIZES[turn % len(SIZES)], label=label)
        history.append(batch)
        os.write(book, " ".join([*(record.uid for record in batch), "\n"]).encode())
    os.close(book)
    history.close()


def written(diary: Path) -> list[str]:
    """The uids in ``diary``."""
    return diary.read_text().split() if diary.exists() else []


def upgrade_at(url: str, moment: float) -> None:
    """Upgrades ``url`` when the clock says ``moment``."""
    time.sleep(max(0.0, moment - time.time()))
    upgrade(url)


def complaint(url: str, answer: Connection) -> None:
    """Sends what a user without rights hears when appending."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)
    history = open_history(url)
    try:
        history.append(records(1))
        answer.send("")
    except HistoryUnavailable as error:
        answer.send(error.message)
