"""What a history needs of a database, and the two that give it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

from sqlalchemy import Connection, Engine

from vaticina.contract.record import Record
from vaticina.history.postgres import LOCK, PostgresDatabase
from vaticina.history.sqlite import SqliteDatabase
from vaticina.history.urls import parse

Durability = Literal["commit", "sync", "background", "off"]

ALONE = {
    "sqlite": ("SERIALIZABLE", "BEGIN IMMEDIATE"),
    "postgresql": ("READ COMMITTED", f"SELECT pg_advisory_xact_lock({LOCK}, -1)"),
}
"""The isolation level and the first statement of a transaction that shuts out others of its kind."""


class Database(Protocol):
    """A database that keeps a history. Its ``str`` is what messages call it, without secrets."""

    engine: Engine
    """For reading; it commits each statement by itself."""
    error: type[Exception]
    """What the driver raises."""
    first_uncounted: str
    """SQL for the sequence number from which on counters and blocks do not tell of the rows yet."""

    def write(self, records: Sequence[Record]) -> None:
        """Commits ``records`` with their counters and blocks, or raises ``error`` and leaves nothing of them."""
        ...

    def create(self) -> None:
        """Makes an empty database if there is none and that is ours to do. Raises ``error``."""
        ...

    def check(self) -> None:
        """Raises HistoryUnavailable for what only writing would show."""
        ...

    def is_absent(self, error: BaseException) -> bool:
        """Whether ``error`` says that there are no tables yet."""
        ...

    def is_repeat(self, error: BaseException) -> bool:
        """Whether ``error`` says that a uid or an idempotency key is there already."""
        ...

    def explain(self, error: BaseException) -> str:
        """What ``error`` means and what to do about it, in one line without secrets."""
        ...

    def close(self) -> None:
        """Closes every connection."""
        ...


def open_database(url: str, durability: Durability) -> Database:
    """The store at ``url``, not yet connected. Raises SettingsError and MissingExtra."""
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed, sync=durability == "sync")
    return PostgresDatabase(parsed, relaxed=durability in ("background", "off"))


@contextmanager
def exclusive(engine: Engine) -> Iterator[Connection]:
    """A transaction that changes the schema while no other process does."""
    level, statement = ALONE[engine.dialect.name]
    with engine.connect() as connection:
        alone = connection.execution_options(isolation_level=level)
        with alone.begin():
            alone.exec_driver_sql(statement)
            yield alone
