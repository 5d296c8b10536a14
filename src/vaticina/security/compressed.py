"""What a compressed file holds."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Protocol

from vaticina.errors import MissingExtra, PickleRefused

MOST = 4 * 2**30
"""Bytes that a file may unfold to: a few of them can hold terabytes of zeros."""

CHUNK = 2**24


class Decompressor(Protocol):
    """One stream being unfolded, as the standard library has it for bz2 and lzma."""

    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """The next bytes, at most ``max_length``."""
        ...


class Zlib:
    """zlib's streams, and gzip's, in the manner of the others."""

    def __init__(self, window: int) -> None:
        self._stream = zlib.decompressobj(window)

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        """What follows the end of the stream."""
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """The next bytes, at most ``max_length``."""
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


def _lz4() -> Any:
    if find_spec("lz4") is None:
        raise MissingExtra.of("lz4", "This compressed file")
    from lz4.frame import LZ4FrameDecompressor

    return LZ4FrameDecompressor()


KINDS: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", lambda: Zlib(31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ)),
    (b"\x5d\x00", lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE)),
    (b"\x04\x22\x4d\x18", _lz4),
    *((bytes([0x78, level]), lambda: Zlib(15)) for level in (0x01, 0x5E, 0x9C, 0xDA)),
)
"""The first bytes of a compressed file, which no pickle of ours starts with, and how it is read."""


def unfolded(data: bytes, where: str) -> bytes:
    """``data``, decompressed when it is compressed in one of the ways that joblib writes.

    Raises:
        PickleRefused: it is damaged, unfolds to more than 4 GiB, or something follows its end.
        MissingExtra: it is compressed by lz4, which is not installed.
    """
    make = next((make for first, make in KINDS if data.startswith(first)), None)
    if make is None:
        return data
    stream = make()
    try:
        found = _read(stream, data)
    except (OSError, EOFError, ValueError, RuntimeError, lzma.LZMAError, zlib.error) as error:
        raise PickleRefused(f"{where} is not opened: it is damaged, or no whole compressed file ({error}).") from None
    if not stream.eof:
        raise PickleRefused(
            f"{where} is not opened: its compressed data end too early, or unfold to over {MOST} bytes."
        )
    if stream.unused_data:
        raise PickleRefused(
            f"{where} is not opened: {len(stream.unused_data)} bytes follow the end of its compressed data."
        )
    return found


def _read(stream: Decompressor, data: bytes) -> bytes:
    parts, size = [stream.decompress(data, CHUNK)], 0
    while parts[-1] and not stream.eof and size < MOST:
        size += len(parts[-1])
        parts.append(stream.decompress(b"", CHUNK))
    return b"".join(parts)
