"""A history in memory, which passes the contract suite of histories: for tests of what stands above a history."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock

from vaticina.contract.record import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import HistoryUnavailable, IdempotencyConflict
from vaticina.history.schema import SCHEMA
from vaticina.history.stored_prediction import REPEATED, Stats, StoredPrediction


class MemoryHistory:
    """Every project's predictions, until the process ends."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: list[StoredPrediction] = []
        self._uids: dict[str, StoredPrediction] = {}
        self._outside: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._keys: set[tuple[str, str, str, int]] = set()

    def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Keeps all of ``records``, or none. The same records again change nothing.

        Raises HistoryUnavailable and IdempotencyConflict.
        """
        with self._lock:
            if records and all(record.uid in self._uids for record in records):
                return
            self._check_new(records)
            for record in records:
                in_utc = record._replace(time=record.time.astimezone(UTC))
                row = StoredPrediction(len(self._rows) + 1, in_utc)
                self._rows.append(row)
                self._uids[record.uid] = row
            self._keys.update(_keys(records))
            if records:
                self._outside[records[0].project].update(outside)

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
        """The newest ``limit`` predictions below the number ``before``, ``since <= time < until``, newest first."""
        page: list[StoredPrediction] = []
        for row in reversed(self._rows[: None if before is None else max(0, before - 1)]):
            record = row.record
            if len(page) == limit:
                break
            if (
                record.project == project
                and (label is None or record.label == label)
                and (since is None or record.time >= since)
                and (until is None or record.time < until)
            ):
                page.append(row)
        return page

    def stats(self, project: str) -> Stats:
        """Totals, labels and the last five."""
        labels = Counter(row.record.label for row in self._rows if row.record.project == project)
        last = self.page(project, limit=5)
        by_label = {label: rows for label, rows in labels.items() if label}
        return Stats(
            labels.total(), by_label, last, last[0].record.time if last else None, dict(self._outside[project])
        )

    def total(self, project: str) -> int:
        """How many predictions ``project`` has."""
        return self.stats(project).total

    def find(self, project: str, uid: str) -> StoredPrediction | None:
        """The prediction called ``uid``, if it is ``project``'s."""
        row = self._uids.get(uid)
        return row if row and row.record.project == project else None

    def answered(self, project: str, principal: str | None, key: str) -> list[StoredPrediction]:
        """The request with that idempotency key, row by row."""
        rows: list[StoredPrediction] = []
        for row in self._rows:
            if any(claim[:3] == (project, principal or "", key) for claim in _keys([row.record])):
                rows.append(row)
        return sorted(rows, key=lambda row: row.record.row_index)

    def ping(self) -> None:
        """Memory is always there."""

    def schema_version(self) -> str | None:
        """As a database of this Vaticina says."""
        return SCHEMA

    def is_current(self) -> bool:
        """It has no past."""
        return True

    def ensure_view(self, project: str, name: str, columns: Mapping[str, str]) -> None:
        """Memory has no SQL to look through."""

    def close(self) -> None:
        """Keeps what it holds."""

    def _check_new(self, records: Sequence[Record]) -> None:
        uids = [record.uid for record in records]
        keys = list(_keys(records))
        fresh = not self._uids.keys() & set(uids) and not self._keys & set(keys)
        if not fresh or len(set(uids)) < len(uids) or len(set(keys)) < len(keys):
            raise IdempotencyConflict if keys else HistoryUnavailable(REPEATED)


def _keys(records: Sequence[Record]) -> Iterator[tuple[str, str, str, int]]:
    for record in records:
        if record.idempotency_key is not None:
            yield record.project, record.principal or "", record.idempotency_key, record.row_index
