"""Predictions and totals as a history returns them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from vaticina.contract.record import Record

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

REPEATED = "A uid of these predictions is recorded already, so none of them was recorded."


class StoredPrediction(NamedTuple):
    """A record with its number in the history. Numbers rise from 1 and may have gaps."""

    seq: int
    record: Record


class Stats(NamedTuple):
    """Totals of a project. ``total`` also counts records without a label; ``last`` are at most five, newest first."""

    total: int
    by_label: Mapping[str, int]
    last: Sequence[StoredPrediction]
    last_time: datetime | None
    outside: Mapping[str, int] = {}
    """Input -> the number of predictions in which it lay outside of what training saw."""


def microseconds(time: datetime) -> int:
    """``time`` in microseconds since 1970 UTC, exact. Raises TypeError when ``time`` has no offset."""
    return (time - EPOCH) // MICROSECOND


def instant(microseconds: int) -> datetime:
    """The time that is ``microseconds`` after 1970, in UTC."""
    return EPOCH + microseconds * MICROSECOND
