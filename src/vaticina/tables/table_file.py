"""A table in a file, read row by row."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from vaticina.contract.notation import TableNotation
from vaticina.errors import DataError

BATCH = 256
"""Rows held at once where columns are made. More than 700 lists at once would wake Python's garbage collector, which
walks through all columns read so far: 1 000 rows take three times as long as 256."""


class TableRow(NamedTuple):
    """A row below the header. ``cells`` are as they stand in the file: texts of a CSV file, values of a Parquet file.

    ``line`` is the line of the file that the row begins on, as an editor counts; in a Parquet file, the row's number.
    """

    line: int
    cells: Sequence[object]


class TableFile(Protocol):
    """A file that holds a table. Its rows may be read more than once, and are never all in memory."""

    path: Path
    header: Sequence[str]
    """The names as the file writes them."""
    names: Sequence[str]
    """The names of the columns: stripped, none empty, none twice."""
    delimiter: str
    """The character between the cells when rows of this table are written as CSV."""
    typed: bool
    """Whether cells have types of their own, as in Parquet. In a CSV file, a text may be the writing of a number."""
    notation: TableNotation
    """How the texts in its cells are written."""
    encoding: str | None
    """The encoding of a text file that is not UTF-8."""

    @property
    def remarks(self) -> Sequence[str]:
        """What was understood of the file beside its cells, in words for people."""
        ...

    @property
    def share(self) -> float:
        """How much of the file the rows read so far have passed, from 0 to 1."""
        ...

    def rows(self) -> Iterator[TableRow]:
        """The rows in their order; a row may have fewer or more cells than the header. Raises DataError."""
        ...

    def count(self) -> int:
        """How many rows there are. Raises DataError when there is none, or a row has more cells than the header."""
        ...

    def take(self, positions: Collection[int]) -> list[Sequence[object]]:
        """The full rows at these positions, counted from 0, in the order of the file. Raises DataError."""
        ...


def full_rows(table: TableFile) -> Iterator[Sequence[object]]:
    """The cells of each row, as many as the header has: a short row misses its last cells, which become None.

    Raises:
        DataError: a row has more cells than the header, there is no row, or the file cannot be read.
    """
    width = len(table.names)
    count = 0
    for row in table.rows():
        cells = row.cells
        if len(cells) > width:
            raise irregular_row(table, row)
        if len(cells) < width:
            cells = [*cells, *[None] * (width - len(cells))]
        count += 1
        yield cells
    if not count:
        raise no_rows(table)


def count_rows(table: TableFile) -> int:
    """How many rows ``table`` has, all of which are read. Raises DataError as ``full_rows``."""
    count = 0
    for _ in full_rows(table):
        count += 1
    return count


def take_rows(table: TableFile, positions: Collection[int]) -> list[Sequence[object]]:
    """The full rows at ``positions`` of ``table``, all of whose rows are read. Raises DataError as ``full_rows``."""
    chosen = frozenset(positions)
    return [cells for position, cells in enumerate(full_rows(table)) if position in chosen]


def no_rows(table: TableFile) -> DataError:
    """The error about a table that has a header only."""
    return DataError(f"{table.path} has a header but holds no rows.")


def irregular_row(table: TableFile, row: TableRow) -> DataError:
    """The error about a row that has fewer or more cells than the header."""
    return DataError(
        f"{table.path}:{row.line}: this is not a regular table: {width_difference(table, row)}; "
        f"mend the row, or quote cells that contain {table.delimiter!r}."
    )


def width_difference(table: TableFile, row: TableRow) -> str:
    """How many cells the row has, and how many the header."""
    return f"the row has {len(row.cells)} cells, the header {len(table.names)}"


@contextmanager
def report_unreadable(path: Path) -> Iterator[None]:
    """Turns an error of the system about the file ``path`` into DataError."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"{path} cannot be read: it does not exist; check the path.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; check the path.") from None
