"""What the history gives back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from vaticina.contract.record import Record

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

REPEATED = "A uid of these predictions is recorded already, so none of them was."


class StoredPrediction(NamedTuple):
    """A record with the number the history gave it: rising, from 1, gaps allowed."""

    seq: int
    record: Record


class Stats(NamedTuple):
    """A project's totals. Records without a label count in ``total`` alone; ``last`` is newest first, five at most."""

    total: int
    by_label: Mapping[str, int]
    last: Sequence[StoredPrediction]
    last_time: datetime | None


def microseconds(time: datetime) -> int:
    """Microseconds since 1970 in UTC, exact. ``time`` must carry its offset (TypeError)."""
    return (time - EPOCH) // MICROSECOND


def instant(microseconds: int) -> datetime:
    """The inverse of ``microseconds``, in UTC."""
    return EPOCH + microseconds * MICROSECOND
