"""Reads a pickle without executing it, and says what it would import and call.

A pickle is a program for a small stack machine. This one runs the same program over descriptions of values
(``values.py``), so every import is known by name and everything called, made or given a state is known by where it
came from. It takes the opcodes of protocols 0 to 5 that Python's own pickler writes for data and objects; all others
are refused, and with them persistent ids, extension codes, ``INST`` and ``OBJ``.
"""

import io
import pickletools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from vaticina.pickles.allowlist import (
    BYTE_ARRAY,
    CALLS,
    DEFAULTS,
    ENCODE,
    NAMES,
    OBJECTS,
    ORDERED,
    RECONSTRUCTOR,
    canonical,
)
from vaticina.pickles.restricted_names import check_call, check_state
from vaticina.pickles.stack_values import Items, Keyed, Made, Members, Named, Pairs, Refused

MARK = object()

LITERALS = frozenset(
    {
        *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
        *("INT", "LONG", "FLOAT", "UNICODE"),
        *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    }
)
CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": Items,
    "EMPTY_DICT": Pairs,
    "EMPTY_SET": Members,
    "MARK": lambda: MARK,
}
IGNORED = frozenset({"PROTO", "FRAME", "STOP"})


VERSION = "_sklearn_version"
"""The attribute in which scikit-learn's objects say what wrote them."""


def is_listed(module: str, name: str, allow: frozenset[str]) -> bool:
    """Whether ``module.name`` may be imported. A dotted name would walk through attributes, so it never may."""
    full = canonical(f"{module}.{name}")
    return "." not in name and (full in NAMES or full in allow)


class Scan:
    """One reading of one pickle.

    ``wanted`` fills with the names it imports, ``unlisted`` with those it may not have, ``versions`` with the versions
    of scikit-learn that its objects say they were written by. ``allow`` are more ``module.Class`` names, which may then
    be called and given any state.
    """

    def __init__(self, data: bytes, allow: frozenset[str] = frozenset()) -> None:
        self.wanted: dict[str, None] = {}
        self.unlisted: list[str] = []
        self.versions: set[str] = set()
        self._data = data
        self._allow = allow
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> None:
        """Reads to the end. Raises Refused for anything but a name that is not listed."""
        source = io.BytesIO(self._data)
        self._read(source)
        self.refuse_rest(source)
        if len(self._stack) != 1 or self._stack[0] is MARK:
            raise Refused("it does not end with one object")

    def _read(self, source: io.BytesIO) -> None:
        for opcode, arg, _ in pickletools.genops(source):
            self._step(opcode.name, arg)

    def refuse_rest(self, source: io.BytesIO) -> None:
        """Raises Refused when ``source`` goes on, once the names in what follows were noted too."""
        rest = len(self._data) - source.tell()
        if not rest:
            return
        with suppress(Exception):
            while source.tell() < len(self._data):
                other = Scan(self._data, self._allow)
                other.unlisted = self.unlisted
                other._read(source)
        raise Refused(f"{rest} bytes follow its end, which may be a second pickle")

    def _step(self, opcode: str, arg: Any) -> None:
        if opcode in LITERALS:
            self._stack.append(arg)
        elif opcode in CONSTANTS:
            self._stack.append(CONSTANTS[opcode]())
        elif opcode in STEPS:
            STEPS[opcode](self, arg)
        elif opcode not in IGNORED:
            self._refuse_opcode(opcode, arg)

    def _refuse_opcode(self, opcode: str, arg: Any) -> None:
        if opcode == "INST":
            self._name(*arg.split(" ", 1))
        what = "" if arg is None else f" ({str(arg)[:100]!r})"
        raise Refused(f"it uses the opcode {opcode}{what}, which no model needs")

    def _pop(self) -> Any:
        if not self._stack or self._stack[-1] is MARK:
            raise Refused("its stack runs empty")
        return self._stack.pop()

    def _top(self) -> Any:
        value = self._pop()
        self._stack.append(value)
        return value

    def _pop_to_mark(self) -> list[Any]:
        values = []
        while self._stack and self._stack[-1] is not MARK:
            values.append(self._stack.pop())
        if not self._stack:
            raise Refused("its stack has no mark")
        self._stack.pop()
        return values[::-1]

    def pop(self, _: Any) -> None:
        """Drops the top, be it a mark."""
        if not self._stack:
            raise Refused("its stack runs empty")
        self._stack.pop()

    def pop_mark(self, _: Any) -> None:
        """Drops all down to a mark."""
        self._pop_to_mark()

    def put(self, index: int) -> None:
        """Remembers the top under ``index``; one far off would make the real machine take that much memory."""
        if not 0 <= index <= len(self._data):
            raise Refused(f"it remembers under number {index}")
        self._memo[index] = self._top()

    def memoize(self, _: Any) -> None:
        """Remembers the top under the next number."""
        self._memo[len(self._memo)] = self._top()

    def get(self, index: int) -> None:
        """Brings back what was remembered."""
        if index not in self._memo:
            raise Refused(f"it asks for number {index}, which it never remembered")
        self._stack.append(self._memo[index])

    def tuple_of(self, size: int) -> None:
        """The top ``size`` values become a tuple."""
        values = [self._pop() for _ in range(size)]
        self._stack.append(tuple(values[::-1]))

    def tuple_from_mark(self, _: Any) -> None:
        """All down to a mark become a tuple."""
        self._stack.append(tuple(self._pop_to_mark()))

    def frozenset_from_mark(self, _: Any) -> None:
        """All down to a mark become a frozenset."""
        self._pop_to_mark()
        self._stack.append(Members())

    def append(self, _: Any) -> None:
        """One more in a list."""
        self._pop()
        self._expect(Items)

    def extend(self, _: Any) -> None:
        """More in a list."""
        self._pop_to_mark()
        self._expect(Items)

    def add(self, _: Any) -> None:
        """More in a set."""
        self._pop_to_mark()
        self._expect(Members)

    def list_from_mark(self, _: Any) -> None:
        """All down to a mark become a list."""
        self._pop_to_mark()
        self._stack.append(Items())

    def dict_from_mark(self, _: Any) -> None:
        """All down to a mark become a dict."""
        values = self._pop_to_mark()
        self._stack.append(Pairs())
        self._set(values)

    def set_item(self, _: Any) -> None:
        """One more in a dict."""
        value, key = self._pop(), self._pop()
        self._set([key, value])

    def set_items(self, _: Any) -> None:
        """More in a dict."""
        self._set(self._pop_to_mark())

    def _set(self, values: list[Any]) -> None:
        if len(values) % 2:
            raise Refused("it sets a key without a value")
        pairs = list(zip(values[::2], values[1::2], strict=True))
        self.versions |= {value for key, value in pairs if type(key) is type(value) is str and key == VERSION}
        if type(self._top()) is not Keyed:
            self._expect(Pairs).items.extend(pairs)

    def _expect(self, kind: type[Any]) -> Any:
        """The top, which must be a plain container; on an object the same opcode would call a method of it."""
        value = self._top()
        if isinstance(value, Made) and self._is_free(value.name):
            return kind()
        if type(value) is not kind:
            raise Refused(f"it puts values into {_described(value)}")
        if type(value) is Pairs and value.sealed:
            raise Refused("it changes a dict that was already used")
        return value

    def name(self, arg: str) -> None:
        """An import written out."""
        self._name(*arg.split(" ", 1))

    def stack_name(self, _: Any) -> None:
        """An import of two texts on the stack."""
        name, module = self._pop(), self._pop()
        if type(name) is not str or type(module) is not str:
            raise Refused("it computes the name of what it imports")
        self._name(module, name)

    def _name(self, module: str, name: str) -> None:
        full = canonical(f"{module}.{name}")
        self.wanted[f"{module}.{name}"] = None
        if not self.knows(module, name) and full not in self.unlisted:
            self.unlisted.append(full)
        self._stack.append(Named(full))

    def knows(self, module: str, name: str) -> bool:
        """Whether ``module.name`` may be imported."""
        return is_listed(module, name, self._allow)

    def call(self, _: Any) -> None:
        """Something is called with a tuple of arguments."""
        args, target = self._pop(), self._pop()
        name = self._target(target, "calls")
        if type(args) is not tuple:
            raise Refused(f"it calls {name} with no plain arguments")
        if name not in CALLS and not self._is_free(name):
            raise Refused(f"it calls {name}, which may only be named")
        made = Made(name, args, called=True)
        if not self._is_free(name):
            check_call(made)
        self._stack.append(MADE[name](self, *args) if name in MADE else made)

    def reconstruct(self, of: Named, *_: Any) -> Made:
        """An object of a class, as the protocols 0 and 1 make it."""
        if of.name not in OBJECTS and not self._is_free(of.name):
            raise Refused(f"it makes a {of.name} in a way no model is written")
        return Made(of.name, (), called=False)

    def create(self, _: Any) -> None:
        """An object of a class is made without its constructor."""
        args, target = self._pop(), self._pop()
        name = self._target(target, "makes")
        if not (name in OBJECTS and args == ()) and not self._is_free(name):
            raise Refused(f"it makes a {name} in a way no model is written")
        self._stack.append(Made(name, (), called=False))

    def create_with_keywords(self, _: Any) -> None:
        """The same with keyword arguments, which no model of ours needs."""
        self._pop()
        self.create(None)
        name = self._stack[-1].name
        if not self._is_free(name):
            raise Refused(f"it makes a {name} in a way no model is written")

    def _target(self, value: Any, verb: str) -> str:
        if not isinstance(value, Named):
            raise Refused(f"it {verb} {_described(value)}")
        return value.name

    def _is_free(self, name: str) -> bool:
        """Explicitly allowed, or refused at the end for not being listed."""
        return name in self._allow or name in self.unlisted

    def state(self, _: Any) -> None:
        """An object is given its state."""
        state, made = self._pop(), self._top()
        if not isinstance(made, Made) or made.stated:
            raise Refused(f"it gives a state to {_described(made)}")
        made.stated = True
        if not self._is_free(made.name):
            check_state(made, state)


def _described(value: Any) -> str:
    if isinstance(value, Named):
        return f"{value.name} itself"
    if isinstance(value, Made):
        return f"what {value.name} gave"
    return "a plain value"


def _encoded(_: Scan, text: str, __: str) -> bytes:
    try:
        return text.encode("latin1")
    except UnicodeEncodeError:
        raise Refused("it encodes bytes that are none") from None


def _byte_array(_: Scan, value: bytes | str = b"", *__: str) -> bytearray:
    return bytearray(value if type(value) is bytes else str(value).encode("latin1", "replace"))


MADE: dict[str, Callable[..., Any]] = {
    BYTE_ARRAY: _byte_array,
    DEFAULTS: lambda *_: Keyed(),
    ENCODE: _encoded,
    ORDERED: lambda *_: Keyed(),
    RECONSTRUCTOR: Scan.reconstruct,
    "builtins.bytes": lambda *_: b"",
    "builtins.set": lambda *_: Members(),
}
"""What a call gives that is known for what it is."""

STEPS: dict[str, Callable[[Scan, Any], None]] = {
    "POP": Scan.pop,
    "POP_MARK": Scan.pop_mark,
    "BINPUT": Scan.put,
    "LONG_BINPUT": Scan.put,
    "MEMOIZE": Scan.memoize,
    "PUT": Scan.put,
    "GET": Scan.get,
    "LIST": Scan.list_from_mark,
    "DICT": Scan.dict_from_mark,
    "BINGET": Scan.get,
    "LONG_BINGET": Scan.get,
    "TUPLE1": lambda scan, _: scan.tuple_of(1),
    "TUPLE2": lambda scan, _: scan.tuple_of(2),
    "TUPLE3": lambda scan, _: scan.tuple_of(3),
    "TUPLE": Scan.tuple_from_mark,
    "FROZENSET": Scan.frozenset_from_mark,
    "APPEND": Scan.append,
    "APPENDS": Scan.extend,
    "ADDITEMS": Scan.add,
    "SETITEM": Scan.set_item,
    "SETITEMS": Scan.set_items,
    "GLOBAL": Scan.name,
    "STACK_GLOBAL": Scan.stack_name,
    "REDUCE": Scan.call,
    "NEWOBJ": Scan.create,
    "NEWOBJ_EX": Scan.create_with_keywords,
    "BUILD": Scan.state,
}
