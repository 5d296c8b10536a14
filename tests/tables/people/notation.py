"""How programs write numbers, moments and truths: the notations of exports, from the writer's side."""

from dataclasses import dataclass
from datetime import datetime

MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
    "pt": ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"),
    "de": ("Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"),
    "fr": ("janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"),
}


@dataclass(frozen=True, slots=True)
class Notation:
    """``money`` and ``percent`` hold ``{}`` for the number; ``date`` and ``moment`` hold the names of ``written``."""

    decimal: str = "."
    thousands: str = ""
    money: str = "{}"
    percent: str = "{}%"
    date: str = "{Y}-{mm}-{dd}"
    moment: str = "{Y}-{mm}-{dd} {HH}:{MM}:{SS}"
    minus: str = "-{}"
    language: str = "en"

    def number(self, value: float, places: int) -> str:
        """``value`` with ``places`` decimals."""
        digits = f"{abs(value):,.{places}f}"
        whole, _, fraction = digits.partition(".")
        text = whole.replace(",", self.thousands)
        if fraction:
            text += self.decimal + fraction
        return self.signed(text, value)

    def general(self, value: float) -> str:
        """``value`` as a spreadsheet shows it without a format: no thousands, no zeros at the end."""
        text = f"{abs(value):.10f}".rstrip("0").rstrip(".").replace(".", self.decimal)
        return self.signed(text, value)

    def signed(self, text: str, value: float) -> str:
        """``text`` with the sign of ``value``."""
        if value < 0:
            return self.minus.format(text)
        return text

    def amount(self, value: float, places: int) -> str:
        """``value`` as money."""
        text = self.money.format(self.number(abs(value), places))
        return self.signed(text, value)

    def day(self, moment: datetime) -> str:
        """The date of ``moment``."""
        return self.written(self.date, moment)

    def written(self, pattern: str, moment: datetime) -> str:
        """``moment`` by ``pattern``."""
        half = "AM"
        if moment.hour >= 12:
            half = "PM"
        return pattern.format(
            d=moment.day,
            dd=f"{moment.day:02}",
            m=moment.month,
            mm=f"{moment.month:02}",
            mon=MONTHS[self.language][moment.month - 1],
            yy=f"{moment.year % 100:02}",
            Y=moment.year,
            H=moment.hour,
            HH=f"{moment.hour:02}",
            h=moment.hour % 12 or 12,
            hh=f"{moment.hour % 12 or 12:02}",
            MM=f"{moment.minute:02}",
            SS=f"{moment.second:02}",
            half=half,
            medio=f"{half[0].lower()}. m.",
        )
