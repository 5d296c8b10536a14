"""The one way to open a table."""

from pathlib import Path

from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.errors import DataError
from vaticina.tables.csv_file import CsvFile
from vaticina.tables.parquet_file import ParquetFile
from vaticina.tables.table_file import TableFile, report_unreadable

PARQUET = frozenset({".parquet", ".pq"})
"""Endings of the names of Parquet files; every other file is CSV."""


def open_table(path: Path, notation: TableNotation = PLAIN) -> TableFile:
    """The table in the file ``path``: CSV (comma, semicolon, tab or bar between cells) or Parquet by its name.

    ``notation`` says how its cells are written, and in which encoding if that is neither UTF-8 nor UTF-16.

    Raises:
        DataError: it cannot be read, is empty or not a table, or two of its columns have one name.
        MissingExtra: Parquet needs pyarrow, which is not installed.
    """
    with report_unreadable(path):
        if path.exists() and not path.is_file():
            raise DataError(
                f"{path} cannot be read: it is no regular file, and a table is read more than once; save it as a file."
            )
    if path.suffix.lower() in PARQUET:
        return ParquetFile(path, notation)
    return CsvFile(path, notation)
