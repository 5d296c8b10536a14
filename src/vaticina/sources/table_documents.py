"""The rows of a table as documents for a collection."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from vaticina.errors import DataError
from vaticina.sources.collections import BATCH
from vaticina.tables import TableFile, TableRow, open_table
from vaticina.tables.cell_values import INTEGER, NUMBER, cell_text
from vaticina.tables.table_file import irregular


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
    for name in table.names:
        inner = [other for other in table.names if other.startswith(f"{name}.")]
        if inner:
            raise DataError(
                f"{table.path}: the column {name!r} is a value, and {inner[0]!r} a value inside it; rename one of them."
            )


def _document(table: TableFile, row: TableRow) -> dict[str, Any]:
    if len(row.cells) != len(table.names):
        raise irregular(table, row)
    document: dict[str, Any] = {}
    for name, cell in zip(table.names, row.cells, strict=True):
        text = cell_text(cell)
        if text is not None:
            _insert(document, name.split("."), _typed_value(cell, text) if table.typed else _read_value(text))
    return document


def _typed_value(cell: object, text: str) -> Any:
    return cell if isinstance(cell, bool | int | float) else text


def _read_value(text: str) -> Any:
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if NUMBER.fullmatch(text) else text


def _insert(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Puts ``value`` at ``path``, the names that lead to it from the outermost document to the innermost."""
    *outer, last = path
    for name in outer:
        document = document.setdefault(name, {})
    document[last] = value
