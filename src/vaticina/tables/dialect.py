"""How a CSV file is written: its encoding, and the delimiter between its cells."""

import re
from dataclasses import dataclass
from pathlib import Path

from vaticina.tables.table_file import report_unreadable

DELIMITERS = (",", ";", "\t", "|")

HEADER_SAMPLE = 2**16
"""Characters of the file that the delimiter is judged by; the start of a longer header is enough."""

QUOTED_NAME = re.compile(r'(?:\A|(?<=[,;\t|]))"(?:[^"]|"")*+"')
"""A quote opens a name only where a cell begins. Delimiters inside a quoted name separate nothing."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written. ``utf-8-sig`` is UTF-8 with or without a byte order mark."""

    delimiter: str
    encoding: str = "utf-8-sig"


def detect_dialect(path: Path) -> Dialect:
    """How the CSV file ``path`` is written. Raises DataError when it cannot be opened."""
    with report_unreadable(path), path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return Dialect(detect_delimiter(file.read(HEADER_SAMPLE)))


def detect_delimiter(text: str) -> str:
    """The delimiter that stands most often in the header of ``text``, quoted names left out; a comma if none does."""
    unquoted = QUOTED_NAME.sub("", text.lstrip("\r\n"))
    header = re.split(r"[\r\n]", unquoted, maxsplit=1)[0]
    return max(DELIMITERS, key=header.count)
