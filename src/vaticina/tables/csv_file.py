"""A table in a CSV file."""

import csv
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.errors import DataError
from vaticina.tables.column_names import column_names
from vaticina.tables.dialect import MAX_CELL, detect_dialect
from vaticina.tables.encoding import first_bad_line
from vaticina.tables.notes_below import without_notes
from vaticina.tables.table_file import TableRow, count_rows, report_unreadable, take_rows

MAX_LINE = 2**24
"""Characters of a line. Without a limit, a line that never ends would be read into memory as a whole."""


class CsvFile:
    """A CSV file whose header names the columns. Blank lines are no rows, nor are titles above and notes below.

    Raises:
        DataError: it cannot be read, is no text, or its header names no column, or one of them twice.
    """

    header: Sequence[str]
    typed = False

    def __init__(self, path: Path, notation: TableNotation = PLAIN) -> None:
        self.path = path
        self.notation = notation
        self.dialect = detect_dialect(path, notation.encoding)
        self.delimiter = self.dialect.delimiter
        self.encoding: str | None = None
        if self.dialect.encoding != "utf-8-sig":
            self.encoding = self.dialect.encoding
        self._notes: list[TableRow] = []
        self.header = self._header()
        self.names: Sequence[str] = column_names(path, self.header)
        self._lines: FileLines | None = None

    @property
    def share(self) -> float:
        """How much of the file was read, from 0 to 1."""
        if self._lines is None:
            return 0.0
        return self._lines.share

    @property
    def remarks(self) -> Sequence[str]:
        """What was understood of the file, in words; of the notes below the table once it was read."""
        remarks = []
        titles = self.dialect.titles
        if self.encoding is not None:
            remarks.append(f"the file is read as {self.encoding} text; if letters are wrong, say --encoding")
        if titles:
            remarks.append(f"the header is line {titles + 1}; what stands above it is left out")
        if self._notes:
            first = self._notes[0]
            remarks.append(
                f"{len(self._notes)} lines of notes at the end are left out, from line {first.line}: {first.cells[0]!r}"
            )
        return remarks

    def rows(self) -> Iterator[TableRow]:
        """The rows, each cell a text."""
        records = self._records()
        _next_filled(records)  # the header
        self._notes.clear()
        yield from without_notes(records, len(self.names), self._notes)

    def count(self) -> int:
        """How many rows there are: the file is read once."""
        return count_rows(self)

    def take(self, positions: Collection[int]) -> list[Sequence[object]]:
        """The rows at ``positions``: the file is read once."""
        return take_rows(self, positions)

    def _header(self) -> Sequence[str]:
        return _next_filled(self._records())

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The header and the rows, each with the line that it begins on; a blank line has no cells."""
        line = 1 + self.dialect.titles
        with report_unreadable(self.path), self.path.open(encoding=self.dialect.encoding, newline="") as file:
            lines = self._lines = FileLines(file, self.path)
            csv.field_size_limit(MAX_CELL)
            for _ in range(self.dialect.titles):
                next(file, None)
            reader = csv.reader(lines, delimiter=self.delimiter)
            try:
                for cells in reader:
                    if lines.ended:
                        raise csv.Error("the file ends inside a quoted cell")
                    yield line, cells
                    line = reader.line_num + 1 + self.dialect.titles
            except csv.Error as error:
                raise DataError(f"{self.path}:{line}: this is not CSV: {error}; is a quote never closed?") from None
            except UnicodeDecodeError:
                encoding = self.dialect.encoding
                bad_line = first_bad_line(self.path, encoding)
                raise DataError(
                    f"{self.path}:{bad_line}: this is not {encoding} text; save the file as UTF-8 CSV."
                ) from None


def _next_filled(records: Iterator[tuple[int, list[str]]]) -> list[str]:
    """The cells of the next line that is not blank; none at the end."""
    for _, cells in records:
        if cells:
            return cells
    return []


class FileLines:
    """The lines of an open file. ``ended`` is True once a line was asked for and none was left.

    ``csv.reader`` asks for a line only when it needs one more for a row: if the lines ended and it still gives a row,
    that row's last quote was never closed.
    """

    def __init__(self, file: TextIO, path: Path) -> None:
        self.ended = False
        self._file = file
        self._path = path
        self._size = max(path.stat().st_size, 1)

    def __iter__(self) -> Iterator[str]:
        for line in iter(partial(self._file.readline, MAX_LINE), ""):
            if len(line) == MAX_LINE:
                raise DataError(
                    f"{self._path} is no table: it has a line of more than {MAX_LINE} characters; "
                    "a CSV file has a line for each row."
                )
            yield line
        self.ended = True

    @property
    def share(self) -> float:
        """How much of the file was read, from 0 to 1."""
        if self.ended or self._file.closed:
            return 1.0
        return min(self._file.buffer.tell() / self._size, 1.0)
