"""A CSV file, read line by line: which of its columns are the contract's inputs, and what its cells say."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from vaticina.contract import Contract
from vaticina.contract.cell_values import DELIMITERS, MISSING, reader
from vaticina.contract.fields import AnyInput
from vaticina.errors import DataError

MAX_CELL = 2**20
"""Characters of a cell; a quote that is never closed would else swallow the rest of the file."""

Read = Callable[[str | None], Any]
"""What a stripped cell means; a text that does not fit its type stays a text, for the validator to refuse."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: ``number`` is the line of the file that it begins on."""

    number: int
    cells: list[str]


class Sheet:
    """The CSV file at ``path`` (UTF-8; comma, semicolon, tab or bar between cells), whose first line names the columns.

    Raises:
        DataError: it cannot be read, is not UTF-8, or its header names no column, or one of them twice.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._size = max(path.stat().st_size, 1)
        self.delimiter = _delimiter(file)
        self._lines = self._decoded()
        csv.field_size_limit(MAX_CELL)
        self._rows = csv.reader(self._lines, delimiter=self.delimiter)
        self.header = self._read_header()

    def columns(self, contract: Contract) -> Mapping[str, tuple[int, Read]]:
        """For each input the file has: the place of its cell, and how to read it.

        Raises:
            DataError: a column that the contract requires is not there.
        """
        names = [name.strip() for name in self.header]
        absent = [n for n, field in contract.inputs.items() if n not in names and _required(field)]
        if absent:
            raise DataError(
                f"{self.path} has no column {', '.join(map(repr, absent))}, which the model needs; "
                f"its columns are: {', '.join(names)}."
            )
        return {n: (names.index(n), reader(field)) for n, field in contract.inputs.items() if n in names}

    def lines(self) -> Iterator[Line]:
        """The rows below the header; blank lines are no rows. Raises DataError."""
        start = self._rows.line_num
        try:
            for cells in self._rows:
                if cells:
                    yield Line(start + 1, cells)
                start = self._rows.line_num
        except csv.Error as error:
            raise DataError(f"{self.path}:{start + 1}: this is not CSV: {error}; is a quote never closed?") from None

    @property
    def style(self) -> dict[str, Any]:
        """How ``csv.writer`` writes files like this one."""
        return {"delimiter": self.delimiter, "lineterminator": "\n"}

    @property
    def share(self) -> float:
        """How much of the file was read, from 0 to 1."""
        return min(self._file.tell() / self._size, 1.0)

    def _read_header(self) -> list[str]:
        header = next(self._rows, [])
        names = [name.strip() for name in header]
        if not any(names):
            raise DataError(f"{self.path} is empty; its first line must name the columns.")
        repeated = sorted({name for name in names if name and names.count(name) > 1})
        if repeated:
            raise DataError(f"{self.path} names the column {', '.join(map(repr, repeated))} twice; rename one of them.")
        return header

    def _decoded(self) -> Iterator[str]:
        for number, line in enumerate(self._file, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise DataError(f"{self.path}:{number}: this is not UTF-8 text; save the file as UTF-8 CSV.") from None


def row_of(line: Line, columns: Mapping[str, tuple[int, Read]]) -> dict[str, Any]:
    """The row in ``line`` as a client would send it; an empty cell is a field left out."""
    row = {}
    for name, (at, read) in columns.items():
        text = line.cells[at].strip()
        if text not in MISSING:
            row[name] = read(text)
    return row


def _required(field: AnyInput) -> bool:
    return not field.optional and field.default is None


def _delimiter(file: BinaryIO) -> str:
    """The delimiter that cuts the header into most names."""
    first = file.readline(MAX_CELL).decode("utf-8-sig", errors="replace")
    file.seek(0)
    return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([first], delimiter=delimiter), [])))
