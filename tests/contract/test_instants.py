from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from vaticina.contract.instants import read_instant, utc, within_calendar

MADRID = ZoneInfo("Europe/Madrid")


def test_an_offset_wins_over_the_zone() -> None:
    assert read_instant("2026-01-31T12:00:00+05:00", MADRID) == datetime(2026, 1, 31, 7, tzinfo=UTC)
    assert read_instant("2026-01-31T12:00:00", MADRID) == datetime(2026, 1, 31, 11, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_the_first_and_one_that_never_comes_is_the_next() -> None:
    assert read_instant("2026-10-25T02:30:00", MADRID) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read_instant("2026-03-29T02:30:00", MADRID) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_utc_is_left_alone() -> None:
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert utc(moment, MADRID) == moment


@pytest.mark.parametrize("year", [1, 9999])
def test_years_at_the_ends_of_the_calendar_are_refused(year: int) -> None:
    with pytest.raises(ValueError, match="cannot be written in every time zone"):
        within_calendar(datetime(year, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati", "America/Lima"])
@pytest.mark.parametrize("text", ["0002-01-01T00:00:00+23:59", "9998-12-31T23:59:59-23:59", "0002-01-01", "9998-12-31"])
def test_years_beside_them_can_be_written_in_every_zone(text: str, zone: str) -> None:
    assert read_instant(text, ZoneInfo(zone)).astimezone(ZoneInfo(zone)).tzinfo is not None
