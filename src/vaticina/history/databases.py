"""The databases that can hold a history: SQLite and PostgreSQL, behind one protocol."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

from sqlalchemy import Connection, Engine

from vaticina.contract.record import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.history.postgres import LOCK, PostgresDatabase
from vaticina.history.sqlite import SqliteDatabase
from vaticina.history.urls import parse

Durability = Literal["commit", "sync", "background", "off"]

EXCLUSIVE = {
    "sqlite": ("SERIALIZABLE", "BEGIN IMMEDIATE"),
    "postgresql": ("READ COMMITTED", f"SELECT pg_advisory_xact_lock({LOCK}, -1)"),
}
"""The isolation level and the first statement of a transaction that shuts out others of its kind."""


class Database(Protocol):
    """A database that holds a history. ``str()`` of it names it in messages, without secrets."""

    engine: Engine
    """An engine for reading, which commits each statement by itself."""
    error: type[Exception]
    """The base class of the driver's exceptions."""
    first_uncounted: str
    """SQL for the lowest sequence number whose row is not included in counters and blocks yet."""

    def write(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Commits ``records`` with counters and blocks, and ``outside``; or raises ``error`` and records nothing."""
        ...

    def create(self) -> None:
        """Creates the database if it is a file that does not exist yet. Raises ``error``."""
        ...

    def check(self) -> None:
        """Raises HistoryUnavailable when the database could not be written, as far as that shows without writing."""
        ...

    def is_absent(self, error: BaseException) -> bool:
        """Whether ``error`` means that the tables do not exist yet."""
        ...

    def is_repeat(self, error: BaseException) -> bool:
        """Whether ``error`` means that a uid or an idempotency key is recorded already."""
        ...

    def explain(self, error: BaseException) -> str:
        """What ``error`` means and what to do about it, in one line without secrets."""
        ...

    def close(self) -> None:
        """Closes every connection."""
        ...


def open_database(url: str, durability: Durability) -> Database:
    """The database at ``url``, not connected yet. Raises SettingsError and MissingExtra."""
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed, sync=durability == "sync")
    return PostgresDatabase(parsed, relaxed=durability in ("background", "off"))


@contextmanager
def exclusive(engine: Engine) -> Iterator[Connection]:
    """A transaction for changes of the schema; no other process has one at the same time."""
    level, statement = EXCLUSIVE[engine.dialect.name]
    with engine.connect() as connection:
        connection.execution_options(isolation_level=level)
        with connection.begin():
            connection.exec_driver_sql(statement)
            yield connection
