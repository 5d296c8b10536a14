"""Decompresses a file that joblib, or a tool like gzip, compressed."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any, Protocol

from vaticina.errors import MissingExtra, PickleRefused

MOST = 4 * 2**30
"""How many bytes a file may hold once decompressed. A small file can hold terabytes of zeros."""

CHUNK = 2**24
"""How many bytes are decompressed at once."""


class Decompressor(Protocol):
    """A compressed stream that is being read, with the interface of the standard library's bz2 and lzma."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What follows the end of the stream."""
        ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """The next bytes, at most ``max_length``."""
        ...


class Zlib:
    """A stream of zlib or gzip, with the interface of the standard library's bz2 and lzma.

    ``window`` is zlib's parameter ``wbits``: 15 for zlib's format, 31 for gzip's.
    """

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


COMPRESSIONS: tuple[tuple[bytes, Callable[[], Decompressor]], ...] = (
    (b"\x1f\x8b", partial(Zlib, 31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ", partial(lzma.LZMADecompressor, lzma.FORMAT_XZ)),
    (b"\x5d\x00", partial(lzma.LZMADecompressor, lzma.FORMAT_ALONE)),
    (b"\x04\x22\x4d\x18", _lz4),
    (b"\x78\x01", partial(Zlib, 15)),
    (b"\x78\x5e", partial(Zlib, 15)),
    (b"\x78\x9c", partial(Zlib, 15)),
    (b"\x78\xda", partial(Zlib, 15)),
)
"""The first bytes of a compressed file, which no pickle of ours starts with, and the decompressor for it."""


def decompressed(data: bytes, where: str) -> bytes:
    """``data``, decompressed when it is compressed in one of the ways that joblib writes.

    Raises:
        PickleRefused: it is damaged, holds more than 4 GiB once decompressed, or something follows its end.
        MissingExtra: it is compressed by lz4, which is not installed.
    """
    stream = _decompressor(data)
    if stream is None:
        return data
    try:
        whole = _read(stream, data)
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
    return whole


def _decompressor(data: bytes) -> Decompressor | None:
    """The decompressor for ``data``; None when they are not compressed."""
    for first_bytes, decompressor in COMPRESSIONS:
        if data.startswith(first_bytes):
            return decompressor()
    return None


def _read(stream: Decompressor, data: bytes) -> bytes:
    """All of the stream, or its first ``MOST`` bytes."""
    parts, size = [stream.decompress(data, CHUNK)], 0
    while parts[-1] and not stream.eof and size < MOST:
        size += len(parts[-1])
        parts.append(stream.decompress(b"", CHUNK))
    return b"".join(parts)
