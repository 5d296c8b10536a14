"""A whole table in memory, column by column."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from vaticina.contract.fields import AnyInput
from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.tables.cell_values import Cell, cell_reader, cell_text
from vaticina.tables.open_table import open_table
from vaticina.tables.table_file import BATCH, full_rows, report_unreadable


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of stripped texts, ``None`` where a value is missing; ``sha256`` is that of the file's bytes.

    ``delimiter`` stands between its cells, ``encoding`` is that of a text file that is not UTF-8, and ``remarks`` say
    what was understood of the file beside the cells.
    """

    path: Path
    columns: dict[str, list[Cell]]
    sha256: str
    delimiter: str = ","
    encoding: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values())))


def read_table(path: Path, inputs: Mapping[str, AnyInput] | None = None, notation: TableNotation = PLAIN) -> Table:
    """All rows of the table in the file ``path``. A row that is shorter than the header misses its last cells.

    The texts of a column that is one of ``inputs`` are read for that input: its own categories as they stand.

    Raises:
        DataError: the file cannot be read, is empty or not a table, has no rows, a row longer than the header, or two
            columns of one name.
        MissingExtra: Parquet needs a package that is not installed.
    """
    file = open_table(path, notation)
    columns: list[list[Cell]] = [[] for _ in file.names]
    input_readers = {name: cell_reader(field) for name, field in (inputs or {}).items()}
    readers = [input_readers.get(name, cell_text) for name in file.names]
    for rows in _batches(full_rows(file)):
        for column, read, cells in zip(columns, readers, zip(*rows, strict=True), strict=True):
            column.extend(map(read, cells))
    with report_unreadable(path), path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Table(
        path,
        dict(zip(file.names, columns, strict=True)),
        digest,
        file.delimiter,
        file.encoding,
        tuple(file.remarks),
    )


def _batches(rows: Iterator[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
