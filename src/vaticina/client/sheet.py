"""A table of rows to send: CSV or Parquet, told apart by the name."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from vaticina.contract.cells import DELIMITERS, MISSING
from vaticina.errors import DataError, MissingExtra


class Sheet(Protocol):
    """Named columns, and rows by number from 0."""

    names: Sequence[str]

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def rows(self, picks: Sequence[int]) -> list[dict[str, Any]]:
        """Those rows, in that order; None where there is no value."""
        ...


class CsvSheet:
    """A CSV file (UTF-8; comma, semicolon, tab or bar between cells) whose first line names the columns."""

    def __init__(self, path: Path) -> None:
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                first = file.readline()
                delimiter = max(DELIMITERS, key=lambda d: len(next(csv.reader([first], delimiter=d), [])))
                file.seek(0)
                header, *cells = [cells for cells in csv.reader(file, delimiter=delimiter) if cells] or [[]]
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataError(f"{path} is not CSV in UTF-8: {error}.") from None
        self.names: Sequence[str] = [name.strip() for name in header]
        self._cells = cells

    def __len__(self) -> int:
        return len(self._cells)

    def rows(self, picks: Sequence[int]) -> list[dict[str, Any]]:
        """Those rows, each value a text or None."""
        return [dict(zip(self.names, map(_value, self._cells[at]), strict=False)) for at in picks]


class ParquetSheet:
    """A Parquet file."""

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ModuleNotFoundError:
            raise MissingExtra.of("pyarrow", f"{path}, a Parquet file,") from None
        try:
            self._table = pq.read_table(path)  # type: ignore[no-untyped-call]
        except pa.ArrowException as error:
            raise DataError(f"{path} is not a Parquet file: {' '.join(str(error).split())[:200]}.") from None
        self.names: Sequence[str] = self._table.column_names

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def rows(self, picks: Sequence[int]) -> list[dict[str, Any]]:
        """Those rows, each value of the type it has in the file."""
        found: list[dict[str, Any]] = self._table.take(picks).to_pylist()
        return found


def open_sheet(path: Path) -> Sheet:
    """The table at ``path``; raises DataError when it cannot be read or holds no row, and MissingExtra."""
    if not path.is_file():
        raise DataError(f"{path} does not exist.")
    sheet: Sheet = ParquetSheet(path) if path.suffix.lower() in (".parquet", ".pq") else CsvSheet(path)
    if not len(sheet):
        raise DataError(f"{path} holds no row.")
    return sheet


def _value(cell: str) -> str | None:
    text = cell.strip()
    return None if text in MISSING else text
