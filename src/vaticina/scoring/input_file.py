"""A file that scoring reads: a table is read more than once, so a pipe is kept in a file first."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from vaticina.errors import DataError

STANDARD_INPUT = Path("-")
"""What stands for the standard input in the place of the file to read."""

STDIN = 0
"""The number of the standard input."""


@contextmanager
def regular_file(path: Path) -> Iterator[Path]:
    """``path``, or a temporary file with all that comes from it when it is a pipe, or ``-``. Raises DataError."""
    if path != STANDARD_INPUT and not path.is_fifo():
        yield path
        return
    with TemporaryDirectory(prefix="vaticina-") as folder:
        copy = Path(folder) / "input.csv"
        try:
            with _open(path) as pipe, copy.open("wb") as file:
                shutil.copyfileobj(pipe, file)
        except OSError as error:
            raise DataError(f"{path} cannot be read: {error.strerror}.") from None
        yield copy


def _open(path: Path) -> BinaryIO:
    if path == STANDARD_INPUT:
        return os.fdopen(os.dup(STDIN), "rb")
    return path.open("rb")
