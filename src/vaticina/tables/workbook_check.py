"""What is checked of an Excel workbook before a library reads it: that it does not unpack to more than a machine holds.

A workbook is a ZIP archive of XML parts (ISO/IEC 29500). A few kilobytes of it can unpack to gigabytes, or make a
library hold millions of elements at once, so the parts are walked through here first, in flat memory.
"""

import zipfile
import zlib
from pathlib import Path
from xml.parsers import expat

from vaticina.errors import DataError

MAX_BYTES = 2**30
"""Bytes of all parts, unpacked."""

MAX_ROWS = 1_048_576
"""Rows of a worksheet, by the format's own limit."""

MAX_TEXT = 2**21
"""Bytes between two tags. A cell holds at most 32 767 characters, by the format's own limit."""

MAX_ELEMENTS = 500_000
"""Elements that a library holds at once: those of a row, or those of a part that it reads as a whole."""

MAX_ENTRIES = 8_000_000
"""The same for the lists of a workbook's texts and of its pivot tables' values."""

LISTS = frozenset({"sst", "pivotCacheRecords"})
"""The outermost elements of these lists."""

CHUNK = 2**20


def check_workbook(path: Path) -> bool:
    """Whether the workbook ``path`` has formulas.

    Raises:
        DataError: it is no workbook, or one that unpacks to more than the limits of this file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_BYTES:
                raise too_large(path, f"its parts unpack to more than {MAX_BYTES} bytes")
            walks = [_walk(path, archive, name) for name in archive.namelist()]
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataError(f"{path} is not an Excel workbook that can be read: {error}.") from None
    return any(walk.formulas for walk in walks)


def too_large(path: Path, reason: str) -> DataError:
    """The error about a workbook beyond the limits."""
    return DataError(f"{path} is too large for an Excel workbook: {reason}; save its table as CSV.")


def _walk(path: Path, archive: zipfile.ZipFile, name: str) -> "PartWalk":
    """Walks through the part ``name``. One that is no XML ends where it stops being XML, as for every reader."""
    walk = PartWalk(path)
    with archive.open(name) as part:
        try:
            while chunk := part.read(CHUNK):
                walk.feed(chunk)
        except expat.ExpatError:
            pass
    return walk


class PartWalk:
    """Walks through the XML of one part of a workbook and counts what a library would hold of it at once.

    A worksheet is read row by row, every other part as a whole. ``formulas`` tells whether it is a worksheet with some.
    """

    def __init__(self, path: Path) -> None:
        self.formulas = False
        self._path = path
        self._root = ""
        self._depth = 0
        self._rows = 0
        self._elements = 0
        self._tag_at = 0
        self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_document_type

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the part. Raises DataError beyond a limit, ExpatError where it is no XML."""
        self._parser.Parse(chunk)
        self._fed += len(chunk)
        self._check_text(self._fed)

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if self._depth == 0:
            self._root = local
        elif self._root == "worksheet":
            if local == "f":
                self.formulas = True
            elif local == "row" and self._depth == 2:
                self._start_row()
        self._depth += 1
        self._elements += 1
        if self._elements > MAX_ELEMENTS and not (self._root in LISTS and self._elements <= MAX_ENTRIES):
            raise too_large(self._path, "one of its parts, or of its rows, has millions of elements")
        position = self._parser.CurrentByteIndex
        self._check_text(position)
        self._tag_at = position

    def _start_row(self) -> None:
        self._rows += 1
        self._elements = 0
        if self._rows > MAX_ROWS:
            raise too_large(self._path, f"a worksheet has more than {MAX_ROWS} rows")

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _check_text(self, position: int) -> None:
        if position - self._tag_at > MAX_TEXT:
            raise too_large(self._path, f"a cell has more than {MAX_TEXT} bytes")

    def _refuse_document_type(self, *_declaration: object) -> None:
        raise DataError(f"{self._path} is refused: a workbook declares no document type, and this one does.")
