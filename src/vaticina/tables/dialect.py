"""How a CSV file is written: its encoding, the delimiter between its cells, and the line of its header."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from vaticina.tables.encoding import detect_encoding
from vaticina.tables.numbers import looks_numeric
from vaticina.tables.table_file import report_unreadable

DELIMITERS = ("\t", ";", "|", ",")
"""From the one that stands least often inside a cell to the one that stands there most often."""

SAMPLE = 2**17
"""Characters of the file that it is judged by."""

MAX_CELL = 2**20
"""Characters of a cell. Without a limit, a quote that is never closed would read a large file as one cell."""

MAX_TITLES = 20
"""Lines above the header, at most."""

REGULAR = 0.8
"""Share of the rows below a title that have as many cells as the header."""


EXCEL_HINT = "sep="
"""How the line begins by which a file tells Excel its delimiter."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written. ``utf-8-sig`` is UTF-8 with or without a byte order mark.

    ``titles`` are the lines above the header, title and blank lines, which are not read.
    """

    delimiter: str
    encoding: str = "utf-8-sig"
    titles: int = 0


@dataclass(frozen=True, slots=True)
class SampleRow:
    """The cells of a row of the sample, the line that it begins on, and whether a line without a cell is above it."""

    cells: list[str]
    line: int
    after_blank: bool

    @property
    def filled(self) -> int:
        """How many cells are not empty."""
        return len(list(filter(str.strip, self.cells)))


def detect_dialect(path: Path, encoding: str | None = None) -> Dialect:
    """How the CSV file ``path`` is written; ``encoding`` is that of a file that is neither UTF-8 nor UTF-16.

    Raises:
        DataError: it cannot be opened or is no text.
    """
    detected = detect_encoding(path, encoding)
    with report_unreadable(path), path.open(encoding=detected, newline="") as file:
        sample = file.read(SAMPLE)
        is_whole = not file.read(1)
    delimiter = detect_delimiter(sample, is_whole)
    return Dialect(delimiter, detected, count_titles(_records(sample, delimiter, is_whole)))


def detect_delimiter(sample: str, is_whole: bool = True) -> str:
    """The delimiter by which most rows of ``sample`` have the same number of cells, more than one.

    Of two that fit equally well, it is the one that stands less often inside a cell: in ``1,5;2,5`` a semicolon. Where
    most rows have one cell, the header decides; a file of one column has a comma. A delimiter counts half by which text
    follows a quoted cell, as in ``";"|a``.
    """
    shares: dict[str, float] = {}
    headers: dict[str, int] = {}
    for delimiter in DELIMITERS:
        records = _records(sample, delimiter, is_whole)
        shares[delimiter] = _regular_share(records)
        headers[delimiter] = len(records[0].cells) if records else 1
        if not _is_well_quoted(sample, delimiter):
            shares[delimiter] /= 2
            headers[delimiter] = 1
    best = max(shares, key=shares.__getitem__)
    if not shares[best]:
        best = max(headers, key=headers.__getitem__)
    return best if headers[best] > 1 or shares[best] else ","


def count_titles(records: Sequence[SampleRow]) -> int:
    """How many lines stand above the header in a file that begins with ``records``.

    A title has at most half of the cells of the table. What stands below it is the header if there is a blank line
    above it, or if it names columns that hold numbers; the rows below must be regular.
    """
    width = _usual_width(records)
    position = 0
    while position < min(len(records) - 1, MAX_TITLES) and _is_title(records[position], width):
        position += 1
    if not position or len(records[position].cells) != width:
        return 0
    header, rows = records[position], records[position + 1 :]
    if position == 1 and records[0].cells[0].lower().startswith(EXCEL_HINT):
        return header.line - 1
    regular = len([row for row in rows if len(row.cells) == width])
    if regular < REGULAR * len(rows) or not _names_columns(header, rows):
        return 0
    return header.line - 1


def _is_title(record: SampleRow, width: int) -> bool:
    if len(record.cells) != width:
        return record.filled <= width // 2
    return width > 2 and record.filled <= width // 2 and bool(record.cells[0].strip())


def _names_columns(header: SampleRow, rows: Sequence[SampleRow]) -> bool:
    """Whether the cells of ``header`` are different texts and either set apart by a blank line, or above numbers."""
    names = [cell.strip() for cell in header.cells if cell.strip()]
    texts = [name for name in names if not looks_numeric(name)]
    if not texts or len(set(names)) < len(names):
        return False
    return header.after_blank or (len(texts) == len(names) and _has_numeric_column(rows, len(header.cells)))


def _has_numeric_column(rows: Sequence[SampleRow], width: int) -> bool:
    """Whether most of the cells of a column look like numbers or dates."""
    counts = Counter[int]()
    for row in rows:
        if len(row.cells) == width:
            counts.update(position for position, cell in enumerate(row.cells) if looks_numeric(cell.strip()))
    return any(count > REGULAR * len(rows) for count in counts.values())


def _records(sample: str, delimiter: str, is_whole: bool) -> list[SampleRow]:
    """The rows of ``sample``; the last one is left out where the file goes on behind it."""
    records: list[SampleRow] = []
    lines = csv.reader(StringIO(sample, newline=""), delimiter=delimiter)
    begin, after_blank = 1, False
    csv.field_size_limit(MAX_CELL)
    try:
        for cells in lines:
            if any(map(str.strip, cells)):
                records.append(SampleRow(cells, begin, after_blank))
                after_blank = False
            else:
                after_blank = True
            begin = lines.line_num + 1
    except csv.Error:  # told with its line when the file is read
        pass
    if not is_whole and len(records) > 1:
        records.pop()
    return records


def _is_well_quoted(sample: str, delimiter: str) -> bool:
    """Whether a delimiter, or the end of the line, follows every quoted cell."""
    try:
        for _ in csv.reader(StringIO(sample, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "expected after" not in str(error)
    return True


def _usual_width(records: Sequence[SampleRow]) -> int:
    """The number of cells that most rows have; of equally frequent ones, the first."""
    widths = Counter(len(record.cells) for record in records)
    return max(widths, key=widths.__getitem__, default=0)


def _regular_share(records: Sequence[SampleRow]) -> float:
    """Share of the rows that have the usual number of cells; half of it when the header has not, 0 for one cell."""
    width = _usual_width(records)
    if width < 2:
        return 0.0
    share = len([record for record in records if len(record.cells) == width]) / len(records)
    if len(records[0].cells) != width and not count_titles(records):
        return share / 2
    return share
