"""The moments of documents: ISO 8601 text or datetimes, as one number that sorts."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from vaticina.contract.instants import within_calendar

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NEVER = -(2**62)
"""Stands for a moment that is missing: before all others."""


def microseconds(value: object, zone: tzinfo = UTC) -> int | None:
    """``value`` as microseconds since 1970; without an offset it is read in ``zone``. None when it is no moment."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        past = within_calendar(value if value.tzinfo else value.replace(tzinfo=zone)) - EPOCH
    except (ValueError, OverflowError):
        return None
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def written(value: datetime) -> str:
    """``value`` as ISO 8601 text in UTC, ending in Z; without an offset it is UTC already."""
    text = (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def at(moment: int) -> str:
    """The ISO text of ``moment``, in microseconds since 1970."""
    seconds, rest = divmod(moment, 1_000_000)
    return written(datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest))


def to_json(value: Any) -> Any:
    """``value`` as JSON holds it: moments as ISO texts, numbers that are none as null, what JSON lacks as text."""
    if isinstance(value, datetime):
        return written(value)
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)
