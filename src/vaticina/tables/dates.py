"""Dates as tables write them: day, month and year in any order, with a time of day or without."""

import re
import unicodedata
from datetime import date, datetime, time

from vaticina.contract.notation import DateOrder

ORDERS: tuple[DateOrder, ...] = ("year-first", "day-first", "month-first")

MAX_DATE = 48
"""Characters of a date with its time. Longer texts are no dates."""

CENTURY = 30
"""Years of two digits from 30 on are of the 20th century, those below of the 21st, as in Excel."""

UNIVERSAL = (" UTC", " GMT")
"""Endings of a time that is that of Greenwich."""

TIME = re.compile(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,6})\d*)?)?(?: ?([ap])\.? ?m\.?)?", re.IGNORECASE)
"""Groups: hour, minute, second, fraction of a second, a or p."""

YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:(?: |,|, |T)(\S.*))?")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:(?: |,|, |T)(\S.*))?")
"""Groups: the parts of the date around the mark between them, and the time."""

NAMED_MONTH = re.compile(r"(\d{1,2})[. -]?[-/ ]?(?:de )?([^\W\d]{3,10})\.?[-/ ]?(?:del? )?(\d{4}|\d{2})(?:,? (\S.*))?")
MONTH_BEFORE_DAY = re.compile(r"([^\W\d]{3,10})\.? (\d{1,2}),? (\d{4})(?:,? (\S.*))?")
"""Dates with the month's name, as 15-ene-24, 15 de enero de 2024, 15. Januar 2024 and Jan 15, 2024."""

YEAR_BEHIND_TIME = re.compile(r"([^\W\d]{3,10}) (\d{1,2}) (\d{1,2}:\d{2}:\d{2}) (\d{4})")
"""Dates as C writes them: Sep 2 02:00:00 2022."""

WEEKDAY = re.compile(
    r"^(?:mon|tue|wed|thu|fri|sat|sun|lun|mar|mi[eé]|jue|vie|s[aá]b|dom|seg|ter|qua|qui|sex|mo|di|mi|do|fr|sa|so)"
    r"[^\W\d]{0,8}\.?,? (?=[^\W\d]{3,10} \d|\d)",
    re.IGNORECASE,
)
"""The name of a weekday before a date, in English, Spanish, Portuguese and German."""

YEAR_AND_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
MONTH_AND_YEAR = re.compile(r"(\d{1,2}|[^\W\d]{3,10}\.?)[-/. ](?:de )?(\d{4})")
SHORT_MONTH_AND_YEAR = re.compile(r"([^\W\d]{3,4}\.?)[-/ ](\d{2})")
"""Months of a year, as 2024-01, 01/2024, enero 2024 and ene-24: their first day is meant."""

MONTHS = (
    "jan january ene enero janeiro januar janvier janv",
    "feb february febrero fev fevereiro februar fevrier fevr",
    "mar march marzo marco marz mrz mars",
    "apr april abr abril avr avril",
    "may mayo mai maio",
    "jun june junio junho juni juin",
    "jul july julio julho juli juil juillet",
    "aug august ago agosto aout",
    "sep sept september septiembre setiembre set setembro septembre",
    "oct october octubre out outubro okt oktober octobre",
    "nov november noviembre novembro novembre",
    "dec december dic diciembre dez dezembro dezember decembre",
)
"""Names of the months without accents, in English, Spanish, Portuguese, German and French."""

MONTH_NUMBERS: dict[str, int] = {}
for _number, _names in enumerate(MONTHS, start=1):
    MONTH_NUMBERS.update(dict.fromkeys(_names.split(), _number))

COMPACT = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
"""A date without marks, as 20240131."""


def is_instant(text: str) -> bool:
    """Whether ``text`` is an ISO 8601 date or time with dashes: 20110101 is rather an integer."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "-" in text


def iso_date(text: str, order: DateOrder) -> str | None:
    """The date, or the date and time, that ``text`` writes, in ISO 8601; None if it writes none in this ``order``.

    A year before month and day, and a month's name, mean one thing in every order. ISO 8601 stays as it is.
    """
    if is_instant(text):
        return text
    if len(text) > MAX_DATE:
        return None
    if COMPACT.fullmatch(text):
        return _iso(int(text[:4]), int(text[4:6]), int(text[6:]), None)
    clean = " ".join(text.split())
    for zone in UNIVERSAL:
        if clean.endswith(zone):
            moment = iso_date(clean.removesuffix(zone), order)
            return f"{moment}+00:00" if moment is not None and ":" in moment else None
    parts = _parts(clean, order) or _parts(WEEKDAY.sub("", clean), order)
    if parts is None:
        return None
    year, month, day, time_text = parts
    if len(year) == 2:
        year = f"{19 if int(year) >= CENTURY else 20}{year}"
    return _iso(int(year), int(month), int(day), time_text)


_Parts = tuple[str, str, str, str | None]
"""Year, month, day, and the text of the time."""


def _parts(text: str, order: DateOrder) -> _Parts | None:
    return _year_first(text) or _year_last(text, order) or _named_month(text) or _month_of_year(text)


def _year_first(text: str) -> _Parts | None:
    match = YEAR_FIRST.fullmatch(text)
    if match is None:
        return None
    year, _, month, day, time_text = match.groups()
    return year, month, day, time_text


def _year_last(text: str, order: DateOrder) -> _Parts | None:
    match = YEAR_LAST.fullmatch(text)
    if match is None or order == "year-first":
        return None
    first, _, second, year, time_text = match.groups()
    if order == "day-first":
        return year, second, first, time_text
    return year, first, second, time_text


def _named_month(text: str) -> _Parts | None:
    match = NAMED_MONTH.fullmatch(text)
    behind = YEAR_BEHIND_TIME.fullmatch(text)
    if match is not None:
        day, name, year, time_text = match.groups()
    elif behind is not None:
        name, day, time_text, year = behind.groups()
    else:
        match = MONTH_BEFORE_DAY.fullmatch(text)
        if match is None:
            return None
        name, day, year, time_text = match.groups()
    month = MONTH_NUMBERS.get(plain_letters(name))
    if month is None:
        return None
    return year, str(month), day, time_text


def _month_of_year(text: str) -> _Parts | None:
    match = YEAR_AND_MONTH.fullmatch(text)
    if match is not None:
        return match.group(1), match.group(2), "1", None
    match = MONTH_AND_YEAR.fullmatch(text) or SHORT_MONTH_AND_YEAR.fullmatch(text)
    if match is None:
        return None
    name, year = match.groups()
    month = int(name) if name.isdigit() else MONTH_NUMBERS.get(plain_letters(name.rstrip(".")))
    return None if month is None else (year, str(month), "1", None)


def plain_letters(text: str) -> str:
    """``text`` in lower case, without accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _iso(year: int, month: int, day: int, time_text: str | None) -> str | None:
    """The moment in ISO 8601; None if there is no such date or time."""
    try:
        iso = date(year, month, day).isoformat()
        if time_text is None:
            return iso
        clock = _clock(time_text)
        return None if clock is None else f"{iso}T{time(*clock).isoformat()}"
    except ValueError:
        return None


def minutes_of_day(text: str) -> str | None:
    """The minutes from midnight to the time of day that ``text`` writes, as a plain number; None if it writes none."""
    if (":" not in text and "h" not in text) or len(text) > MAX_DATE:
        return None
    clock = _clock(" ".join(text.split()))
    if clock is None or clock[0] > 23 or clock[1] > 59 or clock[2] > 59:
        return None
    hour, minute, second, _ = clock
    return f"{60 * hour + minute + second / 60:g}" if second else str(60 * hour + minute)


def _clock(text: str) -> tuple[int, int, int, int] | None:
    """Hour, minute, second and microsecond; None if ``text`` is no time of day."""
    match = TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction, half = match.groups()
    hours = int(hour)
    if half is not None:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    return hours, int(minute), int(second or 0), int((fraction or "0").ljust(6, "0"))
