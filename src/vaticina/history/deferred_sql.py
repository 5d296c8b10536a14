"""A history in a SQLite file that loads SQLAlchemy only when it is read for the first time."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property

from vaticina.contract.record import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import HistoryUnavailable
from vaticina.history.history import History
from vaticina.history.journal import SqliteJournal
from vaticina.history.schema import SCHEMA, UPGRADE
from vaticina.history.stored_prediction import Stats, StoredPrediction
from vaticina.history.view_query import view_query


class DeferredSqlHistory:
    """A history that writes through ``journal``, and opens the SQL history with ``open_sql`` when it is first read.

    A server that only predicts starts twice as fast so. When the journal cannot write, the SQL history tries again,
    since its errors say why.
    """

    def __init__(self, journal: SqliteJournal, open_sql: Callable[[], History]) -> None:
        self._journal = journal
        self._open_sql = open_sql

    @cached_property
    def _sql(self) -> History:
        return self._open_sql()

    def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Commits ``records``, all or none. Raises HistoryUnavailable and IdempotencyConflict."""
        if not records:
            return
        try:
            self._journal.write(records, outside)
        except sqlite3.Error:
            # records that were written after all change nothing, and the error is clear
            self._sql.append(records, outside)

    def page(
        self,
        project: str,
        *,
        before: int | None = None,
        limit: int = 100,
        since: datetime | None = None,
        until: datetime | None = None,
        label: str | None = None,
    ) -> list[StoredPrediction]:
        """The newest predictions, newest first. Raises HistoryUnavailable."""
        return self._sql.page(project, before=before, limit=limit, since=since, until=until, label=label)

    def stats(self, project: str) -> Stats:
        """Exact totals. Raises HistoryUnavailable."""
        return self._sql.stats(project)

    def total(self, project: str) -> int:
        """How many predictions ``project`` has. Raises HistoryUnavailable."""
        return self._sql.total(project)

    def find(self, project: str, uid: str) -> StoredPrediction | None:
        """The prediction called ``uid``, if it is ``project``'s. Raises HistoryUnavailable."""
        return self._sql.find(project, uid)

    def answered(self, project: str, principal: str | None, key: str) -> list[StoredPrediction]:
        """The predictions of the request with that idempotency key, by row. Raises HistoryUnavailable."""
        return self._sql.answered(project, principal, key)

    def ping(self) -> None:
        """Raises HistoryUnavailable when nothing could be recorded now, as far as can be seen without recording."""
        self._journal.check()
        if self.schema_version() is None:
            raise HistoryUnavailable(f"{self._journal} lacks the history's tables; run '{UPGRADE}'.")

    def schema_version(self) -> str | None:
        """The version of the tables; None when there are none. Raises HistoryUnavailable."""
        try:
            return self._journal.schema_version()
        except sqlite3.Error as error:
            raise HistoryUnavailable(self._journal.explain(error)) from error

    def is_current(self) -> bool:
        """Whether the tables are those this Vaticina works with. Raises HistoryUnavailable."""
        return self.schema_version() == SCHEMA

    def ensure_view(self, project: str, name: str, columns: Mapping[str, str]) -> None:
        """Makes ``name`` a SQL view of ``project``. Raises HistoryUnavailable and SettingsError."""
        try:
            statement = self._journal.view(name)
        except sqlite3.Error:
            statement = None
        if statement is None or not statement.endswith(f" AS {view_query('sqlite', project, columns)}"):
            self._sql.ensure_view(project, name, columns)

    def close(self) -> None:
        """Closes every connection."""
        self._journal.close()
        if "_sql" in self.__dict__:
            with suppress(HistoryUnavailable):
                self._sql.close()
