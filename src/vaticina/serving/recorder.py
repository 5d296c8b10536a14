"""The recorder: a batch's predictions are in the history before they are answered."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, Protocol

from vaticina.contract import Record

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
        self._behind = ThreadPoolExecutor(1, "recorder") if durability == "background" else None

    def record(self, records: Sequence[Record]) -> None:
        """Keeps ``records``; on return they are committed, unless the project asked for less."""
        if self._behind:
            self._behind.submit(self._journal.append, records)
        elif self._enabled:
            self._journal.append(records)

    def close(self) -> None:
        """Waits until everything handed over is written."""
        if self._behind:
            self._behind.shutdown(wait=True)
