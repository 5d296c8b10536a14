"""What is usual in a table: its decimal mark and the order of its dates, by the columns in which they are certain."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from vaticina.contract.notation import DateOrder, DecimalMark
from vaticina.datasets.column_fits import DateFit, NumberFit
from vaticina.tables.dates import plain_letters

Choice = TypeVar("Choice")

DATE_WORDS = ("fecha", "data", "datum", "dia", "jour", "tag", "nacimiento", "nascimento", "naissance", "alta", "baja")
"""Words in the names of date columns, in languages whose countries write the day first."""


@dataclass(frozen=True, slots=True)
class Habit(Generic[Choice]):
    """What a table does, and the evidence for it in words; ``is_certain`` when a column shows it, or somebody said it.

    ``choice`` is None where nothing shows it.
    """

    choice: Choice | None
    evidence: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class TableHabits:
    """The habits of a table, by which its ambiguous columns are read."""

    decimal: Habit[DecimalMark]
    dates: Habit[DateOrder]


def decimal_habit(fits: Mapping[str, NumberFit], delimiter: str, stated: DecimalMark | None) -> Habit[DecimalMark]:
    """The decimal mark that was ``stated``, that columns show, or that goes with the ``delimiter``."""
    if stated is not None:
        return Habit(stated, "as you said", True)
    certain: dict[str, DecimalMark] = {}
    for name, fit in fits.items():
        if fit.has_marks and not fit.is_ambiguous:
            certain[name] = fit.notations[0].decimal
    if len(set(certain.values())) == 1:
        name, mark = next(iter(certain.items()))
        return Habit(mark, f"as in {name!r}", True)
    if delimiter == ";":
        return Habit(",", "as semicolons stand between the cells", False)
    return Habit(".", "as no semicolons stand between the cells", False)


def date_habit(
    fits: Mapping[str, DateFit], decimal: Habit[DecimalMark], delimiter: str, stated: DateOrder | None
) -> Habit[DateOrder]:
    """The order of dates that was ``stated``, that columns show, or that goes with the language of the table."""
    if stated is not None:
        return Habit(stated, "as you said", True)
    certain = {name: fit.orders[0] for name, fit in fits.items() if len(fit.orders) == 1}
    if len(set(certain.values())) == 1:
        name, order = next(iter(certain.items()))
        return Habit(order, f"as in {name!r}", True)
    if not certain and decimal.is_certain and decimal.choice == ",":
        return Habit("day-first", "as the table has decimal commas", False)
    if not certain and delimiter == ";":
        return Habit("day-first", "as semicolons stand between the cells", False)
    if not certain and _speaks_of_dates(fits):
        return Habit("day-first", "by the language of its name", False)
    return Habit(None, "", False)


def _speaks_of_dates(names: Iterable[str]) -> bool:
    """Whether a name holds a word for dates of a language whose countries write the day first."""
    for name in names:
        letters = plain_letters(name)
        if any(word in _words(letters) for word in DATE_WORDS):
            return True
    return False


def _words(text: str) -> Collection[str]:
    """The words of a column's name, however they are joined."""
    return re.findall(r"[^\W\d_]+", text)
