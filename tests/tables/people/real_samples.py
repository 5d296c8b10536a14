"""Real tables with their labels: small public ones of the folder ``real``, and samples of those of ``tests/data``."""

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from tests.real_tables import csv_file
from tests.tables.people.truth import ColumnTruth, Kind, Saying, TableTruth

FOLDER = Path(__file__).parent / "real"
ROWS = 200
"""Rows that are taken of a table of ``tests/data``."""


def real_tables() -> list[TableTruth]:
    """The tables of ``labels.toml``."""
    labels = tomllib.loads((FOLDER / "labels.toml").read_text(encoding="utf-8"))
    return [_table(name, label) for name, label in labels.items()]


def _table(name: str, label: Mapping[str, Any]) -> TableTruth:
    content = _content(name, label)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    columns = _columns(label)
    headers = [header.strip() for header in rows[0]]
    if sorted(headers) != sorted(column.name for column in columns):
        raise ValueError(f"the labels of {name} are not those of its columns: {headers}")
    return TableTruth(name, content, len(rows) - 1, label["target"], columns)


def _columns(label: Mapping[str, Any]) -> tuple[ColumnTruth, ...]:
    columns = []
    for kind in get_args(Kind):
        for column in label.get(kind, ()):
            columns.append(ColumnTruth(column, kind, _saying(column, label)))
    return tuple(columns)


def _saying(column: str, label: Mapping[str, Any]) -> Saying:
    if column in label.get("must", ()):
        return "must"
    if column in label.get("may", ()):
        return "may"
    return "free"


def _content(name: str, label: Mapping[str, Any]) -> bytes:
    if "file" not in label:
        return (FOLDER / f"{name}.csv").read_bytes()
    lines = csv_file(label["file"]).read_bytes().splitlines(keepends=True)
    return b"".join(_sample(lines, label["step"]))


def _sample(lines: Sequence[bytes], step: int) -> list[bytes]:
    """The header and every ``step``-th line after it."""
    return [lines[0], *lines[1::step][:ROWS]]
