"""The one way to open a table."""

from pathlib import Path

from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.errors import DataError
from vaticina.tables.csv_file import CsvFile
from vaticina.tables.excel_file import ExcelFile
from vaticina.tables.parquet_file import ParquetFile
from vaticina.tables.table_file import TableFile, report_unreadable

PARQUET = frozenset({".parquet", ".pq"})
"""Endings of the names of Parquet files."""

EXCEL = frozenset({".xlsx", ".xlsm"})
"""Endings of the names of Excel workbooks. Every file with another ending is CSV, but for those that are refused."""

REFUSED = {
    ".xls": "an old Excel workbook",
    ".xlsb": "a binary Excel workbook",
    ".ods": "an OpenDocument spreadsheet",
    ".numbers": "a spreadsheet of Numbers",
}
"""Endings of the names of other spreadsheets."""

BEGINNINGS = {
    b"PK\x03\x04": "an Excel workbook or another ZIP archive; a workbook's name ends in .xlsx",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or another file of Office; save it as .xlsx or as CSV",
    b"PAR1": "a Parquet file; its name must end in .parquet",
    b"\x1f\x8b": "a gzip archive; unpack it first",
}
"""How files that are no text begin, and what to do with one that is called CSV."""


def open_table(path: Path, notation: TableNotation = PLAIN) -> TableFile:
    """The table in the file ``path``: Parquet or Excel by its name, else CSV.

    CSV has commas, semicolons, tabs or bars between its cells. ``notation`` says how its cells are written, and in
    which encoding if that is neither UTF-8 nor UTF-16.

    Raises:
        DataError: it cannot be read, is empty or not a table, or two of its columns have one name.
        MissingExtra: Parquet needs pyarrow, or Excel needs openpyxl, which is not installed.
    """
    with report_unreadable(path):
        if path.exists() and not path.is_file():
            raise DataError(
                f"{path} cannot be read: it is no regular file, and a table is read more than once; save it as a file."
            )
    suffix = path.suffix.lower()
    if suffix in REFUSED:
        raise DataError(
            f"{path} is {REFUSED[suffix]}, which is not read; save it as an Excel workbook (.xlsx) or as CSV."
        )
    if suffix in PARQUET:
        return ParquetFile(path, notation)
    if suffix in EXCEL:
        return ExcelFile(path, notation)
    _refuse_binary(path)
    return CsvFile(path, notation)


def _refuse_binary(path: Path) -> None:
    """Raises DataError when the file ``path`` begins as one that is no text."""
    with report_unreadable(path), path.open("rb") as file:
        beginning = file.read(4)
    for mark, reason in BEGINNINGS.items():
        if beginning.startswith(mark):
            raise DataError(f"{path} is no CSV file but {reason}.")
