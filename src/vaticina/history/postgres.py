"""A history in PostgreSQL, through psycopg 3. A batch is one statement: one round trip and one transaction."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import orjson
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.dialects import postgresql

from vaticina.contract.record import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import MissingExtra
from vaticina.history.schema import BLOCK, NEWEST, UPGRADE
from vaticina.history.stored_prediction import microseconds
from vaticina.history.tables import PredictionRow
from vaticina.history.urls import public_name

if TYPE_CHECKING:  # SQLAlchemy imports it when a PostgreSQL URL is opened, nothing here does
    from psycopg import Connection

UNDEFINED_TABLE = "42P01"
UNIQUE_VIOLATION = "23505"

COLUMNS = ", ".join(Record._fields)
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
SHAPE = ", ".join(f"{name} {PredictionRow.__table__.c[name].type.compile(DIALECT)}" for name in Record._fields)

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
"""For 64 rows this takes as long as COPY alone, which needs two more statements for the counters; for 1 row, half."""

COUNT_OUTSIDE = """
WITH outside AS (
    INSERT INTO outside_counters AS old (project, input, writer, rows)
    SELECT project, input, writer, rows
    FROM json_to_recordset(%s::json) AS batch (project text, input text, writer integer, rows bigint) ORDER BY 1, 2
    ON CONFLICT (project, input, writer) DO UPDATE SET rows = old.rows + excluded.rows
), """
"""What precedes ``APPEND`` when an input of the batch lay outside of what training saw."""

SETTINGS = "SELECT set_config('synchronous_commit', %s, false)"
CLAIM_WRITER = "SELECT n FROM generate_series(0, 9999) AS n WHERE pg_try_advisory_lock(%s, n) LIMIT 1"
LOCK = 0x7661_7469
"""The first half of the names of our advisory locks: "vati"."""

CONNECTION = {
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "application_name": "vaticina",
}
"""Time-outs by which a lost server is noticed in seconds. Parameters in the URL come first."""


class PostgresDatabase:
    """The database at ``url``. Nothing is connected before it is needed. Raises MissingExtra without psycopg."""

    first_uncounted = str(NEWEST)  # every row is counted at once: several write at a time, so no block is known as full

    def __init__(self, url: URL, relaxed: bool) -> None:
        self.engine = _engine(url)
        self.error: type[Exception] = self.engine.dialect.loaded_dbapi.Error
        self._url = url
        self._synchronous_commit = "off" if relaxed else "on"
        # One for each append at the same time. Each has its own counter rows, so none waits for another's commit.
        self._idle: deque[tuple[Connection, int]] = deque()

    def __str__(self) -> str:
        return public_name(self._url)

    def create(self) -> None:
        """Does nothing: an administrator creates the database."""

    def write(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Commits ``records``, and ``outside`` of their project; or raises psycopg.Error and records nothing.

        A lost connection is replaced.
        """
        counts = [(records[0].project, name, count) for name, count in outside.items()]
        batch = orjson.dumps([{**record._asdict(), "time": microseconds(record.time)} for record in records]).decode()
        connection, writer = self._take()
        try:
            _append(connection, writer, batch, counts)
        except self.error:
            is_lost = connection.closed
            connection.close()
            if not is_lost:
                raise
            connection, writer = self._retry(batch, counts)
        self._idle.append((connection, writer))

    def check(self) -> None:
        """Does nothing: a query shows whether the database answers."""

    def is_absent(self, error: BaseException) -> bool:
        """Whether ``error`` means that the tables do not exist yet."""
        return getattr(error, "sqlstate", None) == UNDEFINED_TABLE

    def is_repeat(self, error: BaseException) -> bool:
        """Whether ``error`` means that a uid or an idempotency key is recorded already."""
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
        self._close_idle()
        self.engine.dispose()

    def _retry(self, batch: str, counts: Sequence[tuple[str, str, int]]) -> "tuple[Connection, int]":
        """Writes ``batch`` over a new connection.

        If the lost connection had committed, or its server process commits only now, the unique uid refuses the batch.
        """
        self._close_idle()  # what broke one connection has most likely broken all
        connection, writer = self._open()
        try:
            _append(connection, writer, batch, counts)
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
            row = connection.execute(CLAIM_WRITER, (LOCK,)).fetchone()
        except self.error:
            connection.close()
            raise
        return connection, row[0] if row else 0

    def _close_idle(self) -> None:
        while self._idle:
            with suppress(IndexError):  # another thread may have been faster
                self._idle.pop()[0].close()

    def _without_password(self, error: BaseException) -> str:
        message = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
        text = " ".join(message.split()).rstrip(".")
        return text.replace(str(self._url.password), "***") if self._url.password else text


def _append(connection: "Connection", writer: int, batch: str, outside: Sequence[tuple[str, str, int]]) -> None:
    """Commits a batch, and the counts of the inputs that lay outside, as (project, input, rows), in one statement."""
    if not outside:
        connection.execute(APPEND, (batch, writer, writer))
        return
    counters = []
    for project, name, rows in outside:
        counters.append({"project": project, "input": name, "writer": writer, "rows": rows})
    statement = COUNT_OUTSIDE + APPEND.lstrip().removeprefix("WITH ")
    connection.execute(statement, (orjson.dumps(counters).decode(), batch, writer, writer))


def _engine(url: URL) -> Engine:
    with_defaults = url.set(query={**CONNECTION, **url.query})
    try:
        return create_engine(with_defaults, isolation_level="AUTOCOMMIT", pool_pre_ping=True, hide_parameters=True)
    except ModuleNotFoundError:
        raise MissingExtra.of("psycopg", "PostgreSQL") from None
