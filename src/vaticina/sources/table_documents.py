"""The rows of a table as documents for a collection."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from vaticina.errors import DataError
from vaticina.sources.collections import BATCH
from vaticina.tables import TableFile, TableRow, open_table
from vaticina.tables.cell_values import INTEGER, NUMBER, cell_text
from vaticina.tables.table_file import irregular_row


class DocumentBatch(NamedTuple):
    """Some of a table's rows as documents; ``share`` is how much of the file was read, from 0 to 1."""

    documents: list[dict[str, Any]]
    share: float


def read_documents(path: Path, batch: int = BATCH) -> Iterator[DocumentBatch]:
    """The rows of the table in the file ``path`` (CSV or Parquet), ``batch`` at a time.

    A cell of a CSV file that writes a number becomes one, an empty one is left out, and any other is text; a Parquet
    file has types of its own. A dot in a column's name makes an inner document: ``additional_features.sensor_id``.

    Raises:
        DataError: the file cannot be read or is not a table, a column has no name or one that leads inside another, or
            a row has fewer or more cells than the header.
        MissingExtra: Parquet needs a package that is not installed.
    """
    table = open_table(path)
    _check_names(table)
    rows = table.rows()
    while read := list(islice(rows, batch)):
        yield DocumentBatch([_document(table, row) for row in read], table.share)


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


def _document(table: TableFile, row: TableRow) -> dict[str, Any]:
    if len(row.cells) != len(table.names):
        raise irregular_row(table, row)
    document: dict[str, Any] = {}
    for name, cell in zip(table.names, row.cells, strict=True):
        text = cell_text(cell)
        if text is not None:
            value = _typed_value(cell, text) if table.typed else _read_value(text)
            _insert(document, name.split("."), value)
    return document


def _typed_value(cell: object, text: str) -> Any:
    """A number or a flag of the file as it is, any other value as text."""
    if isinstance(cell, bool | int | float):
        return cell
    return text


def _read_value(text: str) -> Any:
    """The number that ``text`` writes, or the text."""
    if INTEGER.fullmatch(text):
        return int(text)
    if NUMBER.fullmatch(text):
        return float(text)
    return text


def _insert(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Puts ``value`` at ``path``, the names that lead to it from the outermost document to the innermost."""
    *outer, last = path
    for name in outer:
        document = document.setdefault(name, {})
    document[last] = value
