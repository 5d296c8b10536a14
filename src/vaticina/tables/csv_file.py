"""A table in a CSV file."""

import csv
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from vaticina.errors import DataError
from vaticina.tables.column_names import column_names
from vaticina.tables.dialect import detect_dialect
from vaticina.tables.table_file import TableRow, full_rows, report_unreadable

MAX_CELL = 2**20
"""Characters of a cell. Without a limit, a quote that is never closed would read a large file as one cell."""


class CsvFile:
    """A CSV file in UTF-8 whose first line names the columns. Blank lines are no rows.

    Raises:
        DataError: it cannot be read, or its header names no column, or one of them twice.
    """

    header: Sequence[str]
    typed = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dialect = detect_dialect(path)
        self.delimiter = self.dialect.delimiter
        _, self.header = next(self._records(), (1, []))
        self.names: Sequence[str] = column_names(path, self.header)
        self._lines: FileLines | None = None

    @property
    def share(self) -> float:
        """How much of the file was read, from 0 to 1."""
        if self._lines is None:
            return 0.0
        return self._lines.share

    def rows(self) -> Iterator[TableRow]:
        """The rows, each cell a text."""
        records = self._records()
        next(records, None)  # the header
        several = len(self.names) > 1
        for line, cells in records:
            if not (several and len(cells) == 1 and not cells[0].strip()):  # a line of white space is blank too
                yield TableRow(line, cells)

    def count(self) -> int:
        """How many rows there are: the file is read once."""
        count = 0
        for _ in full_rows(self):
            count += 1
        return count

    def take(self, positions: Collection[int]) -> list[Sequence[object]]:
        """The rows at ``positions``: the file is read once."""
        chosen = frozenset(positions)
        return [cells for position, cells in enumerate(full_rows(self)) if position in chosen]

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The header and the rows, each with the line that it begins on."""
        line = 1
        with report_unreadable(self.path), self.path.open(encoding=self.dialect.encoding, newline="") as file:
            lines = self._lines = FileLines(file, self.path.stat().st_size)
            csv.field_size_limit(MAX_CELL)
            reader = csv.reader(lines, delimiter=self.delimiter)
            try:
                for cells in reader:
                    if lines.ended:
                        raise csv.Error("the file ends inside a quoted cell")
                    if cells:
                        yield line, cells
                    line = reader.line_num + 1
            except csv.Error as error:
                raise DataError(f"{self.path}:{line}: this is not CSV: {error}; is a quote never closed?") from None
            except UnicodeDecodeError:
                bad_line = _first_undecodable_line(self.path)
                raise DataError(
                    f"{self.path}:{bad_line}: this is not UTF-8 text; save the file as UTF-8 CSV."
                ) from None


class FileLines:
    """The lines of an open file. ``ended`` is True once a line was asked for and none was left.

    ``csv.reader`` asks for a line only when it needs one more for a row: if the lines ended and it still gives a row,
    that row's last quote was never closed.
    """

    def __init__(self, file: TextIO, size: int) -> None:
        self.ended = False
        self._file = file
        self._size = max(size, 1)

    def __iter__(self) -> Iterator[str]:
        yield from self._file
        self.ended = True

    @property
    def share(self) -> float:
        """How much of the file was read, from 0 to 1."""
        if self.ended or self._file.closed:
            return 1.0
        return min(self._file.buffer.tell() / self._size, 1.0)


def _first_undecodable_line(path: Path) -> int:
    number = 1
    with path.open("rb") as lines:
        for line in lines:
            try:
                line.decode()
            except UnicodeDecodeError:
                break
            number += 1
    return number
