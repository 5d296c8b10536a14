"""Checkpoints: SQLite's write-ahead log moved into the database beside the commits, not inside one."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

PASSIVE = "PRAGMA wal_checkpoint(PASSIVE)"
RESTART = "PRAGMA wal_checkpoint(RESTART)"
"""Not TRUNCATE, which was seen to keep writers out for 90 ms: the file keeps its size, its pages are written anew."""

PAUSE = 5.0
"""Seconds between checkpoints: each syncs two files, which commits feel."""

SMALL = 4 * 2**20
"""Bytes of log below which nothing is done; SQLite itself would begin at as many."""

LARGE = 16_384
"""Pages in the log, of 4 kB, above which it starts again from its beginning; writers wait milliseconds for that."""


class Checkpoints:
    """A thread that checkpoints the database at ``path``, between ``start`` and ``stop``."""

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
                self.look()

    def look(self) -> None:
        """Checkpoints if the log has grown. Raises sqlite3.Error and OSError."""
        if self._log.stat().st_size < SMALL:
            return
        address = f"file:{quote(str(self._path.absolute()))}?mode=rw"
        # A RESTART keeps writers out while it waits for readers: it waits briefly and is tried again the next time.
        connection = sqlite3.connect(address, uri=True, timeout=0.05, isolation_level=None)
        try:
            _, pages, _ = connection.execute(PASSIVE).fetchone()
            if pages > LARGE:
                connection.execute(PASSIVE)  # what came meanwhile, so that little is left to do with writers out
                connection.execute(RESTART)
        finally:
            connection.close()
