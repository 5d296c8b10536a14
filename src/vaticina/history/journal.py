"""The SQLite journal: it writes predictions over one connection per process, in WAL mode."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any, Literal
from urllib.parse import quote

from vaticina.contract.record import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import HistoryUnavailable
from vaticina.history.checkpoints import Checkpoints
from vaticina.history.schema import BLOCK, UPGRADE, VERSION_TABLE
from vaticina.history.stored_prediction import microseconds

LOCK_TIMEOUT = 10.0
"""Seconds that a transaction waits for one of another process."""

RETRY_PAUSE = 0.0002
"""Seconds between two attempts to begin a transaction: about as long as one takes."""

TIME = Record._fields.index("time")

INSERT = (
    "INSERT INTO predictions (uid, request_id, row_index, idempotency_key, project, version, role, time, input, "
    "output, label, score, outside_range, principal, latency_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
"""The statement that SQLAlchemy compiles for the mapped table; a test compares them. It is written out because the
import of SQLAlchemy takes half of a server's start, and a server that only predicts does not need it."""

WRITER = 0
"""The number of the only writer: SQLite has one at a time, so one counter row per label is enough."""

COUNT_UP = f"""
INSERT INTO counters (project, label, writer, rows)
SELECT project, coalesce(label, ''), {WRITER}, count(*) FROM predictions WHERE seq >= ? AND seq < ? GROUP BY 1, 2
ON CONFLICT (project, label, writer) DO UPDATE SET rows = counters.rows + excluded.rows
"""  # noqa: S608 -- our own numbers
COUNT_OUTSIDE = f"""
INSERT INTO outside_counters (project, input, writer, rows) VALUES (?, ?, {WRITER}, ?)
ON CONFLICT (project, input, writer) DO UPDATE SET rows = outside_counters.rows + excluded.rows
"""  # noqa: S608
WIDEN_BLOCKS = f"""
INSERT INTO blocks (block, project, label, writer, first_time, last_time)
SELECT seq / {BLOCK}, project, coalesce(label, ''), {WRITER}, min(time), max(time)
FROM predictions WHERE seq >= ? AND seq < ? GROUP BY 1, 2, 3
ON CONFLICT (block, project, label, writer) DO UPDATE SET
    first_time = min(blocks.first_time, excluded.first_time), last_time = max(blocks.last_time, excluded.last_time)
"""  # noqa: S608
FIRST_UNCOUNTED = f"(SELECT coalesce(max(seq) + 1, 0) / {BLOCK} * {BLOCK} FROM predictions)"  # noqa: S608
"""The first sequence number of the block that is not full yet. Its rows are counted when they are read: to keep their
counts up to date would double the pages that a commit writes."""

VIEW = "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ?"

VERSION = f"SELECT version_num FROM {VERSION_TABLE}"  # noqa: S608 -- our own name


class SqliteJournal:
    """Writes to the SQLite file at ``path``. Nothing is opened before it is needed.

    Checkpoints run in a thread of their own, beside the commits.
    """

    error: type[Exception] = sqlite3.Error

    def __init__(self, path: Path, sync: bool) -> None:
        self.path = path
        self._synchronous = "FULL" if sync else "NORMAL"
        self._lock = Lock()
        self._writing: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._checkpoints = Checkpoints(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def write(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Commits ``records``, and ``outside`` of their project; or raises sqlite3.Error and records nothing."""
        rows = _rows(records)
        counts = [(records[0].project, name, count) for name, count in outside.items()]
        with self._lock:
            connection = self._connection()
            try:
                _commit(connection, rows, counts)
            except sqlite3.Error:
                self._close_connection()
                raise

    def check(self) -> None:
        """Raises HistoryUnavailable when the file cannot be written, without writing."""
        if not os.access(self.path, os.W_OK):
            raise HistoryUnavailable(self._why_not_writable())

    def schema_version(self) -> str | None:
        """The version of the tables; None when there are none. Raises sqlite3.Error."""
        try:
            return self._read(VERSION)
        except sqlite3.OperationalError as error:
            if self.is_absent(error):
                return None
            raise

    def view(self, name: str) -> str | None:
        """The statement that made the view ``name``; None when there is none. Raises sqlite3.Error."""
        return self._read(VIEW, name)

    def _read(self, statement: str, *values: str) -> str | None:
        connection = connect(self.path)
        try:
            row = connection.execute(statement, values).fetchone()
        finally:
            connection.close()
        return str(row[0]) if row else None

    def create(self) -> None:
        """Creates the file if it does not exist, and switches it to WAL mode. Raises sqlite3.Error."""
        connection = connect(self.path, "rwc")
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()

    def is_absent(self, error: BaseException) -> bool:
        """Whether ``error`` means that the file or the tables do not exist yet."""
        return not self.path.exists() or "no such table" in str(error)

    def is_repeat(self, error: BaseException) -> bool:
        """Whether ``error`` means that a uid or an idempotency key is recorded already."""
        return getattr(error, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_UNIQUE"

    def explain(self, error: BaseException) -> str:
        """What ``error`` means and what to do about it, in one line."""
        name = getattr(error, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
            return self._why_not_writable()
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return f"{self} was locked by another program for {LOCK_TIMEOUT:.0f} seconds; close what writes to it."
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            return f"{self} is not a SQLite database, or it is damaged; move it away and run '{UPGRADE}'."
        if name == "SQLITE_FULL":
            return f"The disk that holds {self} is full; make room."
        if "no such table" in str(error) or "no such column" in str(error):
            return f"{self} lacks the history's tables; run '{UPGRADE}'."
        return f"{self} cannot be used: {error}."

    def close(self) -> None:
        """Stops the checkpoints and closes every connection."""
        self._checkpoints.stop()
        with self._lock:
            self._close_connection()

    def _connection(self) -> sqlite3.Connection:
        """The writing connection; a new one when the file at the path was replaced or deleted."""
        try:
            status = self.path.stat()
            file = (status.st_dev, status.st_ino)
        except OSError:
            file = None
        if self._writing is None or file != self._file or file is None:
            self._close_connection()
            self._writing = connect(self.path)
            self._writing.execute(f"PRAGMA synchronous={self._synchronous}")
            self._writing.execute("PRAGMA wal_autocheckpoint=0")
            self._writing.execute("PRAGMA busy_timeout=0")  # _begin waits instead
            self._file = file
            self._checkpoints.start()
        return self._writing

    def _close_connection(self) -> None:
        if self._writing is not None:
            with suppress(sqlite3.Error):
                self._writing.close()
        self._writing = None

    def _why_not_writable(self) -> str:
        folder = self.path.absolute().parent
        if not folder.is_dir():
            return f"The folder {folder} does not exist, so the history cannot be written there; create it."
        if not self.path.exists() and os.access(folder, os.W_OK):
            return f"{self} does not exist; run '{UPGRADE}' to create it."
        if self.path.is_dir():
            return f"{self} is a folder; name a file for the history."
        return f"{self} cannot be written: permission denied; let this user write the file and its folder."


def connect(path: Path, mode: Literal["rw", "rwc"] = "rw") -> sqlite3.Connection:
    """A connection without implicit transactions. Raises sqlite3.Error.

    Only ``rwc`` creates the file: else a mistyped name, or a file deleted under a server, would be an empty history.
    """
    address = f"file:{quote(str(path.absolute()))}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=LOCK_TIMEOUT, isolation_level=None, check_same_thread=False)


def _rows(records: Sequence[Record]) -> list[tuple[Any, ...]]:
    """The values of ``records`` as they are stored. Times are converted once per batch, whose records share them."""
    columns: list[Sequence[Any]] = list(zip(*records, strict=True))
    stored = {time: microseconds(time) for time in set(columns[TIME])}
    columns[TIME] = [stored[time] for time in columns[TIME]]
    return list(zip(*columns, strict=True))


def _commit(
    connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]], outside: Sequence[tuple[str, str, int]]
) -> None:
    _begin(connection)
    try:
        connection.executemany(INSERT, rows)
        ((last,),) = connection.execute("SELECT last_insert_rowid()")
        begun, full = (last - len(rows) + 1) // BLOCK * BLOCK, (last + 1) // BLOCK * BLOCK
        if begun < full:
            connection.execute(COUNT_UP, (begun, full))
            connection.execute(WIDEN_BLOCKS, (begun, full))
        if outside:
            connection.executemany(COUNT_OUTSIDE, outside)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _begin(connection: sqlite3.Connection) -> None:
    """Begins a transaction that writes; while another process has one, it tries again every ``RETRY_PAUSE`` seconds.

    SQLite's own waiting doubles up to 100 ms: of two busy workers, one waited for more than a second.
    """
    end = monotonic() + LOCK_TIMEOUT
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > end:
                raise
        sleep(RETRY_PAUSE)
