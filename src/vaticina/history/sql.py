"""The history in a SQL database: SQLite or PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import BigInteger, Connection, func, literal_column, select, text, union_all
from sqlalchemy.exc import SQLAlchemyError

from vaticina.contract.record import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import HistoryUnavailable, IdempotencyConflict
from vaticina.history.databases import Database, Durability, exclusive, open_database
from vaticina.history.pages import COLUMNS, PageFilter, read_page, stored
from vaticina.history.schema import NEWEST, SCHEMA, UPGRADE, VERSION_TABLE
from vaticina.history.stored_prediction import REPEATED, Stats, StoredPrediction, microseconds
from vaticina.history.tables import CounterRow, OutsideCounterRow, PredictionRow
from vaticina.history.views import create_view

VERSION = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 -- our own name
UIDS_PER_QUERY = 500


class SqlHistory:
    """The predictions of all projects in one database. Several threads and processes may use it at once."""

    def __init__(self, store: Database) -> None:
        self._store = store
        self._first_uncounted = literal_column(store.first_uncounted, BigInteger)

    def __repr__(self) -> str:
        return f"<SqlHistory {self._store}>"

    def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Commits ``records`` and their counters in their order, in one transaction, and adds ``outside``.

        Appending the same records again changes nothing. Raises IdempotencyConflict and HistoryUnavailable; then none
        of them is recorded, unless the connection broke during the commit: append again with the same uids.
        """
        if not records:
            return
        try:
            self._store.write(records, outside)
        except (self._store.error, SQLAlchemyError) as error:
            if not self._store.is_repeat(error):
                raise self._unavailable(error) from error
            self._check_repeat(records)

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
        """The newest ``limit`` predictions with a number below ``before`` and ``since <= time < until``, newest first.

        The next page is the one ``before`` the last number of this one. Raises HistoryUnavailable.
        """
        highest = NEWEST if before is None else max(0, min(before, NEWEST))
        page_filter = PageFilter(project, highest, _microseconds(since), _microseconds(until), label)
        with self._reading() as connection:
            return read_page(connection, page_filter, limit, self._first_uncounted)

    def stats(self, project: str) -> Stats:
        """Totals from the counter rows, as fast with many predictions as with few. Raises HistoryUnavailable."""
        with self._reading() as connection:
            counts = self._counts(connection, project)
            outside = self._outside_counts(connection, project)
            last = read_page(connection, PageFilter(project, NEWEST, None, None, None), 5, self._first_uncounted)
        total = sum(counts.values())
        counts.pop("", None)
        return Stats(total, counts, last, last[0].record.time if last else None, outside)

    def total(self, project: str) -> int:
        """How many predictions ``project`` has. Raises HistoryUnavailable."""
        with self._reading() as connection:
            return sum(self._counts(connection, project).values())

    def _counts(self, connection: Connection, project: str) -> dict[str, int]:
        """Label -> number of predictions. One statement, since a block may become full between two."""
        label = func.coalesce(PredictionRow.label, "").label("label")
        newest = select(label, func.count().label("rows")).group_by(label)
        newest = newest.where(PredictionRow.project == project, PredictionRow.seq >= self._first_uncounted)
        counted = union_all(
            select(CounterRow.label, CounterRow.rows).where(CounterRow.project == project), newest
        ).subquery()
        query = select(counted.c.label, func.sum(counted.c.rows)).group_by(counted.c.label)
        return {label: int(rows) for label, rows in connection.execute(query)}

    def _outside_counts(self, connection: Connection, project: str) -> dict[str, int]:
        """Input -> number of predictions in which it lay outside of what training saw."""
        query = select(OutsideCounterRow.input, func.sum(OutsideCounterRow.rows)).group_by(OutsideCounterRow.input)
        counts = connection.execute(query.where(OutsideCounterRow.project == project))
        return {name: int(rows) for name, rows in counts}

    def find(self, project: str, uid: str) -> StoredPrediction | None:
        """The prediction called ``uid``, if it is ``project``'s. Raises HistoryUnavailable."""
        query = select(*COLUMNS).where(PredictionRow.uid == uid, PredictionRow.project == project)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        return stored(row) if row else None

    def answered(self, project: str, principal: str | None, key: str) -> list[StoredPrediction]:
        """The predictions of the request with that idempotency key, by row. Raises HistoryUnavailable."""
        query = select(*COLUMNS).where(
            PredictionRow.project == project,
            func.coalesce(PredictionRow.principal, text("''")) == (principal or ""),
            PredictionRow.idempotency_key == key,
        )
        with self._reading() as connection:
            return list(map(stored, connection.execute(query.order_by(PredictionRow.row_index))))

    def ping(self) -> None:
        """Raises HistoryUnavailable when nothing could be recorded now, as far as can be seen without recording."""
        self._store.check()
        if self.schema_version() is None:
            raise HistoryUnavailable(f"{self._store} lacks the history's tables; run '{UPGRADE}'.")

    def schema_version(self) -> str | None:
        """The version of the tables; None when there are none. Raises HistoryUnavailable."""
        try:
            with self._store.engine.connect() as connection:
                return connection.execute(VERSION).scalar_one_or_none()
        except (self._store.error, SQLAlchemyError) as error:
            if self._store.is_absent(_driver_error(error)):
                return None
            raise self._unavailable(error) from error

    def is_current(self) -> bool:
        """Whether the tables are those this Vaticina works with. Raises HistoryUnavailable."""
        return self.schema_version() == SCHEMA

    def ensure_view(self, project: str, name: str, columns: Mapping[str, str]) -> None:
        """Creates the view ``name`` of ``project``, whose ``columns`` are those of ``view_query``.

        Raises HistoryUnavailable, and SettingsError for a name that cannot be used.
        """
        try:
            with exclusive(self._store.engine) as connection:
                create_view(connection, project, name, columns)
        except (self._store.error, SQLAlchemyError) as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        """Closes every connection."""
        self._store.close()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._store.engine.connect() as connection:
                yield connection
        except (self._store.error, SQLAlchemyError) as error:
            raise self._unavailable(error) from error

    def _check_repeat(self, records: Sequence[Record]) -> None:
        """Returns when all of ``records`` are recorded: an append is one transaction, so this one was repeated.

        Raises IdempotencyConflict when some have an idempotency key, else HistoryUnavailable.
        """
        uids = [record.uid for record in records]
        with self._reading() as connection:
            for start in range(0, len(uids), UIDS_PER_QUERY):
                part = uids[start : start + UIDS_PER_QUERY]
                recorded = select(func.count()).where(PredictionRow.uid.in_(part))
                if connection.execute(recorded).scalar_one() != len(part):
                    has_key = any(record.idempotency_key for record in records)
                    raise IdempotencyConflict if has_key else HistoryUnavailable(REPEATED)

    def _unavailable(self, error: Exception) -> HistoryUnavailable:
        return HistoryUnavailable(self._store.explain(_driver_error(error)))


def open_history(url: str, *, durability: Durability = "commit") -> SqlHistory:
    """The history at ``url``: ``sqlite:///FILE`` or ``postgresql://…``. Nothing is connected before it is used.

    With ``commit``, recorded predictions survive a killed process; with ``sync``, a power cut too. With ``background``
    and ``off``, PostgreSQL may lose the last ones. Raises SettingsError and MissingExtra.
    """
    return SqlHistory(open_database(url, durability))


def _microseconds(time: datetime | None) -> int | None:
    return None if time is None else microseconds(time)


def _driver_error(error: BaseException) -> BaseException:
    """The driver's exception, which SQLAlchemy wraps."""
    return getattr(error, "orig", None) or error
