"""Reads messages of Protocol Buffers field by field, without a library: their wire format is at
https://protobuf.dev/programming-guides/encoding."""

import re
from collections.abc import Iterator

from vaticina.audits.unsound import Unsound

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""The types that a field may have; groups, which are two more, are refused."""

LONGEST_VARINT = 10
UNSIGNED = 2**64

NUMBERS = re.compile(rb"(?:\x40[\x80-\xff]{0,9}[\x00-\x7f])+|(?:\x3d.{4})+", re.DOTALL)
"""A run of the fields that the arrays of an ONNX attribute are made of: number 8 as a varint, 7 as four bytes."""


def fields(message: memoryview, skip_numbers: bool = False) -> Iterator[tuple[int, int | memoryview]]:
    """The number and value of each field in turn: a whole number from 0 to 2^64 - 1, or the bytes of anything else.

    ``skip_numbers`` leaves out what ``NUMBERS`` matches. Raises Unsound where the message is damaged.
    """
    position = 0
    while position < len(message):
        if skip_numbers:
            run = NUMBERS.match(message, position)
            if run:
                position = run.end()
                continue
        tag, position = _varint(message, position)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == VARINT:
            value, position = _varint(message, position)
            yield number, value
        else:
            size, position = _size(message, position, wire_type)
            if position + size > len(message):
                raise Unsound("it is damaged, or cut short")
            yield number, message[position : position + size]
            position += size


def _size(message: memoryview, position: int, wire_type: int) -> tuple[int, int]:
    """The bytes that the value of a field takes, and where it starts."""
    if wire_type == BYTES:
        return _varint(message, position)
    if wire_type == FIXED32:
        return 4, position
    if wire_type == FIXED64:
        return 8, position
    raise Unsound("it is damaged: a field has a type that is not in use")


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """The whole number at ``position``, seven bits a byte with the lowest first, and where it ends."""
    value = 0
    for index, byte in enumerate(message[position : position + LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value % UNSIGNED, position + index + 1
    raise Unsound("it is damaged, or cut short")


def text(value: int | memoryview) -> str:
    """The text in the bytes of a field. Raises Unsound when there is none."""
    try:
        return bytes(value).decode() if isinstance(value, memoryview) else ""
    except UnicodeDecodeError:
        raise Unsound("it is damaged: a name in it is no text") from None
