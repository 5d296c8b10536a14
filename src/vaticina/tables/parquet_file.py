"""A table in a Parquet file."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vaticina.errors import DataError, MissingExtra
from vaticina.tables.column_names import column_names
from vaticina.tables.table_file import BATCH, TableRow, report_unreadable

if TYPE_CHECKING:
    import pyarrow as pa

ROW_LABELS = re.compile(r"__index_level_\d+__")
"""Columns that pandas writes beside the table: the labels of its rows."""


class ParquetFile:
    """A Parquet file.

    Raises:
        DataError: it cannot be read, is no Parquet file, or has no column, or one of them twice.
        MissingExtra: pyarrow is not installed.
    """

    delimiter = ","

    def __init__(self, path: Path) -> None:
        try:
            import pyarrow.parquet as pq
        except ModuleNotFoundError:
            raise MissingExtra(f"{path} is Parquet; to read it: pip install 'vaticina[parquet]'") from None
        self.path = path
        self.share = 0.0
        with _report_errors(path, "is not a Parquet file"):
            self._file = pq.ParquetFile(path)  # type: ignore[no-untyped-call]
        stored = self._file.schema_arrow.names
        self._positions = [position for position, name in enumerate(stored) if not ROW_LABELS.fullmatch(name)]
        self.header: Sequence[str] = [stored[position] for position in self._positions]
        self.names: Sequence[str] = column_names(path, self.header)

    def rows(self) -> Iterator[TableRow]:
        """The rows, each cell a value of the type that it has in the file."""
        total = self._file.metadata.num_rows
        number = 0
        with _report_errors(self.path, "holds rows that cannot be read"):
            for batch in self._file.iter_batches(batch_size=BATCH):  # type: ignore[no-untyped-call]
                for cells in self._rows_of(batch):
                    number += 1
                    yield TableRow(number, cells)
                self.share = number / total

    def count(self) -> int:
        """How many rows there are, by the file's own count."""
        count = int(self._file.metadata.num_rows)
        if not count:
            raise DataError(f"{self.path} has a header but holds no rows.")
        return count

    def take(self, positions: Collection[int]) -> list[Sequence[object]]:
        """The rows at ``positions``."""
        with _report_errors(self.path, "holds rows that cannot be read"):
            table = self._file.read()  # type: ignore[no-untyped-call]
            return list(self._rows_of(table.take(sorted(positions))))

    def _rows_of(self, table: "pa.Table | pa.RecordBatch") -> Iterator[Sequence[object]]:
        columns = [table.column(position).to_pylist() for position in self._positions]
        return zip(*columns, strict=True)


@contextmanager
def _report_errors(path: Path, problem: str) -> Iterator[None]:
    """Turns errors of pyarrow and the system into DataError: the file ``path``, its ``problem``, and what they say."""
    import pyarrow as pa

    try:
        with report_unreadable(path):
            yield
    except (pa.ArrowException, ValueError) as error:
        raise DataError(f"{path} {problem}: {' '.join(str(error).split())[:200]}.") from None
