"""What is checked of a Parquet file before its rows are read: that it does not unpack to more than a machine holds.

Parquet writes a value that repeats once, with how often it stands there, so that a few kilobytes can declare billions
of rows, or the same long text in each of them.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from vaticina.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

FREE_CELLS = 10_000_000
"""Cells that every file may have."""

CELLS_PER_BYTE = 20
"""Cells for each byte of a larger file. A table in which hardly a column is always the same has less than one."""

MAX_CELL = 2**20
"""Bytes of a cell, about as many as the characters of one in a CSV file."""

ROWS_AT_ONCE = 4_096


def check_parquet(path: Path) -> None:
    """Raises DataError when the Parquet file ``path`` unpacks to more than the limits of this file."""
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path)  # type: ignore[no-untyped-call]
    _check_rows(path, metadata)
    texts = []
    for position in range(metadata.num_columns):
        column = metadata.schema.column(position)
        if column.length > MAX_CELL:
            raise _refused(path, f"each value of {column.path!r} has {column.length} bytes")
        if column.physical_type == "BYTE_ARRAY" and column.logical_type.type != "DECIMAL":
            texts.append(column.path)
    if texts:
        _check_texts(path, texts)


def check_count(path: Path, declared: int, held: int) -> None:
    """Raises DataError when a file that was read to its end held other rows than it declares."""
    if declared != held:
        raise _refused(path, f"it declares {declared} rows, and holds {held}")


def _check_rows(path: Path, metadata: "pq.FileMetaData") -> None:
    """Raises DataError when the file declares more rows than its parts have, or than it can hold."""
    rows, size = metadata.num_rows, path.stat().st_size
    in_groups = sum(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))
    check_count(path, rows, in_groups)
    if rows * metadata.num_columns > max(FREE_CELLS, CELLS_PER_BYTE * size):
        raise _refused(path, f"it declares {rows} rows of {metadata.num_columns} columns in {size} bytes")


def _check_texts(path: Path, columns: list[str]) -> None:
    """Raises DataError when a text is too long for a cell. Read as dictionaries, each different text is held once."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, read_dictionary=columns) as file:  # type: ignore[no-untyped-call]
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=columns):
            longest = _longest_text(batch.columns)
            if longest > MAX_CELL:
                raise _refused(path, f"a cell has {longest} bytes, more than {MAX_CELL}")


def _longest_text(columns: "Iterable[pa.Array]") -> int:
    """The bytes of the longest text in ``columns`` and in the columns inside them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    longest = 0
    for column in columns:
        kind = column.type
        if pa.types.is_dictionary(kind):
            lengths = pc.binary_length(column.dictionary)  # type: ignore[attr-defined]
            longest = max(longest, pc.max(lengths).as_py() or 0)  # type: ignore[attr-defined]
        elif pa.types.is_struct(kind):
            longest = max(longest, _longest_text(column.flatten()))
        elif pa.types.is_nested(kind):  # lists and maps
            longest = max(longest, _longest_text([column.values]))
    return longest


def _refused(path: Path, reason: str) -> DataError:
    return DataError(f"{path} is refused: {reason}; write it anew from its source, or save its table as CSV.")
