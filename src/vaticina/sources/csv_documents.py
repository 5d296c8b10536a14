"""A CSV file as documents for a collection."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from vaticina.contract.cell_values import DELIMITERS, INTEGER, MISSING, NUMBER
from vaticina.errors import DataError
from vaticina.sources.collections import BATCH


class Part(NamedTuple):
    """Some of a file's rows as documents; ``share`` is how much of the file was read, from 0 to 1."""

    documents: list[dict[str, Any]]
    share: float


def read_documents(path: Path, batch: int = BATCH) -> Iterator[Part]:
    """The rows of the CSV file ``path`` (UTF-8; comma, semicolon, tab or bar), ``batch`` at a time.

    A cell that is a number becomes one, an empty one is left out, and any other is text. A dot in a column's name
    leads inside: ``additional_features.sensor_id``. Raises DataError.
    """
    with _told(path), path.open(encoding="utf-8-sig", newline="") as file:
        header = file.readline()
        delimiter = max(DELIMITERS, key=header.count)
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        _check(names, path)
        size = max(path.stat().st_size, 1)
        rows = csv.reader(_counted(file, seen := [len(header)]), delimiter=delimiter)
        documents: list[dict[str, Any]] = []
        for row in rows:
            if row:
                documents.append(_document(names, row, path, rows.line_num + 1))
            if len(documents) == batch:
                yield Part(documents, min(1.0, seen[0] / size))
                documents = []
        yield Part(documents, 1.0)


def _counted(lines: Iterator[str], seen: list[int]) -> Iterator[str]:
    for line in lines:
        seen[0] += len(line)
        yield line


def _check(names: Sequence[str], path: Path) -> None:
    if not any(names):
        raise DataError(f"{path} is empty; the first line must name the columns.")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated or "" in names:
        raise DataError(f"{path}: each column needs a name of its own in the first line; look at {repeated or names}.")


def _document(names: Sequence[str], row: Sequence[str], path: Path, line: int) -> dict[str, Any]:
    if len(row) != len(names):
        raise DataError(f"{path}, line {line}: {len(row)} cells, but the first line names {len(names)} columns.")
    document: dict[str, Any] = {}
    for name, cell in zip(names, map(str.strip, row), strict=True):
        if cell not in MISSING:
            _put(document, name, _value(cell))
    return document


def _value(cell: str) -> Any:
    if INTEGER.fullmatch(cell):
        return int(cell)
    return float(cell) if NUMBER.fullmatch(cell) else cell


def _put(document: dict[str, Any], name: str, value: Any) -> None:
    *outer, last = name.split(".")
    for part in outer:
        document = document.setdefault(part, {})
    document[last] = value


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8 text; save it as UTF-8 CSV.") from None
    except csv.Error as error:
        raise DataError(f"{path} is not a regular table: {error}.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}; check the path of the data.") from None
