"""Reads a pickle without executing it, and finds what it would import and call.

A pickle is a program for a small stack machine. The scan runs the same program over descriptions of values
(``stack_values.py``). So it knows the name of every import, and where everything came from that is called, created or
given a state. It takes the opcodes of protocols 0 to 5 that Python's own pickler writes for data and objects. All
others are refused, and with them persistent ids, extension codes, ``INST`` and ``OBJ``.
"""

import io
import pickletools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from vaticina.pickles.allowlist import ALLOWLIST, BUNCH, RECONSTRUCTOR, Allowlist
from vaticina.pickles.call_results import RESULTS
from vaticina.pickles.restricted_names import check_call, check_state
from vaticina.pickles.stack_values import (
    CreatedObject,
    DictSubclassValue,
    DictValue,
    ImportedName,
    ListValue,
    ScanRefusal,
    SetValue,
)
from vaticina.pickles.stand_in_names import ATTRIBUTE, FREE

MARK = object()
"""Stands on the stack where a tuple, a list or a dict begins."""

LITERALS = frozenset(
    {
        *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
        *("INT", "LONG", "FLOAT", "UNICODE"),
        *("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
        *("SHORT_BINBYTES", "BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    }
)
"""Opcodes that push their argument."""

CONSTANTS: dict[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": (), "MARK": MARK}
"""Opcodes that push a value that is always the same."""

CONTAINERS: dict[str, type[Any]] = {"EMPTY_LIST": ListValue, "EMPTY_DICT": DictValue, "EMPTY_SET": SetValue}
"""Opcodes that push a new, empty container."""

IGNORED = frozenset({"PROTO", "FRAME", "STOP"})

VERSION = "_sklearn_version"
"""The attribute in which scikit-learn's objects hold the version that wrote them."""

TABLE_NAMES = frozenset({"feature_names_in_", "_feature_names_in", "_df_columns"})
"""The attributes in which they hold the names of the columns of the table that they were fitted to."""


def is_listed(module: str, name: str, allow: frozenset[str], allowlist: Allowlist = ALLOWLIST) -> bool:
    """Whether ``module.name`` may be imported. A dotted name, which would walk through attributes, never may."""
    full = allowlist.canonical(f"{module}.{name}")
    return "." not in name and (full in allowlist or full in allow)


class Scan:
    """One reading of one pickle.

    ``imports`` fills with the names that it imports, as it writes them; ``unlisted`` with those that are not on the
    list, by their canonical name; ``versions`` with the versions of scikit-learn that wrote its objects;
    ``fitted_to_table`` tells whether one of them knows the names of a table's columns. ``allow`` are more
    ``module.Class`` names, which may then be called and given any state; for a name on the list its rules hold all the
    same.
    """

    def __init__(self, data: bytes, allow: frozenset[str] = frozenset(), allowlist: Allowlist = ALLOWLIST) -> None:
        self.imports: dict[str, None] = {}
        self.unlisted: list[str] = []
        self.versions: set[str] = set()
        self.fitted_to_table = False
        self._data = data
        self._allow = allow
        self._allowlist = allowlist
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> None:
        """Reads to the end. Raises ScanRefusal, but not for a name that is not listed: those are in ``unlisted``."""
        source = io.BytesIO(self._data)
        self._read(source)
        self.refuse_rest(source)
        if len(self._stack) != 1 or self._stack[0] is MARK:
            raise ScanRefusal("it does not end with one object")

    def _read(self, source: io.BytesIO) -> None:
        for opcode, arg, _ in pickletools.genops(source):
            self._step(opcode.name, arg)

    def refuse_rest(self, source: io.BytesIO) -> None:
        """Raises ScanRefusal when ``source`` does not end here; the names in the rest are noted first."""
        rest = len(self._data) - source.tell()
        if not rest:
            return
        with suppress(Exception):
            while source.tell() < len(self._data):
                other = Scan(self._data, self._allow, self._allowlist)
                other.unlisted = self.unlisted
                other._read(source)
        raise ScanRefusal(f"{rest} bytes follow its end, which may be a second pickle")

    def _step(self, opcode: str, arg: Any) -> None:
        if opcode in LITERALS:
            self._stack.append(arg)
        elif opcode in CONSTANTS:
            self._stack.append(CONSTANTS[opcode])
        elif opcode in CONTAINERS:
            self._stack.append(CONTAINERS[opcode]())
        elif opcode in STEPS:
            STEPS[opcode](self, arg)
        elif opcode not in IGNORED:
            self._refuse_opcode(opcode, arg)

    def _refuse_opcode(self, opcode: str, arg: Any) -> None:
        if opcode == "INST":
            self._import(*arg.split(" ", 1))
        argument = ""
        if arg is not None:
            argument = f" ({str(arg)[:100]!r})"
        raise ScanRefusal(f"it uses the opcode {opcode}{argument}, which no model needs")

    def _pop(self) -> Any:
        if not self._stack or self._stack[-1] is MARK:
            raise ScanRefusal("its stack runs empty")
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
            raise ScanRefusal("its stack has no mark")
        self._stack.pop()
        return values[::-1]

    def pop(self, _: Any) -> None:
        """Drops the top of the stack, also when it is a mark."""
        if not self._stack:
            raise ScanRefusal("its stack runs empty")
        self._stack.pop()

    def pop_mark(self, _: Any) -> None:
        """Drops everything down to a mark, and the mark."""
        self._pop_to_mark()

    def put(self, index: int) -> None:
        """Stores the top in the memo under ``index``.

        A very large index is refused: the real machine would take as much memory.
        """
        if not 0 <= index <= len(self._data):
            raise ScanRefusal(f"it remembers under number {index}")
        self._memo[index] = self._top()

    def memoize(self, _: Any) -> None:
        """Stores the top in the memo under the next number."""
        self._memo[len(self._memo)] = self._top()

    def get(self, index: int) -> None:
        """Pushes a value from the memo."""
        if index not in self._memo:
            raise ScanRefusal(f"it asks for number {index}, which it never remembered")
        self._stack.append(self._memo[index])

    def tuple_of_one(self, _: Any) -> None:
        """The top value becomes a tuple."""
        self._tuple_of(1)

    def tuple_of_two(self, _: Any) -> None:
        """The top two values become a tuple."""
        self._tuple_of(2)

    def tuple_of_three(self, _: Any) -> None:
        """The top three values become a tuple."""
        self._tuple_of(3)

    def _tuple_of(self, size: int) -> None:
        values = [self._pop() for _ in range(size)]
        self._stack.append(tuple(reversed(values)))

    def tuple_from_mark(self, _: Any) -> None:
        """The values down to a mark become a tuple."""
        self._stack.append(tuple(self._pop_to_mark()))

    def frozenset_from_mark(self, _: Any) -> None:
        """The values down to a mark become a frozenset."""
        self._pop_to_mark()
        self._stack.append(SetValue())

    def append(self, _: Any) -> None:
        """Appends a value to a list."""
        self._pop()
        self._expect(ListValue)

    def extend(self, _: Any) -> None:
        """Appends the values down to a mark to a list."""
        self._pop_to_mark()
        self._expect(ListValue)

    def add(self, _: Any) -> None:
        """Adds the values down to a mark to a set."""
        self._pop_to_mark()
        self._expect(SetValue)

    def list_from_mark(self, _: Any) -> None:
        """The values down to a mark become a list."""
        self._pop_to_mark()
        self._stack.append(ListValue())

    def dict_from_mark(self, _: Any) -> None:
        """The values down to a mark become a dict."""
        values = self._pop_to_mark()
        self._stack.append(DictValue())
        self._set_keys(values)

    def set_item(self, _: Any) -> None:
        """Sets one key of a dict."""
        value, key = self._pop(), self._pop()
        self._set_keys([key, value])

    def set_items(self, _: Any) -> None:
        """Sets the keys of a dict to the values down to a mark."""
        self._set_keys(self._pop_to_mark())

    def _set_keys(self, values: list[Any]) -> None:
        if len(values) % 2:
            raise ScanRefusal("it sets a key without a value")
        pairs = list(zip(values[::2], values[1::2], strict=True))
        for key, value in pairs:
            if type(key) is type(value) is str and key == VERSION:
                self.versions.add(value)
            elif type(key) is str and key in TABLE_NAMES:
                self.fitted_to_table = True
        top = self._top()
        is_bunch = isinstance(top, CreatedObject) and top.name == BUNCH
        if type(top) is not DictSubclassValue and not is_bunch:
            self._expect(DictValue).items.extend(pairs)

    def _expect(self, kind: type[Any]) -> Any:
        """The top, which must be a plain container: on an object the same opcode would call one of its methods."""
        value = self._top()
        if isinstance(value, CreatedObject) and self._is_free(value.name):
            return kind()
        if type(value) is not kind:
            raise ScanRefusal(f"it puts values into {_described(value)}")
        if type(value) is DictValue and value.sealed:
            raise ScanRefusal("it changes a dict that was already used")
        return value

    def import_name(self, arg: str) -> None:
        """Imports a name that the opcode holds."""
        self._import(*arg.split(" ", 1))

    def import_stacked_name(self, _: Any) -> None:
        """Imports the name that two texts on the stack give."""
        name, module = self._pop(), self._pop()
        if type(name) is not str or type(module) is not str:
            raise ScanRefusal("it computes the name of what it imports")
        self._import(module, name)

    def _import(self, module: str, name: str) -> None:
        full = self._allowlist.canonical(f"{module}.{name}")
        self.imports[f"{module}.{name}"] = None
        if not self.may_import(module, name) and full not in self.unlisted:
            self.unlisted.append(full)
        self._stack.append(ImportedName(full))

    def may_import(self, module: str, name: str) -> bool:
        """Whether ``module.name`` may be imported."""
        return is_listed(module, name, self._allow, self._allowlist)

    def call(self, _: Any) -> None:
        """Calls a function or class with a tuple of arguments."""
        args, target = self._pop(), self._pop()
        name = self._name_of(target, "calls")
        if type(args) is not tuple:
            raise ScanRefusal(f"it calls {name} with no plain arguments")
        rule = None
        if self._allowlist.rules(name):
            rule = self._allowlist.calls.get(name)
        if rule is None and not self._is_free(name):
            raise ScanRefusal(f"it calls {name}, which may only be named")
        if name == ATTRIBUTE and rule is not None and not rule.fits(args):
            self.unlisted.append("builtins.getattr")
        result = CreatedObject(name, args, called=True)
        if rule is not None:
            check_call(result, rule)
        if name == RECONSTRUCTOR:
            self._stack.append(self._reconstructed(*args))
        elif name in RESULTS:
            self._stack.append(RESULTS[name](*args))
        else:
            self._stack.append(result)

    def _reconstructed(self, created: ImportedName, base: ImportedName, content: Any) -> CreatedObject:
        """An object of a class, as protocols 0 and 1 write its creation; of a dict or tuple, with its content."""
        name = created.name
        if base.name == "builtins.dict":
            is_regular = name == BUNCH and type(content) is DictValue
        elif base.name == "builtins.tuple":
            is_regular = self._is_listed_tuple(name, content)
        else:
            is_regular = name in self._allowlist.objects and name != BUNCH and content is None
        if not is_regular and not self._is_free(name):
            raise ScanRefusal(f"it makes a {name} in a way no model is written")
        return CreatedObject(name, (), called=False)

    def create(self, _: Any) -> None:
        """Creates an object of a class without its constructor."""
        args, target = self._pop(), self._pop()
        name = self._name_of(target, "makes")
        is_regular = (name in self._allowlist.objects and args == ()) or self._is_listed_tuple(name, args)
        if not is_regular and not self._is_free(name):
            raise ScanRefusal(f"it makes a {name} in a way no model is written")
        self._stack.append(CreatedObject(name, (), called=False))

    def create_with_keywords(self, _: Any) -> None:
        """Creates an object with keyword arguments, which only an allowed class may take."""
        self._pop()
        self.create(None)
        name = self._stack[-1].name
        if not self._is_free(name):
            raise ScanRefusal(f"it makes a {name} in a way no model is written")

    def _is_listed_tuple(self, name: str, values: Any) -> bool:
        """Whether ``name`` is a named tuple of the list, and ``values`` are as many as it has."""
        return type(values) is tuple and len(values) == self._allowlist.tuples.get(name)

    def _name_of(self, value: Any, verb: str) -> str:
        if not isinstance(value, ImportedName):
            raise ScanRefusal(f"it {verb} {_described(value)}")
        return value.name

    def _is_free(self, name: str) -> bool:
        """Whether no rule holds for ``name``: it keeps nothing, the caller allows it, or it is going to be refused."""
        if self._allowlist.rules(name):
            return name in FREE
        return name in self._allowlist or name in self._allow or name in self.unlisted

    def set_state(self, _: Any) -> None:
        """Gives an object its state."""
        state, target = self._pop(), self._top()
        if not isinstance(target, CreatedObject) or target.stated:
            raise ScanRefusal(f"it gives a state to {_described(target)}")
        target.stated = True
        if not self._is_free(target.name):
            check_state(target, state, self._allowlist)


def _described(value: Any) -> str:
    if isinstance(value, ImportedName):
        return f"{value.name} itself"
    if isinstance(value, CreatedObject):
        return f"what {value.name} gave"
    return "a plain value"


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
    "TUPLE1": Scan.tuple_of_one,
    "TUPLE2": Scan.tuple_of_two,
    "TUPLE3": Scan.tuple_of_three,
    "TUPLE": Scan.tuple_from_mark,
    "FROZENSET": Scan.frozenset_from_mark,
    "APPEND": Scan.append,
    "APPENDS": Scan.extend,
    "ADDITEMS": Scan.add,
    "SETITEM": Scan.set_item,
    "SETITEMS": Scan.set_items,
    "GLOBAL": Scan.import_name,
    "STACK_GLOBAL": Scan.import_stacked_name,
    "REDUCE": Scan.call,
    "NEWOBJ": Scan.create,
    "NEWOBJ_EX": Scan.create_with_keywords,
    "BUILD": Scan.set_state,
}
"""What each other opcode does."""
