"""A small assembler: pickles that Python's own pickler would not write."""

import pickle
import struct
from pathlib import Path
from typing import Any

START = b"\x80\x05"


def whole(*parts: bytes) -> bytes:
    return START + b"".join(parts) + b"."


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def named(module: str, name: str) -> bytes:
    return text(module) + text(name) + b"\x93"


def plain(value: Any) -> bytes:
    """The opcodes of a value, without the frame."""
    data = pickle.dumps(value, 3)
    return data[2:-1]


def call(target: bytes, *args: bytes) -> bytes:
    return target + b"(" + b"".join(args) + b"tR"


def instance(module: str, name: str) -> bytes:
    """An object of a class, by ``__new__`` without arguments."""
    return named(module, name) + b")\x81"


def pairs(**items: bytes) -> bytes:
    opcodes = b"}("
    for key, value in items.items():
        opcodes += text(key) + value
    return opcodes + b"u"


def touch(canary: Path) -> bytes:
    """The argument of a shell that leaves a file behind."""
    return text(f"touch {canary}")
