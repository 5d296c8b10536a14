"""Moments in time: always UTC once they were read."""

from datetime import MAXYEAR, MINYEAR, UTC, datetime
from zoneinfo import ZoneInfo


def utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """``moment`` in UTC; without an offset it is read in ``zone``."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def within_calendar(moment: datetime) -> datetime:
    """``moment``, when every time zone can write it. Raises ValueError in the first and last year there are."""
    if not MINYEAR < moment.year < MAXYEAR:
        raise ValueError(f"the year {moment.year} cannot be written in every time zone")
    return moment


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """The moment that ``text`` names in ISO 8601. Raises ValueError."""
    return utc(within_calendar(datetime.fromisoformat(text)), zone)
