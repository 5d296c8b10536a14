"""Checkpoints of SQLite: a thread copies the write-ahead log into the database, so that no commit has to do it."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

PASSIVE = "PRAGMA wal_checkpoint(PASSIVE)"
RESTART = "PRAGMA wal_checkpoint(RESTART)"
"""Not TRUNCATE, which was seen to block writers for 90 ms. The log keeps its size and is overwritten from its start."""

PAUSE = 5.0
"""Seconds between checkpoints. Each syncs two files, which slows commits down."""

MIN_LOG_BYTES = 4 * 2**20
"""A smaller log is not checkpointed. SQLite's own automatic checkpoints begin at the same size."""

MAX_LOG_PAGES = 16_384
"""With more pages of 4 kB, the log is restarted from its beginning; writers wait some milliseconds for that."""


class Checkpoints:
    """A thread that checkpoints the SQLite file at ``path``, from ``start`` to ``stop``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._stopped = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Starts the thread, once."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="checkpoints", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends the thread and waits for it."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE):
            # A full disk or a vanished file fails the next commit too, which tells the caller.
            with suppress(sqlite3.Error, OSError):
                self.checkpoint()

    def checkpoint(self) -> None:
        """Checkpoints the database if its log is large. Raises sqlite3.Error and OSError."""
        if self._log.stat().st_size < MIN_LOG_BYTES:
            return
        address = f"file:{quote(str(self._path.absolute()))}?mode=rw"
        # A RESTART blocks writers while it waits for readers, so it waits briefly and is tried again the next time.
        connection = sqlite3.connect(address, uri=True, timeout=0.05, isolation_level=None)
        try:
            _, pages, _ = connection.execute(PASSIVE).fetchone()
            if pages > MAX_LOG_PAGES:
                connection.execute(PASSIVE)  # pages written meanwhile, so that writers are blocked for less
                connection.execute(RESTART)
        finally:
            connection.close()
