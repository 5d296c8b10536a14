"""A file of pickles within pickles, as joblib writes it, rewritten as one plain pickle.

joblib puts a wrapper in the place of each array and the array's bytes, or for an array of objects a pickle of its own,
right behind it in the file. Here every opcode and every array of the file is accounted for, up to its last byte, and
written anew: an array stands where its wrapper stood. Nothing is executed. What comes out is a pickle like any other,
and is audited and opened as such, here or in another interpreter; joblib's own reader is never asked.
"""

import io
import itertools
import math
import pickle
import pickletools
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaticina.pickles.allowlist import RECONSTRUCTOR
from vaticina.pickles.scan import Scan
from vaticina.pickles.stack_values import Made, Named, Pairs, Refused

WRAPPERS = frozenset(
    {"joblib.numpy_pickle.NumpyArrayWrapper", "sklearn.externals.joblib.numpy_pickle.NumpyArrayWrapper"}
)
"""What stands before an array; a name of joblib's that is never imported."""

MARKED = b"NumpyArrayWrapper"
"""Bytes without which a file has no wrapper in it."""

PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
GETS = frozenset({"GET", "BINGET", "LONG_BINGET"})
UNWRITTEN = frozenset({"PROTO", "FRAME", "STOP"})
NONE, POP, STOP = b"N", b"0", b"."
PROTOCOL = 4
"""The least protocol written: Python 3.4 and later read it."""


class Stream(Scan):
    """One pickle of a file, read from where ``source`` stands, and the arrays in it.

    ``written`` fills with the plain pickle's opcodes. ``numbers`` are those of its memory, which the pickles within
    share. Only the outermost pickle may hold wrappers.
    """

    def __init__(
        self, source: io.BytesIO, allow: frozenset[str], numbers: Iterator[int] | None = None, wraps: bool = True
    ) -> None:
        super().__init__(source.getvalue(), allow)
        self.written: list[bytes] = []
        self.protocol = PROTOCOL
        self._source = source
        self._numbers = itertools.count() if numbers is None else numbers
        self._places: dict[int, int] = {}
        self._wraps = wraps

    def knows(self, module: str, name: str) -> bool:
        """Wrappers too, which are read here and nowhere else."""
        return (self._wraps and f"{module}.{name}" in WRAPPERS) or super().knows(module, name)

    def plain(self) -> bytes:
        """The plain pickle. Raises Refused when bytes of the file are left over, once they were looked at too."""
        self.read()
        self.refuse_rest(self._source)
        return b"\x80" + bytes([self.protocol]) + b"".join(self.written) + STOP

    def read(self) -> Any:
        """Reads one pickle, and gives the description of its object. Raises Refused."""
        for opcode, arg, position in pickletools.genops(self._source):
            raw = self._data[position or 0 : self._source.tell()]
            if opcode.name == "PROTO":
                self.protocol = max(self.protocol, int(arg or 0))
            self.written.append(self._rewritten(opcode.name, arg, raw))
        if len(self._stack) != 1:
            raise Refused("it does not end with one object")
        return self._stack[0]

    def _rewritten(self, opcode: str, arg: Any, raw: bytes) -> bytes:
        """The opcodes that stand for ``raw``, one opcode, once it was taken."""
        if self._wraps and len(self._stack) > 1 and self._concerns_wrapper(opcode):
            return self._array() if opcode == "BUILD" else self._made(opcode)
        place = len(self._memo) if opcode == "MEMOIZE" else arg
        self._step(opcode, arg)
        if opcode in UNWRITTEN:
            return b""
        if opcode in PUTS:
            self._places[place] = next(self._numbers)
            return b"r" + struct.pack("<I", self._places[place])
        if opcode in GETS:
            return b"j" + struct.pack("<I", self._places[place])
        if opcode in ("GLOBAL", "STACK_GLOBAL") and _is_wrapper(self._stack[-1]):
            return NONE if opcode == "GLOBAL" else POP + POP + NONE
        return raw

    def _concerns_wrapper(self, opcode: str) -> bool:
        """Whether ``opcode`` makes a wrapper, in one of two ways, or gives one its state."""
        below, top = self._stack[-2:]
        if opcode == "REDUCE":
            return bool(below == Named(RECONSTRUCTOR) and type(top) is tuple and top and _is_wrapper(top[0]))
        return opcode in ("NEWOBJ", "BUILD") and _is_wrapper(below)

    def _made(self, opcode: str) -> bytes:
        """A wrapper's class and no arguments become a wrapper; in the plain pickle None stands for it."""
        args, target = self._pop(), self._pop()
        of = target if opcode == "NEWOBJ" else args[0]
        if args not in ((), (of, Named("builtins.object"), None)) or not isinstance(of, Named):
            raise Refused("it makes a wrapper of joblib in a way joblib does not")
        self._stack.append(Made(of.name, (), called=False))
        return POP + POP + NONE

    def _array(self) -> bytes:
        """A wrapper and its state become the array that follows in the file."""
        state = self._pop()
        wrapper = self._pop()
        if not isinstance(wrapper, Made) or wrapper.stated or type(state) is not Pairs:
            raise Refused("it gives a wrapper of joblib a state that joblib does not")
        wrapper.stated = True
        dtype, shape, order, aligned = _described(state)
        if dtype.hasobject:
            inner = Stream(self._source, self._allow, self._numbers, wraps=False)
        else:
            array = self._numbers_behind(dtype, shape, order, aligned)
            inner = Stream(io.BytesIO(pickle.dumps(array, PROTOCOL)), self._allow, self._numbers, wraps=False)
        inner.unlisted, inner.wanted, inner.versions = self.unlisted, self.wanted, self.versions
        self._stack.append(inner.read())
        self.protocol = max(self.protocol, inner.protocol)
        return POP + POP + b"".join(inner.written)

    def _numbers_behind(
        self, dtype: "np.dtype[Any]", shape: tuple[int, ...], order: str, aligned: bool
    ) -> NDArray[Any]:
        if aligned:
            self._source.read(int.from_bytes(self._source.read(1), "little"))
        size = math.prod(shape) * dtype.itemsize
        data = self._source.read(size)
        if len(data) != size:
            raise Refused(f"an array of {size} bytes ends after {len(data)}")
        flat = np.frombuffer(data, dtype) if dtype.itemsize else np.zeros(math.prod(shape), dtype)
        return flat.reshape(shape[::-1]).T if order == "F" else flat.reshape(shape)


def _is_wrapper(value: Any) -> bool:
    return isinstance(value, Named | Made) and value.name in WRAPPERS


def _described(state: Pairs) -> tuple["np.dtype[Any]", tuple[int, ...], str, bool]:
    """dtype, shape, order, and whether a count of padding bytes comes first, as joblib 1.2 and later write it."""
    found = {key: value for key, value in state.items if type(key) is str}
    dtype, shape, order = found.get("dtype"), found.get("shape"), found.get("order")
    aligned = found.get("numpy_array_alignment_bytes")
    regular = type(shape) is tuple and all(type(side) is int and side >= 0 for side in shape)
    if (
        not (isinstance(dtype, Made) and dtype.dtype is not None and regular)
        or found.get("subclass") != Named("numpy.ndarray")
        or order not in ("C", "F")
        or type(aligned) not in (int, type(None))
    ):
        raise Refused("it describes an array in a way joblib does not")
    return dtype.dtype, shape or (), str(order), aligned is not None
