"""PostgreSQL through psycopg 3: a batch is one statement, so one round trip and one transaction."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import orjson
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.dialects import postgresql

from vaticina.contract.record import Record
from vaticina.errors import MissingExtra
from vaticina.history.schema import BLOCK, NEWEST, UPGRADE
from vaticina.history.stored import microseconds
from vaticina.history.tables import Prediction
from vaticina.history.urls import shown

if TYPE_CHECKING:  # SQLAlchemy imports it when a PostgreSQL URL is opened, nothing here does
    from psycopg import Connection

UNDEFINED_TABLE = "42P01"
UNIQUE_VIOLATION = "23505"

COLUMNS = ", ".join(Record._fields)
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
SHAPE = ", ".join(f"{name} {Prediction.__table__.c[name].type.compile(DIALECT)}" for name in Record._fields)

APPEND = f"""
WITH stored AS (
    INSERT INTO predictions ({COLUMNS})
    SELECT {COLUMNS} FROM json_to_recordset(%s::json) AS batch ({SHAPE})
    RETURNING seq, project, coalesce(label, '') AS label, time
), spans AS (
    SELECT seq / {BLOCK} AS block, project, label, count(*) AS rows, min(time) AS first_time, max(time) AS last_time
    FROM stored GROUP BY 1, 2, 3
), counted AS (
    INSERT INTO counters AS old (project, label, writer, rows)
    SELECT project, label, %s, sum(rows) FROM spans GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (project, label, writer) DO UPDATE SET rows = old.rows + excluded.rows
)
INSERT INTO blocks AS old (block, project, label, writer, first_time, last_time)
SELECT block, project, label, %s, first_time, last_time FROM spans ORDER BY 1, 2, 3
ON CONFLICT (block, project, label, writer) DO UPDATE SET
    first_time = least(old.first_time, excluded.first_time),
    last_time = greatest(old.last_time, excluded.last_time)
"""  # noqa: S608 -- our own column names; values are parameters
"""For 64 rows this takes as long as COPY alone, which leaves the counters to two more statements; for 1 row, half."""

SETTINGS = "SELECT set_config('synchronous_commit', %s, false)"
CLAIM = "SELECT n FROM generate_series(0, 9999) AS n WHERE pg_try_advisory_lock(%s, n) LIMIT 1"
LOCK = 0x7661_7469
"""The first half of our advisory locks' names: "vati"."""

PATIENCE = {
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "vaticina",
}
"""A server that is gone is noticed in seconds. The URL's own parameters win."""


class PostgresStore:
    """The database at ``url``; nothing is connected before it is needed. Raises MissingExtra without psycopg."""

    unsummed = str(NEWEST)  # many write at once, so that no block is ever known to be full

    def __init__(self, url: URL, relaxed: bool) -> None:
        self.engine = _engine(url)
        self.error: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        self._url = url
        self._synchronous_commit = "off" if relaxed else "on"
        # As many as append at once; each has counter rows of its own, so none waits for another's commit.
        self._idle: deque[tuple[Connection, int]] = deque()

    def __str__(self) -> str:
        return shown(self._url)

    def create(self) -> None:
        """The database is its administrator's to create."""

    def write(self, records: Sequence[Record]) -> None:
        """Commits ``records``, or raises psycopg.Error and leaves nothing of them; a lost connection is made anew."""
        batch = orjson.dumps([{**record._asdict(), "time": microseconds(record.time)} for record in records]).decode()
        connection, writer = self._take()
        try:
            connection.execute(APPEND, (batch, writer, writer))
        except self.error:
            lost = connection.closed
            connection.close()
            if not lost:
                raise
            connection, writer = self._retry(batch)
        self._idle.append((connection, writer))

    def check(self) -> None:
        """A query says it all."""

    def is_absent(self, error: BaseException) -> bool:
        """Whether ``error`` says that there are no tables yet."""
        return getattr(error, "sqlstate", None) == UNDEFINED_TABLE

    def is_repeat(self, error: BaseException) -> bool:
        """Whether ``error`` says that a uid or an idempotency key is there already."""
        return getattr(error, "sqlstate", None) == UNIQUE_VIOLATION

    def explain(self, error: BaseException) -> str:
        """What ``error`` means and what to do about it, in one line."""
        state = getattr(error, "sqlstate", None)
        text = self._without_password(error)
        if state == UNDEFINED_TABLE:
            return f"{self} lacks the history's tables; run '{UPGRADE}'."
        if state in ("28P01", "28000") or "password" in text or "authentication" in text:
            return f"{self} refuses the user {self._url.username!r}; check the user and the password in the URL."
        if state == "3D000" or (state is None and "does not exist" in text):
            return f"{self} cannot be opened: {text}; create it, or check the URL."
        if state is None or state.startswith("08"):
            return f"{self} does not answer: {text}; check that the server runs and the URL."
        return f"{self} cannot be used: {text}."

    def close(self) -> None:
        """Closes every connection."""
        self._forget()
        self.engine.dispose()

    def _retry(self, batch: str) -> "tuple[Connection, int]":
        """Writes ``batch`` over a fresh connection.

        If the lost one had committed, even if its server process commits only now, the unique uid refuses the batch.
        """
        self._forget()  # whatever cut one connection has most likely cut them all
        connection, writer = self._open()
        try:
            connection.execute(APPEND, (batch, writer, writer))
        except self.error:
            connection.close()
            raise
        return connection, writer

    def _take(self) -> "tuple[Connection, int]":
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> "tuple[Connection, int]":
        pooled = self.engine.raw_connection()
        connection = cast("Connection", pooled.driver_connection)
        pooled.detach()
        try:
            connection.execute(SETTINGS, (self._synchronous_commit,))
            row = connection.execute(CLAIM, (LOCK,)).fetchone()
        except self.error:
            connection.close()
            raise
        return connection, row[0] if row else 0

    def _forget(self) -> None:
        while self._idle:
            with suppress(IndexError):  # another thread may have been faster
                self._idle.pop()[0].close()

    def _without_password(self, error: BaseException) -> str:
        said = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
        text = " ".join(said.split()).rstrip(".")
        return text.replace(str(self._url.password), "***") if self._url.password else text


def _engine(url: URL) -> Engine:
    given = url.query
    patient = url.update_query_dict({name: value for name, value in PATIENCE.items() if name not in given})
    try:
        return create_engine(patient, isolation_level="AUTOCOMMIT", pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError:
        raise MissingExtra.of("psycopg", "PostgreSQL") from None
