"""What those calls return whose result is not just an object of a class: bytes, dicts and sets."""

from collections.abc import Callable
from typing import Any

from vaticina.pickles.allowlist import BYTE_ARRAY, DEFAULT_DICT, ENCODE, ORDERED_DICT
from vaticina.pickles.stack_values import DictSubclassValue, ScanRefusal, SetValue


def _encoded_text(text: str, _: str) -> bytes:
    try:
        return text.encode("latin1")
    except UnicodeEncodeError:
        raise ScanRefusal("it encodes bytes that are none") from None


def _byte_array(value: bytes | str = b"", *_: str) -> bytearray:
    if type(value) is bytes:
        return bytearray(value)
    return bytearray(str(value).encode("latin1", "replace"))


def _dict_subclass(*_: Any) -> DictSubclassValue:
    return DictSubclassValue()


def _empty_bytes(*_: Any) -> bytes:
    return b""


def _empty_set(*_: Any) -> SetValue:
    return SetValue()


RESULTS: dict[str, Callable[..., Any]] = {
    BYTE_ARRAY: _byte_array,
    DEFAULT_DICT: _dict_subclass,
    ENCODE: _encoded_text,
    ORDERED_DICT: _dict_subclass,
    "builtins.bytes": _empty_bytes,
    "builtins.set": _empty_set,
}
"""Name of what is called -> what describes its result, from the arguments."""
