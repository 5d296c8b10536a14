"""The real tables and series that benchmarks measure on: those of the repository, or of the folder that DATA names."""

import os
from pathlib import Path

from tests.real_tables import DATA, csv_file


def series_folder(name: str) -> Path:
    """The folder ``name`` of series.

    Raises:
        SystemExit: it is not there; the message says where it was looked for.
    """
    folder = _data() / name
    if not folder.is_dir():
        raise SystemExit(f"{folder} {_NOT_THERE}")
    return folder


def table_file(name: str) -> Path:
    """The CSV file ``name``, which may be packed there.

    Raises:
        SystemExit: it is not there; the message says where it was looked for.
    """
    try:
        return csv_file(name, _data())
    except FileNotFoundError as error:
        raise SystemExit(f"{_data() / name} {_NOT_THERE}") from error


_NOT_THERE = "is not there; the variable DATA names another folder, and without it the tables of tests/data are used."


def _data() -> Path:
    return Path(os.environ.get("DATA") or DATA).resolve()
