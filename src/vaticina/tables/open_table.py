"""The one way to open a table."""

from pathlib import Path

from vaticina.tables.csv_file import CsvFile
from vaticina.tables.parquet_file import ParquetFile
from vaticina.tables.table_file import TableFile

PARQUET = frozenset({".parquet", ".pq"})
"""Endings of the names of Parquet files; every other file is CSV."""


def open_table(path: Path) -> TableFile:
    """The table in the file ``path``: CSV (UTF-8; comma, semicolon, tab or bar between cells) or Parquet by its name.

    Raises:
        DataError: it cannot be read, is empty or not a table, or two of its columns have one name.
        MissingExtra: Parquet needs pyarrow, which is not installed.
    """
    return ParquetFile(path) if path.suffix.lower() in PARQUET else CsvFile(path)
