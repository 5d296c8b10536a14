"""The zip of a skops file: its schema, arrays and bytes, each looked at before it is unpacked."""

import io
import json
import math
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.lib import format as npy

from vaticina.errors import ImportRefused
from vaticina.pickles.stack_values import ScanRefusal

SCHEMA = "schema.json"
MAX_BYTES = 4 * 2**30
"""How large the files in the zip may be in all, unpacked."""

MAX_SCHEMA_BYTES = 2**28
MAX_FILES = 200_000
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How a file in the zip may be compressed: by what unpacks no more at once than it is asked for."""

KINDS = "biufcSUVmM"
"""The kinds of numbers and texts in an array, as numpy's ``dtype.kind`` calls them."""


class Archive:
    """A skops file that is being read. ``name`` names it in errors.

    Raises ImportRefused when it is no zip of such a kind, or unpacks to more than ``MAX_BYTES``.
    """

    def __init__(self, data: bytes, name: str) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise _no_skops(name) from None
        entries = self._zip.infolist()
        self._sizes = {entry.filename: entry.file_size for entry in entries}
        if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
            raise ImportRefused(f"{name} is not opened: it unpacks to over {MAX_BYTES} bytes, or {MAX_FILES} files.")
        if len(self._sizes) < len(entries):
            raise ImportRefused(f"{name} is not opened: two files in it have one name.")
        if any(entry.compress_type not in METHODS for entry in entries):
            raise ImportRefused(f"{name} is not opened: it is compressed in a way that skops does not write.")
        self._name = name

    def schema(self) -> Any:
        """The document that describes the object. Raises ImportRefused when there is none."""
        if self._sizes.get(SCHEMA, 0) > MAX_SCHEMA_BYTES:
            raise ImportRefused(f"{self._name} is not opened: its {SCHEMA} has over {MAX_SCHEMA_BYTES} bytes.")
        try:
            return json.loads(self._zip.read(SCHEMA))
        except (KeyError, ValueError, RecursionError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError):
            raise _no_skops(self._name) from None

    def read(self, file: str, suffix: str) -> bytes:
        """The bytes of a file in the zip, whose name ends with ``suffix``. Raises ScanRefusal."""
        if not file.endswith(suffix) or file not in self._sizes:
            raise ScanRefusal(f"its file {file[:100]!r} is missing, or no {suffix}")
        try:
            return self._zip.read(file)
        except (RuntimeError, zipfile.BadZipFile, zlib.error, EOFError):
            raise ScanRefusal(f"its file {file[:100]!r} is damaged") from None

    def holds_same(self, first: Any, second: Any) -> bool:
        """Whether two files in the zip are the same. Raises ScanRefusal."""
        if first == second:
            return True
        return self.read(str(first), "") == self.read(str(second), "")

    def check_array(self, file: str, *, is_single: bool) -> None:
        """Raises ScanRefusal unless ``file`` is an array of numbers or texts, all there; of one alone if asked."""
        stream = io.BytesIO(self.read(file, ".npy"))
        try:
            shape, dtype = _header(stream)
        except (ValueError, TypeError, OverflowError, SyntaxError, MemoryError, RecursionError):
            raise ScanRefusal(f"its file {file[:100]!r} is no array") from None
        left = len(stream.getbuffer()) - stream.tell()
        if dtype.hasobject or dtype.kind not in KINDS or math.prod(shape) * dtype.itemsize != left:
            raise ScanRefusal(f"its file {file[:100]!r} holds something else than the numbers that it claims")
        if is_single and math.prod(shape) != 1:
            raise ScanRefusal(f"its file {file[:100]!r} holds more than one number")


def _header(stream: io.BytesIO) -> "tuple[tuple[int, ...], np.dtype[Any]]":
    """The shape and dtype that an array's file tells (https://numpy.org/doc/stable/reference/generated/
    numpy.lib.format.html)."""
    version = npy.read_magic(stream)
    if version == (1, 0):
        shape, _, dtype = npy.read_array_header_1_0(stream)
    else:
        shape, _, dtype = npy.read_array_header_2_0(stream)
    return shape, dtype


def _no_skops(name: str) -> ImportRefused:
    return ImportRefused(f"{name} is a zip, but none that skops wrote: it has no readable {SCHEMA}.")
