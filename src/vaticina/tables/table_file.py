"""A table in a file, read row by row."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

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
    """What stands between the cells when rows of this table are written as CSV."""

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
    for line, cells in table.rows():
        if len(cells) > width:
            raise DataError(
                f"{table.path}:{line}: this is not a regular table: the row has {len(cells)} cells, "
                f"the header {width}; mend the row, or quote cells that contain {table.delimiter!r}."
            )
        count += 1
        yield cells if len(cells) == width else [*cells, *[None] * (width - len(cells))]
    if not count:
        raise DataError(f"{table.path} has a header but holds no rows.")


@contextmanager
def report_unreadable(path: Path) -> Iterator[None]:
    """Turns the system's error about the file ``path`` into DataError."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"{path} cannot be read: it does not exist; check the path.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; check the path.") from None
