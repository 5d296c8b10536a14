"""The recorder: it writes the predictions of a batch into the history before they are answered."""

import logging
from collections.abc import Sequence
from functools import partial
from threading import BoundedSemaphore
from typing import Literal, Protocol

from vaticina.contract import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import HistoryUnavailable
from vaticina.serving.daemon_thread import DaemonThread

log = logging.getLogger("vaticina")

MAX_WAITING = 1_000
"""How many batches may wait to be written in the background, so that a slow database does not fill the memory."""

CLOSE_TIMEOUT = 30.0
"""Seconds that ``close`` waits for the batches that are still to be written."""

Durability = Literal["commit", "sync", "background", "off"]


class Journal(Protocol):
    """The method of a history that recording needs."""

    def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Commits ``records``, which are of one project, in one transaction, and adds ``outside`` to its counts.

        Raises HistoryUnavailable and IdempotencyConflict.
        """
        ...


class Recorder:
    """Records predictions with the durability of the project: before the answer, in the background, or not at all."""

    def __init__(self, journal: Journal, durability: Durability) -> None:
        self._journal = journal
        self._enabled = durability != "off"
        self._thread = DaemonThread("recorder") if durability == "background" else None
        self._places = BoundedSemaphore(MAX_WAITING)
        self._failing = False

    def record(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Records ``records`` of one project, and in how many of them its inputs lay outside.

        On return they are committed, unless the durability is ``background`` or ``off``.

        Raises:
            HistoryUnavailable: they are not committed.
        """
        if self._thread:
            self._record_later(self._thread, records, outside)
        elif self._enabled:
            self._record_now(records, outside)

    def close(self) -> None:
        """Waits until all batches are written."""
        if self._thread and not self._thread.close(CLOSE_TIMEOUT):
            log.error("the last predictions could not be written to the history in time")

    def _record_now(self, records: Sequence[Record], outside: OutsideCounts) -> None:
        try:
            self._journal.append(records, outside)
        except HistoryUnavailable as error:
            if not self._failing:  # once, not for every batch that is refused
                log.error("predictions are refused because they cannot be recorded: %s", error.message)
            self._failing = True
            raise
        if self._failing:
            log.warning("predictions are recorded again")
            self._failing = False

    def _record_later(self, thread: DaemonThread, records: Sequence[Record], outside: OutsideCounts) -> None:
        if self._places.acquire(blocking=False):
            thread.submit(partial(self._append, records, outside))
        else:
            log.error(
                "%d batches are waiting for the history; %d predictions are not recorded", MAX_WAITING, len(records)
            )

    def _append(self, records: Sequence[Record], outside: OutsideCounts) -> None:
        try:
            self._journal.append(records, outside)
        except Exception:
            log.exception("%d predictions are not recorded", len(records))
        finally:
            self._places.release()
