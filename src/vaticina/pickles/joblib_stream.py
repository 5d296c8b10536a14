"""Rewrites a joblib file, which holds pickles and raw arrays one inside the other, as one plain pickle.

In the place of each array joblib writes a wrapper object. Right behind it in the file stand the array's bytes, or a
pickle of its own for an array of objects. Here every opcode and every array of the file is read, up to the last byte,
and written anew: an array stands where its wrapper stood. Nothing is executed. The result is a pickle like any other,
which is audited and opened as such, here or in another interpreter. joblib's own reader is never used.
"""

import io
import itertools
import math
import pickle
import pickletools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from vaticina.pickles.allowlist import RECONSTRUCTOR
from vaticina.pickles.scan import Scan
from vaticina.pickles.stack_values import CreatedObject, DictValue, ImportedName, ScanRefusal

WRAPPERS = frozenset(
    {"joblib.numpy_pickle.NumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper"}
)
"""joblib's class of the objects that stand in the place of an array. It is never imported."""

MARKED = b"NumpyArrayWrapper"
"""A file without these bytes holds no wrapper."""

PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})
UNWRITTEN = frozenset({"PROTO", "FRAME", "STOP"})
NONE, POP, STOP = b"N", b"0", b"."
PROTOCOL = 4
"""The lowest protocol that is written; Python 3.4 and later read it."""


class JoblibStream(Scan):
    """One pickle of a file, read from where ``source`` stands, and the arrays in it.

    ``written`` fills with the opcodes of the plain pickle. ``memo_numbers`` gives the numbers of its memo, which the
    nested pickles share. Only the outermost pickle may hold wrappers.
    """

    def __init__(
        self, source: io.BytesIO, allow: frozenset[str], memo_numbers: Iterator[int] | None = None, wraps: bool = True
    ) -> None:
        super().__init__(source.getvalue(), allow)
        self.written: list[bytes] = []
        self.protocol = PROTOCOL
        self._source = source
        self._memo_numbers = itertools.count() if memo_numbers is None else memo_numbers
        self._new_numbers: dict[int, int] = {}
        self._wraps = wraps

    def may_import(self, module: str, name: str) -> bool:
        """Whether ``module.name`` is on the list, or a wrapper, which this class itself reads."""
        if self._wraps and f"{module}.{name}" in WRAPPERS:
            return True
        return super().may_import(module, name)

    def plain(self) -> bytes:
        """The plain pickle. Raises ScanRefusal when bytes of the file are left over; their names are noted first."""
        self.read()
        self.refuse_rest(self._source)
        return b"\x80" + bytes([self.protocol]) + b"".join(self.written) + STOP

    def read(self) -> Any:
        """Reads one pickle, and returns the description of its object. Raises ScanRefusal."""
        for opcode, arg, position in pickletools.genops(self._source):
            raw = self._data[position or 0 : self._source.tell()]
            if opcode.name == "PROTO":
                self.protocol = max(self.protocol, int(arg or 0))
            self.written.append(self._rewritten(opcode.name, arg, raw))
        if len(self._stack) != 1:
            raise ScanRefusal("it does not end with one object")
        return self._stack[0]

    def _rewritten(self, opcode: str, arg: Any, raw: bytes) -> bytes:
        """Runs one opcode, whose bytes are ``raw``, and returns the opcodes that are written for it."""
        if self._wraps and len(self._stack) > 1 and self._concerns_wrapper(opcode):
            return self._replace_wrapper() if opcode == "BUILD" else self._create_wrapper(opcode)
        number = len(self._memo) if opcode == "MEMOIZE" else arg
        self._step(opcode, arg)
        if opcode in UNWRITTEN:
            return b""
        if opcode in PUTS:
            self._new_numbers[number] = next(self._memo_numbers)
            return b"r" + struct.pack("<I", self._new_numbers[number])
        if opcode in GETS:
            return b"j" + struct.pack("<I", self._new_numbers[number])
        if opcode == "GLOBAL" and _is_wrapper(self._stack[-1]):
            return NONE
        if opcode == "STACK_GLOBAL" and _is_wrapper(self._stack[-1]):
            return POP + POP + NONE
        return raw

    def _concerns_wrapper(self, opcode: str) -> bool:
        """Whether ``opcode`` creates a wrapper, in one of two ways, or gives one its state."""
        below, top = self._stack[-2:]
        if opcode == "REDUCE":
            return bool(below == ImportedName(RECONSTRUCTOR) and type(top) is tuple and top and _is_wrapper(top[0]))
        return opcode in ("NEWOBJ", "BUILD") and _is_wrapper(below)

    def _create_wrapper(self, opcode: str) -> bytes:
        """A wrapper's class and no arguments become a wrapper; the plain pickle holds None in its place."""
        args, target = self._pop(), self._pop()
        wrapper_class = target if opcode == "NEWOBJ" else args[0]
        regular = args in ((), (wrapper_class, ImportedName("builtins.object"), None))
        if not regular or not isinstance(wrapper_class, ImportedName):
            raise ScanRefusal("it makes a wrapper of joblib in a way joblib does not")
        self._stack.append(CreatedObject(wrapper_class.name, (), called=False))
        return POP + POP + NONE

    def _replace_wrapper(self) -> bytes:
        """A wrapper and its state become the array that follows in the file."""
        state = self._pop()
        wrapper = self._pop()
        if not isinstance(wrapper, CreatedObject) or wrapper.stated or type(state) is not DictValue:
            raise ScanRefusal("it gives a wrapper of joblib a state that joblib does not")
        wrapper.stated = True
        layout = _array_layout(state)
        if layout.dtype.hasobject:
            source = self._source
        else:
            source = io.BytesIO(pickle.dumps(self._read_array(layout), PROTOCOL))
        nested = JoblibStream(source, self._allow, self._memo_numbers, wraps=False)
        nested.unlisted, nested.imports, nested.versions = self.unlisted, self.imports, self.versions
        self._stack.append(nested.read())
        self.protocol = max(self.protocol, nested.protocol)
        return POP + POP + b"".join(nested.written)

    def _read_array(self, layout: "ArrayLayout") -> NDArray[Any]:
        """The array of numbers whose bytes follow in the file."""
        if layout.aligned:
            self._source.read(int.from_bytes(self._source.read(1), "little"))
        size = math.prod(layout.shape) * layout.dtype.itemsize
        data = self._source.read(size)
        if len(data) != size:
            raise ScanRefusal(f"an array of {size} bytes ends after {len(data)}")
        flat: NDArray[Any] = np.frombuffer(data, layout.dtype)
        if layout.order == "F":
            return flat.reshape(layout.shape[::-1]).T
        return flat.reshape(layout.shape)


@dataclass(frozen=True, slots=True)
class ArrayLayout:
    """How an array stands in a joblib file.

    ``order`` is ``C`` or ``F``. ``aligned``: a count of padding bytes comes first, as joblib 1.2 and later write it.
    """

    dtype: "np.dtype[Any]"
    shape: tuple[int, ...]
    order: str
    aligned: bool


def _is_wrapper(value: Any) -> bool:
    return isinstance(value, ImportedName | CreatedObject) and value.name in WRAPPERS


def _array_layout(state: DictValue) -> ArrayLayout:
    """The layout that the state of a wrapper describes. Raises ScanRefusal."""
    attributes = {key: value for key, value in state.items if type(key) is str}
    dtype, shape, order = attributes.get("dtype"), attributes.get("shape"), attributes.get("order")
    alignment = attributes.get("numpy_array_alignment_bytes")
    if (
        not (isinstance(dtype, CreatedObject) and dtype.dtype is not None and dtype.dtype.itemsize)
        or not _is_shape(shape)
        or attributes.get("subclass") != ImportedName("numpy.ndarray")
        or order not in ("C", "F")
        or type(alignment) not in (int, type(None))
    ):
        raise ScanRefusal("it describes an array in a way joblib does not")
    return ArrayLayout(dtype.dtype, shape, str(order), alignment is not None)


def _is_shape(value: Any) -> TypeGuard[tuple[int, ...]]:
    return type(value) is tuple and all(type(side) is int and side >= 0 for side in value)
