"""The protocol of a history: the record of all predictions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from vaticina.contract.record import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.history.stored_prediction import Stats, StoredPrediction


class History(Protocol):
    """The predictions of one or several projects. It is thread-safe; every method may raise HistoryUnavailable."""

    def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        """Records ``records`` in their order, all or none. Recording the same ones again changes nothing.

        ``outside`` is added to the counts of inputs that lay outside of what training saw; the records must then be
        of one project.

        Raises IdempotencyConflict, and records none, when a key among them is that of an earlier request.
        """
        ...

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

        The next page is the one ``before`` the last number of this one.
        """
        ...

    def stats(self, project: str) -> Stats:
        """Exact totals, however many predictions there are."""
        ...

    def total(self, project: str) -> int:
        """How many predictions ``project`` has."""
        ...

    def find(self, project: str, uid: str) -> StoredPrediction | None:
        """The prediction called ``uid``, if it is ``project``'s."""
        ...

    def answered(self, project: str, principal: str | None, key: str) -> list[StoredPrediction]:
        """The predictions of the request that the caller sent with that idempotency key, in the order of its rows."""
        ...

    def ping(self) -> None:
        """Raises HistoryUnavailable when nothing could be recorded now, as far as can be seen without recording."""
        ...

    def schema_version(self) -> str | None:
        """The version of the tables; None when there are none."""
        ...

    def is_current(self) -> bool:
        """Whether the tables are those this Vaticina works with."""
        ...

    def ensure_view(self, project: str, name: str, columns: Mapping[str, str]) -> None:
        """Makes ``name`` a SQL view of ``project``, where there is SQL. Raises SettingsError for an unusable name.

        ``columns`` are the names of its columns by what they show: ``id``, ``input``, ``label``, ``score``, ``time``.
        """
        ...

    def close(self) -> None:
        """Closes every connection."""
        ...
