"""The times of documents: ISO 8601 texts or datetimes, as microseconds since 1970."""

from datetime import UTC, datetime, tzinfo
from math import isfinite
from typing import Any

from vaticina.contract.instants import within_calendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NO_TIME = -(2**62)
"""Stands for a missing time. It sorts before all times."""


def microseconds(value: object, zone: tzinfo = UTC) -> int | None:
    """``value`` as microseconds since 1970; without an offset it is in ``zone``. None when it is not a time."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    try:
        elapsed = within_calendar(value) - EPOCH
    except (ValueError, OverflowError):
        return None
    return (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds


def utc_datetime(moment: int) -> datetime:
    """The time that is ``moment`` microseconds after 1970, in UTC."""
    seconds, rest = divmod(moment, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def iso_text(value: datetime) -> str:
    """``value`` as ISO 8601 text in UTC, ending in Z; without an offset it is in UTC already."""
    if value.tzinfo is not None:
        value = value.astimezone(UTC)
    return f"{value.replace(tzinfo=None).isoformat()}Z"


def to_json(value: Any) -> Any:
    """``value`` as JSON can hold it: times as ISO 8601 texts, NaN and infinity as null, other types as texts."""
    if isinstance(value, datetime):
        return iso_text(value)
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
