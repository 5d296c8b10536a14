"""Dates in the notations of people."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaticina.contract.notation import DateOrder
from vaticina.tables.dates import iso_date, minutes_of_day


@pytest.mark.parametrize(
    ("order", "text", "iso"),
    [
        ("day-first", "08/11/2024", "2024-11-08"),
        ("month-first", "08/11/2024", "2024-08-11"),
        ("day-first", "31.12.2024", "2024-12-31"),
        ("day-first", "31-12-24", "2024-12-31"),
        ("day-first", "1/2/99", "1999-02-01"),
        ("day-first", "2024/11/08", "2024-11-08"),
        ("year-first", "2024/11/08 7:05", "2024-11-08T07:05:00"),
        ("day-first", "2024-11-08T10:00:00+01:00", "2024-11-08T10:00:00+01:00"),
        ("year-first", "20241108", "2024-11-08"),
        ("month-first", "3/14/2024 1:05 PM", "2024-03-14T13:05:00"),
        ("month-first", "3/14/2024 12:05 AM", "2024-03-14T00:05:00"),
        ("day-first", "14/03/2024 01:05:09 p. m.", "2024-03-14T13:05:09"),
        ("day-first", "14/03/2024 23:59:59.25", "2024-03-14T23:59:59.250000"),
        ("year-first", "2024-03-14 10:05:00 UTC", "2024-03-14 10:05:00+00:00"),
        ("day-first", "14/03/2024 10h05", "2024-03-14T10:05:00"),
        ("day-first", "Sun, 13 Mar 2022 04:00:00 GMT", "2022-03-13T04:00:00+00:00"),
        ("month-first", "Fri Sep 02 02:00:00 2022", "2022-09-02T02:00:00"),
        ("day-first", "Mar 5, 2024", "2024-03-05"),
        ("day-first", "lunes, 15 de enero de 2024", "2024-01-15"),
        ("day-first", "15-ene-24", "2024-01-15"),
        ("year-first", "15-JAN-2024", "2024-01-15"),
        ("day-first", "15 de enero de 2024", "2024-01-15"),
        ("day-first", "15. März 2024", "2024-03-15"),
        ("day-first", "1 févr. 2024", "2024-02-01"),
        ("month-first", "Jan 15, 2024", "2024-01-15"),
        ("year-first", "2024-03", "2024-03-01"),
        ("year-first", "03/2024", "2024-03-01"),
        ("day-first", "ene-24", "2024-01-01"),
    ],
)
def test_a_date_is_read_in_its_order(order: DateOrder, text: str, iso: str) -> None:
    assert iso_date(text, order) == iso
    assert datetime.fromisoformat(iso)


@pytest.mark.parametrize(
    ("order", "text"),
    [
        ("day-first", "12/31/2024"),
        ("month-first", "31/12/2024"),
        ("year-first", "08/11/2024"),
        ("day-first", "30/02/2024"),
        ("day-first", "08/11-2024"),
        ("day-first", "08/11/2024 25:00"),
        ("day-first", "08/11/2024 13:00 PM"),
        ("day-first", "15 foo 2024"),
        ("day-first", "10.0.0.1"),
        ("day-first", "12"),
        ("day-first", ""),
    ],
)
def test_what_is_no_date_of_the_order_stays_unread(order: DateOrder, text: str) -> None:
    assert iso_date(text, order) is None


@given(st.dates(date(1930, 1, 1), date(2029, 12, 31)), st.sampled_from("/.-"), st.booleans())
def test_every_date_comes_back(day: date, mark: str, short: bool) -> None:
    year = "%y" if short else "%Y"
    assert iso_date(day.strftime(f"%d{mark}%m{mark}{year}"), "day-first") == day.isoformat()
    assert iso_date(day.strftime(f"%m{mark}%d{mark}{year}"), "month-first") == day.isoformat()


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("14:30", "870"),
        ("0:00", "0"),
        ("2:30 PM", "870"),
        ("00:00:30", "0.5"),
        ("14h30", "870"),
        ("24:00", None),
        ("7", None),
    ],
)
def test_a_time_of_day_is_minutes(text: str, minutes: str | None) -> None:
    assert minutes_of_day(text) == minutes
