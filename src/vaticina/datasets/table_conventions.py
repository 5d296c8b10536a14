"""The conventions of a table: its decimal mark and the order of its dates, by the columns in which they are certain."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from vaticina.contract.notation import DateOrder, DecimalMark
from vaticina.datasets.column_fits import DateFit, NumberFit
from vaticina.tables.dates import plain_letters

Choice = TypeVar("Choice")

DATE_WORDS = frozenset({"fecha", "data", "datum", "dia", "jour", "tag", "nacimiento", "nascimento", "naissance"})
"""Words in the names of date columns, in languages whose countries write the day first."""


@dataclass(frozen=True, slots=True)
class Convention(Generic[Choice]):
    """A convention of a table, and the evidence for it in words; ``is_stated`` when a person said it.

    ``choice`` is None where nothing shows it.
    """

    choice: Choice | None
    evidence: str
    is_stated: bool = False


@dataclass(frozen=True, slots=True)
class TableConventions:
    """The conventions by which a table's ambiguous columns are read."""

    decimal: Convention[DecimalMark]
    dates: Convention[DateOrder]


def decimal_convention(
    fits: Mapping[str, NumberFit], delimiter: str, stated: DecimalMark | None
) -> Convention[DecimalMark]:
    """The decimal mark that was ``stated``, that columns show, or that goes with the ``delimiter``."""
    if stated is not None:
        return Convention(stated, "as you said", True)
    certain: dict[str, DecimalMark] = {}
    for name, fit in fits.items():
        if fit.has_marks and not fit.is_ambiguous:
            certain[name] = fit.notations[0].decimal
    if len(set(certain.values())) == 1:
        name, mark = next(iter(certain.items()))
        return Convention(mark, f"as in {name!r}")
    if delimiter == ";":
        return Convention(",", "as semicolons stand between the cells")
    return Convention(".", "as no semicolons stand between the cells")


def date_convention(
    fits: Mapping[str, DateFit], decimal: Convention[DecimalMark], delimiter: str, stated: DateOrder | None
) -> Convention[DateOrder]:
    """The order of dates that was ``stated``, that columns show, or that goes with the language of the table."""
    if stated is not None:
        return Convention(stated, "as you said", True)
    certain = {name: fit.orders[0] for name, fit in fits.items() if len(fit.orders) == 1}
    if len(set(certain.values())) == 1:
        name, order = next(iter(certain.items()))
        return Convention(order, f"as in {name!r}")
    if certain:
        return Convention(None, "")
    for fit in fits.values():
        if fit.month_starts is not None:
            return Convention(fit.month_starts, "by which every date is the first day of a month")
    if delimiter == ";":
        return Convention("day-first", "as semicolons stand between the cells")
    if decimal.choice == ",":
        return Convention("day-first", "as the table has decimal commas")
    if _speaks_of_dates(fits):
        return Convention("day-first", "by the language of its name")
    return Convention(None, "")


def _speaks_of_dates(names: Iterable[str]) -> bool:
    """Whether a name holds a word for dates of a language whose countries write the day first."""
    return any(not DATE_WORDS.isdisjoint(name_words(name)) for name in names)


def name_words(name: str) -> list[str]:
    """The words of a column's name in lower case without accents, however they are joined."""
    return re.findall(r"[^\W\d_]+", plain_letters(name))
