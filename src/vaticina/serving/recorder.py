"""The recorder: a batch's predictions are in the history before they are answered."""

import logging
from collections.abc import Sequence
from functools import partial
from threading import BoundedSemaphore
from typing import Literal, Protocol

from vaticina.contract import Record
from vaticina.errors import HistoryUnavailable
from vaticina.serving.daemon_thread import DaemonThread

log = logging.getLogger("vaticina")

BACKLOG = 1_000
"""Batches that may wait to be written in the background; beyond it, memory would pay for a slow database."""

LAST_WRITES = 30.0
"""Seconds that closing waits for what is still to be written."""

Durability = Literal["commit", "sync", "background", "off"]


class Journal(Protocol):
    """Where records go; ``append`` returns once they are committed, and raises HistoryUnavailable otherwise."""

    def append(self, records: Sequence[Record]) -> None:
        """Commits ``records`` in one transaction."""
        ...


class Recorder:
    """Records in the way the project's ``durability`` says."""

    def __init__(self, journal: Journal, durability: Durability) -> None:
        self._journal = journal
        self._enabled = durability != "off"
        self._behind = DaemonThread("recorder") if durability == "background" else None
        self._room = BoundedSemaphore(BACKLOG)
        self._failing = False

    def record(self, records: Sequence[Record]) -> None:
        """Keeps ``records``; on return they are committed, unless the project asked for less.

        Raises:
            HistoryUnavailable: they are not committed.
        """
        if self._behind:
            self._record_later(self._behind, records)
        elif self._enabled:
            self._record_now(records)

    def close(self) -> None:
        """Waits until everything handed over is written."""
        if self._behind and not self._behind.close(LAST_WRITES):
            log.error("the history did not take the last predictions in time")

    def _record_now(self, records: Sequence[Record]) -> None:
        try:
            self._journal.append(records)
        except HistoryUnavailable as error:
            if not self._failing:  # once, not for every batch that is refused
                log.error("predictions are refused, for they cannot be recorded: %s", error.message)
            self._failing = True
            raise
        if self._failing:
            log.warning("predictions are recorded again")
            self._failing = False

    def _record_later(self, behind: DaemonThread, records: Sequence[Record]) -> None:
        if self._room.acquire(blocking=False):
            behind.submit(partial(self._append, records))
        else:
            log.error("the history is %d batches behind; %d predictions are not recorded", BACKLOG, len(records))

    def _append(self, records: Sequence[Record]) -> None:
        try:
            self._journal.append(records)
        except Exception:
            log.exception("%d predictions are not recorded", len(records))
        finally:
            self._room.release()
