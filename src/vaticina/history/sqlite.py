"""A history in SQLite: the journal writes, and an engine beside it reads."""

from pathlib import Path

from sqlalchemy import URL, Engine, NullPool, create_engine

from vaticina.history.journal import FIRST_UNCOUNTED, SqliteJournal, connect


class SqliteDatabase(SqliteJournal):
    """The database file at ``url``. Nothing is opened before it is needed."""

    first_uncounted = FIRST_UNCOUNTED

    def __init__(self, url: URL, sync: bool) -> None:
        super().__init__(Path(str(url.database)), sync)
        self.engine = _engine(self.path)

    def close(self) -> None:
        """Stops the checkpoints and closes every connection."""
        super().close()
        self.engine.dispose()


def _engine(path: Path) -> Engine:
    return create_engine(
        "sqlite://",
        creator=lambda: connect(path),
        poolclass=NullPool,  # a connection that stays open would not notice that the file was replaced
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
    )
