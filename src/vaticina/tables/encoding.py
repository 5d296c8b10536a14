"""The encoding of a text file, judged by all its bytes."""

import codecs
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from vaticina.errors import DataError
from vaticina.tables.table_file import report_unreadable

CHUNK = 2**20
"""Bytes that are decoded at once."""

SAMPLE = 2**16
"""Bytes by which UTF-16 without a mark, and what is no text, are told."""

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The first bytes of a file, and the encoding that they announce. UTF-32 stands before UTF-16, whose mark it begins
with."""

WINDOWS, LATIN = "cp1252", "latin-1"

HALF_ZERO = 0.3
"""Share of zero bytes among every second byte from which a file is UTF-16: Western letters have a zero byte each."""

CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a"))
CONTROLS_IN_TEXT = 0.01
"""Share of control characters that no text exceeds."""

MOSTLY = 10
"""A file is broken UTF-8, and in no other encoding, when it has ten good letters for each bad one."""


def detect_encoding(path: Path, fallback: str | None = None) -> str:
    """The name of the encoding of the text file ``path``.

    A byte order mark decides; then many zero bytes (UTF-16); then UTF-8 when all bytes are UTF-8. Other files are read
    by ``fallback``, else as Windows-1252, which Excel writes in Western Europe and America, or as Latin-1 where
    a byte has no meaning in Windows-1252.

    Raises:
        DataError: the file cannot be opened, is no text, is UTF-8 with a few broken letters, or is not in ``fallback``.
    """
    with report_unreadable(path), path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if sample.startswith(mark):
            return encoding
    wide = _utf_16(sample)
    if wide is not None:
        return wide
    if decodes(path, "utf-8"):
        return "utf-8-sig"
    _require_text(path, sample)
    _refuse_broken_utf_8(path)
    if fallback is not None:
        if not decodes(path, fallback):
            line = first_bad_line(path, fallback)
            raise DataError(
                f"{path}:{line}: this is not {fallback} text; correct [data] encoding, or save as UTF-8 CSV."
            )
        return fallback
    if decodes(path, WINDOWS):
        return WINDOWS
    return LATIN


def decodes(path: Path, encoding: str) -> bool:
    """Whether all bytes of the file are letters of ``encoding``."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with report_unreadable(path), path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def first_bad_line(path: Path, encoding: str) -> int:
    """The first line of the file, as an editor counts, that is not in ``encoding``."""
    number = 1
    with report_unreadable(path), path.open(encoding=encoding, errors="surrogateescape", newline="") as lines:
        for line in iter(partial(lines.readline, CHUNK), ""):  # a line may be longer than the memory
            try:
                line.encode(encoding, errors="strict")
            except UnicodeEncodeError:
                break
            number += line.endswith(("\n", "\r"))
    return number


def _utf_16(sample: bytes) -> str | None:
    """UTF-16 in one of its byte orders, when every second byte is often zero and the others hardly ever."""
    pairs = len(sample) // 2
    if not pairs:
        return None
    even = sample[0::2].count(0) / pairs
    odd = sample[1::2].count(0) / pairs
    if odd > HALF_ZERO and even < HALF_ZERO / 10:
        return "utf-16-le"
    if even > HALF_ZERO and odd < HALF_ZERO / 10:
        return "utf-16-be"
    return None


def _require_text(path: Path, sample: bytes) -> None:
    controls = len(sample) - len(sample.translate(None, CONTROLS))
    if controls > CONTROLS_IN_TEXT * len(sample):
        raise DataError(f"{path} is not a text file; save the table as CSV in UTF-8.")


@dataclass(slots=True)
class _Letters:
    """How many letters beyond ASCII are UTF-8, and how many bytes are not."""

    good: int = 0
    bad: int = 0

    def add(self, text: str) -> None:
        bad = text.count("\ufffd")
        self.bad += bad
        self.good += len(text) - len(text.encode("ascii", errors="ignore")) - bad


def _refuse_broken_utf_8(path: Path) -> None:
    letters = _Letters()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    with report_unreadable(path), path.open("rb") as file:
        while chunk := file.read(CHUNK):
            letters.add(decoder.decode(chunk))
    letters.add(decoder.decode(b"", final=True))
    if letters.good >= MOSTLY * letters.bad:
        raise DataError(
            f"{path}:{first_bad_line(path, 'utf-8')}: this is UTF-8 text with a broken letter; "
            "mend that line, or save the file as UTF-8 CSV anew."
        )
