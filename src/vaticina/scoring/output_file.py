"""A file that scoring writes: whole or not at all, whatever stands at its path."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, TextIO
from uuid import uuid4

from vaticina.errors import DataError

STANDARD_OUTPUT = Path("-")
"""What stands for the standard output in the place of a file to write."""

STDOUT = 1
"""The number of the standard output."""


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    """A file to write to. At the end all of it is at ``path``; after a failure nothing is, and what was there stays.

    A regular file is replaced, also where symbolic links lead to it. A device or a pipe is never replaced: it is
    written to at the end. ``-`` is the standard output. Raises DataError.
    """
    try:
        with _spooled(path) if is_stream(path) else _replacing(path) as file:
            yield file
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror}.") from None


def is_stream(path: Path) -> bool:
    """Whether ``path`` is not to be replaced: it is a device, a pipe, a folder, or this program's standard output."""
    if is_standard_output(path):
        return True
    with suppress(OSError):  # there is nothing yet
        return not stat.S_ISREG(path.stat().st_mode)
    return False


def is_standard_output(path: Path) -> bool:
    """Whether ``path`` is ``-``, or another name of the file that is the standard output, like ``/dev/stdout``."""
    if path == STANDARD_OUTPUT:
        return True
    with suppress(OSError):  # there is no such file, or the standard output is closed
        return os.path.samestat(path.stat(), os.fstat(STDOUT))
    return False


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A file beside the one at ``path`` that takes its place, with its permissions, once all is written."""
    path = Path(os.path.realpath(path))
    if path.is_symlink():
        raise DataError(f"{path} cannot be written: the links lead in a circle; name another file.")
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            yield file
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _spooled(path: Path) -> Iterator[TextIO]:
    """A temporary file that is copied to the stream at ``path`` once all is written."""
    if path.is_dir():
        raise DataError(f"{path} cannot be written: it is a folder; name a file.")
    with TemporaryFile() as spool, TextIOWrapper(spool, encoding="utf-8", newline="") as file:
        yield file
        file.flush()
        spool.seek(0)
        with _open_stream(path) as stream:
            shutil.copyfileobj(spool, stream)


def _open_stream(path: Path) -> BinaryIO:
    if is_standard_output(path):
        return os.fdopen(os.dup(STDOUT), "wb")
    return path.open("wb")
