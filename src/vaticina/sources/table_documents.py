"""The rows of a table as documents for a collection."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.errors import DataError
from vaticina.sources.collections import BATCH
from vaticina.tables import TableFile, TableRow, open_table
from vaticina.tables.cell_values import cell_text, date_reader, number_reader
from vaticina.tables.numbers import INTEGER
from vaticina.tables.table_file import irregular_row

WHOLE = re.compile(r"[+-]?[0-9]+")


class DocumentBatch(NamedTuple):
    """Some of a table's rows as documents; ``share`` is how much of the file was read, from 0 to 1."""

    documents: list[dict[str, Any]]
    share: float


def read_documents(path: Path, batch: int = BATCH, notation: TableNotation = PLAIN) -> Iterator[DocumentBatch]:
    """The rows of the table in the file ``path`` (CSV, Parquet or Excel), ``batch`` at a time.

    A cell of a CSV file that writes a number in the table's ``notation`` becomes one, a date becomes ISO 8601, an empty
    cell is left out, and any other is text, as is a whole number of more than 15 digits, which no float holds exactly;
    Parquet and Excel have types of their own. A dot in a column's name makes an inner document:
    ``additional_features.sensor_id``.

    Raises:
        DataError: the file cannot be read or is not a table, a column has no name or one that leads inside another, or
            a row has fewer or more cells than the header.
        MissingExtra: Parquet or Excel needs a package that is not installed.
    """
    table = open_table(path, notation)
    _check_names(table)
    readers = {name: _CellReader(name, notation) for name in table.names}
    rows = table.rows()
    while read := list(islice(rows, batch)):
        yield DocumentBatch([_document(table, row, readers) for row in read], table.share)


class _CellReader:
    """Reads the texts of the column ``name`` as values of a document."""

    def __init__(self, name: str, notation: TableNotation) -> None:
        self.missing = notation.missing
        self._number = number_reader(name, notation)
        self._date = date_reader(name, notation)

    def read(self, text: str) -> Any:
        """The number that ``text`` writes, the date in ISO 8601, or the text."""
        plain = self._number(text)
        if plain is None:
            return self._date(text)
        if INTEGER.fullmatch(plain):
            return int(plain)
        if WHOLE.fullmatch(plain):
            return text
        return float(plain)


def _check_names(table: TableFile) -> None:
    if not all(name.strip() for name in table.header):
        raise DataError(f"{table.path}: the header has a column without a name; each column needs a name of its own.")
    names = set(table.names)
    for name in names:
        outer = name
        while "." in outer:
            outer, _, _ = outer.rpartition(".")
            if outer in names:
                raise DataError(
                    f"{table.path}: the column {outer!r} is a value, and {name!r} a value inside it; "
                    "rename one of them."
                )


def _document(table: TableFile, row: TableRow, readers: Mapping[str, _CellReader]) -> dict[str, Any]:
    if len(row.cells) != len(table.names):
        raise irregular_row(table, row)
    document: dict[str, Any] = {}
    for name, cell in zip(table.names, row.cells, strict=True):
        text = cell_text(cell)
        if text is not None and text not in readers[name].missing:
            value = _typed_value(cell, text) if table.typed else readers[name].read(text)
            _insert(document, name.split("."), value)
    return document


def _typed_value(cell: object, text: str) -> Any:
    """A number or a flag of the file as it is, any other value as text."""
    if isinstance(cell, bool | int | float):
        return cell
    return text


def _insert(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Puts ``value`` at ``path``, the names that lead to it from the outermost document to the innermost."""
    *outer, last = path
    for name in outer:
        document = document.setdefault(name, {})
    document[last] = value
