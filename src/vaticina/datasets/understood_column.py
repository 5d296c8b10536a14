"""What was understood of a column, for people."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnderstoodColumn:
    """What was understood of a column, for people: ``raw`` is one of its cells, ``value`` what it is read as."""

    name: str
    read_as: str
    how: str
    raw: str
    value: str
