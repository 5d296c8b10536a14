"""Numbers as tables write them: decimal commas, thousands, currencies, percents, units."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from vaticina.contract.notation import ColumnNotation, DecimalMark, ThousandsMark
from vaticina.tables.plain_text import PlainText

INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]{0,14})")
"""A whole number. Up to 15 digits, which a double holds exactly. No leading zeros: 007 is a code, not a quantity."""

NUMBER = re.compile(r"[+-]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""A number in plain notation: decimal or scientific, with a decimal point."""

THOUSANDS_OR_FRACTION = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
"""A number whose point may be a decimal point or stand between thousands."""

MAX_NUMBER = 48
"""Characters of a number with its unit. Longer texts are no numbers."""

CURRENCIES = {
    *(
        "$",
        "€",
        "£",
        "¥",
        "₡",
        "₲",
        "₱",
        "₹",
        "₩",
        "₺",
        "₽",
        "R$",
        "S/",
        "S/.",
        "US$",
        "A$",
        "C$",
        "MX$",
        "COP$",
        "CLP$",
    ),
    *("Bs", "Bs.", "Kč", "zł", "kr", "Ft", "Fr.", "Rs", "Rs.", "USD", "EUR", "GBP", "JPY", "CHF", "PEN", "MXN", "BRL"),
    *("COP", "CLP", "ARS", "UYU", "BOB", "PYG", "CRC", "GTQ", "DOP", "CAD", "AUD", "PLN", "CZK", "SEK", "NOK", "DKK"),
    *("HUF", "euro", "euros", "soles", "pesos", "dólares", "dolares", "reais", "dollars"),
}
PERCENT = "%"
MEASURES = {
    *("kg", "g", "mg", "t", "lb", "lbs", "oz", "km", "m", "cm", "mm", "mi", "ft", "m2", "m²", "m3", "m³", "km2", "km²"),
    *("km/h", "ha", "l", "L", "ml", "cl", "h", "min", "ms", "°C", "ºC", "°F", "kWh", "kW", "MW", "MWh", "kcal", "MB"),
    *("GB", "TB", "Hz", "MHz", "GHz", "años", "anos", "years", "year", "Jahre", "ans", "días", "dias", "days", "Tage"),
    *("jours", "meses", "months", "Monate", "mois", "semanas", "weeks", "horas", "hours", "Stunden", "heures"),
    *("ud", "uds", "ud.", "uds.", "unidades", "Stück", "pcs"),
}
UNITS = CURRENCIES | MEASURES | {PERCENT}
"""Texts beside a number that are read as its unit; the longest that fits counts."""

UNITS_IN_DIGITS = tuple(unit for unit in UNITS if unit[-1].isdigit())

BEFORE_NUMBER = re.compile(r"[^\d+,'-]+")
BEHIND_NUMBER = re.compile(r"[^\d]+$")

SPACES = re.compile(r"[ \t\u00a0\u2007\u2009\u202f]+")
DIGITS = re.compile(r"\d")

NUMERIC = re.compile(r"\W*\d[\d\s.,'’/:-]*\W*")
"""Digits with marks of any notation, such as numbers, dates and times have; no letters."""


class SplitNumber(NamedTuple):
    """A number's text without spaces at its ends, and the units that stood around it."""

    core: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberNotation:
    """The marks of a notation of numbers; ``thousands`` is None where digits are not grouped."""

    decimal: DecimalMark = "."
    thousands: ThousandsMark | None = None

    def plain(self, core: str) -> str | None:
        """The number ``core``, which has no unit, in plain notation; None if it is no number of this notation."""
        match = _pattern(self.decimal, self.thousands).fullmatch(core)
        if match is None:
            return None
        sign, grouped, digits, fraction, exponent = match.groups()
        if grouped:
            digits = "".join(DIGITS.findall(grouped))
        fraction = f".{fraction}" if fraction else ""
        exponent = f"e{exponent}" if exponent else ""
        return f"{sign or ''}{digits or '0'}{fraction}{exponent}"


NOTATIONS = (
    NumberNotation("."),
    NumberNotation(","),
    NumberNotation(".", ","),
    NumberNotation(",", "."),
    NumberNotation(".", " "),
    NumberNotation(",", " "),
    NumberNotation(".", "'"),
    NumberNotation(",", "'"),
)
"""All notations; those with fewer marks first."""


@cache
def _pattern(decimal: str, thousands: str | None) -> re.Pattern[str]:
    """Groups: sign, digits in groups of three, other digits, fraction, exponent."""
    point = re.escape(decimal)
    grouped = "(?!)" if thousands is None else rf"[1-9][0-9]{{0,2}}(?:{re.escape(thousands)}[0-9]{{3}})+"
    return re.compile(
        rf"([+-])?(?:({grouped})|(0|[1-9][0-9]*)|(?={point}[0-9]))(?:{point}([0-9]*))?(?:[eE]([+-]?[0-9]+))?"
    )


class NumberReader:
    """Reads the numbers of a column that is written as ``notation`` says, with ``units`` around them."""

    def __init__(self, notation: ColumnNotation, units: Collection[str] = ()) -> None:
        self._notation = NumberNotation(notation.decimal or ".", notation.thousands)
        self._units = frozenset(units)

    def plain(self, text: str) -> str | None:
        """The number that ``text`` writes, in plain notation; None if it writes none."""
        plain = self._notation.plain(text)
        if plain is not None:
            return plain
        split = split_number(text)
        if split is None or not self._units.issuperset(split.units):
            return None
        return self._notation.plain(split.core)


def plain_number(text: str, notation: NumberNotation) -> str | None:
    """The number that ``text`` writes with any unit, in plain notation; None if it writes none in ``notation``."""
    if isinstance(text, PlainText):
        return text if NUMBER.fullmatch(text) else None
    plain = notation.plain(text)
    if plain is not None:
        return plain
    split = split_number(text)
    return None if split is None else notation.plain(split.core)


def split_number(text: str) -> SplitNumber | None:
    """``text`` as a number and its units; None if it cannot be one.

    The minus sign may stand before or behind a currency, or at the end, as SAP writes it; brackets around the whole are
    a minus sign too, as in accounts. Spaces of all kinds become one space, ``−`` becomes ``-``, ``’`` becomes ``'``.
    """
    if len(text) > MAX_NUMBER or not DIGITS.search(text):
        return None
    core = SPACES.sub(" ", text).strip().replace("\u2212", "-").replace("’", "'")
    negative = core.startswith("(") and core.endswith(")")
    if negative:
        core = core[1:-1].strip()
    core, units = _without_units(core)
    if core[:1] in "+-" and core[1:2] == " ":
        core = core[0] + core[1:].lstrip()
    if core.endswith("-"):
        core = f"-{core[:-1].rstrip()}"
    if negative:
        core = f"-{core}"
    return SplitNumber(core, units)


def looks_numeric(text: str) -> bool:
    """Whether ``text`` consists of digits with marks or a unit, as numbers, dates and times of any notation do."""
    if len(text) > MAX_NUMBER:
        return False
    if NUMERIC.fullmatch(text):
        return True
    split = split_number(text)
    return split is not None and bool(split.units) and NUMERIC.fullmatch(split.core) is not None


def _without_units(text: str) -> tuple[str, tuple[str, ...]]:
    """``text`` without one unit at its start, behind a sign or not, and one at its end; and those units."""
    sign = text[0] if text[0] in "+-" else ""
    core = text[len(sign) :].lstrip()
    units = []
    prefix = _prefix(core)
    if prefix:
        units.append(prefix)
        core = core[len(prefix) :].lstrip()
    suffix = _suffix(core)
    if suffix:
        units.append(suffix)
        core = core[: -len(suffix)].rstrip()
    return sign + core, tuple(units)


def _prefix(text: str) -> str:
    """The currency or percent sign before the first digit, sign or mark of a number; empty if there is none."""
    before = BEFORE_NUMBER.match(text)
    candidate = before.group().strip() if before else ""
    if candidate == PERCENT or _is_one_of(CURRENCIES, candidate):
        return candidate
    if candidate.endswith(".") and _is_one_of(CURRENCIES, candidate[:-1]):  # $.50
        return candidate[:-1]
    return ""


def _suffix(text: str) -> str:
    """The unit behind the last digit, or one that ends in a digit itself; empty if there is none."""
    for unit in UNITS_IN_DIGITS:
        if text.endswith(unit):
            return unit
    candidate = BEHIND_NUMBER.search(text)
    if candidate and _is_one_of(UNITS, candidate.group().strip()):
        return candidate.group().strip()
    return ""


def _is_one_of(units: Collection[str], text: str) -> bool:
    return text in units or (len(text) > 1 and (text.lower() in units or text.upper() in units))
