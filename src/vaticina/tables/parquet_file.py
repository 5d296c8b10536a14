"""A table in a Parquet file."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.errors import DataError, MissingExtra
from vaticina.tables.column_names import column_names
from vaticina.tables.parquet_check import check_count, check_parquet
from vaticina.tables.table_file import BATCH, TableRow, no_rows, report_unreadable

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROW_LABELS = re.compile(r"__index_level_\d+__")
"""Columns that pandas writes beside the table: the labels of its rows."""


class ParquetFile:
    """A Parquet file.

    Raises:
        DataError: it cannot be read, is no Parquet file, or has no column, or one of them twice.
        MissingExtra: pyarrow is not installed.
    """

    delimiter = ","
    typed = True
    encoding: str | None = None

    def __init__(self, path: Path, notation: TableNotation = PLAIN) -> None:
        self.path = path
        self.notation = notation
        self.remarks: Sequence[str] = ()
        self.share = 0.0
        with self._opened() as file:
            check_parquet(path)
            stored = file.schema_arrow.names
            self._count = int(file.metadata.num_rows)
        self._positions = [position for position, name in enumerate(stored) if not ROW_LABELS.fullmatch(name)]
        self.header: Sequence[str] = [stored[position] for position in self._positions]
        self.names: Sequence[str] = column_names(path, self.header)

    def rows(self) -> Iterator[TableRow]:
        """The rows, each cell a value of the type that it has in the file."""
        number = 0
        with self._opened() as file:
            for batch in self._batches(file):
                for cells in self._cells_of(batch):
                    number += 1
                    yield TableRow(number, cells)
                self.share = number / self._count

    def count(self) -> int:
        """How many rows there are, by the file's own count."""
        if not self._count:
            raise no_rows(self)
        return self._count

    def take(self, positions: Collection[int]) -> list[Sequence[object]]:
        """The rows at ``positions``: the file is read once."""
        ordered = sorted(positions)
        rows: list[Sequence[object]] = []
        begin = 0
        with self._opened() as file:
            for batch in self._batches(file):
                end = begin + batch.num_rows
                chosen = ordered[bisect_left(ordered, begin) : bisect_left(ordered, end)]
                rows += self._cells_of(batch.take([position - begin for position in chosen]))
                begin = end
        return rows

    def _batches(self, file: "pq.ParquetFile") -> "Iterator[pa.RecordBatch]":
        """The rows, some at a time."""
        held = 0
        for batch in file.iter_batches(batch_size=BATCH):  # type: ignore[no-untyped-call]
            held += batch.num_rows
            yield batch
        check_count(self.path, self._count, held)

    def _cells_of(self, batch: "pa.RecordBatch") -> Iterator[Sequence[object]]:
        columns = [batch.column(position).to_pylist() for position in self._positions]
        return zip(*columns, strict=True)

    @contextmanager
    def _opened(self) -> "Iterator[pq.ParquetFile]":
        """The open file. Turns errors of pyarrow and of the system into DataError."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ModuleNotFoundError:
            raise MissingExtra.of("pyarrow", f"{self.path}, a Parquet file,") from None
        with report_unreadable(self.path), self.path.open("rb") as file:
            try:
                yield pq.ParquetFile(file)  # type: ignore[no-untyped-call]
            except (pa.ArrowException, ValueError, OverflowError, OSError) as error:
                reason = " ".join(str(error).split())[:200].rstrip(".")
                raise DataError(f"{self.path} is not a Parquet file that can be read: {reason}.") from None
