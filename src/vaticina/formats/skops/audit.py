"""The audit of skops files: what a schema would make is described as the audit of pickles describes it.

skops itself checks types: that they are on a list, not what is done with them. Here each node of the schema
(https://skops.readthedocs.io/en/stable/persistence.html) has one form, each object's attributes keep the rules that
they keep in a pickle, and each file of the zip is an array of numbers, or bytes.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from vaticina.formats.skops.archive import Archive
from vaticina.pickles.allowlist import ALLOWLIST, BUNCH, CALLS, LOSSES, OTHER_NAMES, TUPLES
from vaticina.pickles.restricted_names import PARTIAL, check_partial, check_state
from vaticina.pickles.stack_values import (
    CreatedObject,
    DictSubclassValue,
    DictValue,
    ImportedName,
    ListValue,
    ScanRefusal,
    SetValue,
)

Node = Mapping[str, Any]

PROTOCOLS = (1, 2)
"""The versions of the schema whose nodes are read here; both mean the same by them."""

KEY_TYPES = frozenset({"builtins.bool", "builtins.float", "builtins.int", "builtins.str"})
"""The types of a dict's keys, which skops calls with the keys as texts."""

HELD = (ALLOWLIST.values - {"builtins.object", "numpy.ndarray"}) | KEY_TYPES | {"collections.OrderedDict"}
"""Functions and types that may stand as values."""

NUMBERS = frozenset(
    f"numpy.{name}"
    for name in (
        *("bool", "bool_", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "intp"),
        *("str_", "uint8", "uint16", "uint32", "uint64"),
    )
)
"""The types of single numbers, which skops calls with an array."""

TREE = "sklearn.tree._tree.Tree"
LOSS_MODULES = ("sklearn._loss._loss", "sklearn.linear_model._sgd_fast")
BIT_GENERATORS = ("MT19937", "PCG64")
MERSENNE_WORDS = 624
"""The numbers that the state of numpy's Mersenne Twister holds; its position is at most one behind them."""

DEEPEST = 150


class SkopsAudit:
    """One reading of one schema, whose arrays stand in ``archive``; ``allow`` are more names of classes."""

    def __init__(self, archive: Archive, allow: frozenset[str]) -> None:
        self._archive = archive
        self._allow = allow
        self._by_id: dict[int, Node] = {}
        self._depth = 0

    def check(self, schema: Any) -> None:
        """Raises ScanRefusal unless every node has the form that it has in the file of a model."""
        protocol = _part(schema, "protocol", int)
        if protocol not in PROTOCOLS:
            raise ScanRefusal(f"its schema is of version {protocol}, which is not read; save it with a newer skops")
        self._described(schema)

    def _described(self, node: Any) -> Any:
        """What the node stands for. skops makes one object of all nodes with one id, so those must be the same."""
        number = _part(node, "__id__", int)
        if number <= 0:
            raise ScanRefusal("a part of its schema has no id")
        form = FORMS.get(_part(node, "__loader__", str))
        if form is None:
            raise ScanRefusal(f"it holds a {node['__loader__'][:100]}, which no model needs")
        self._depth += 1
        if self._depth > DEEPEST:
            raise ScanRefusal(f"its parts stand more than {DEEPEST} deep in one another")
        value = form(self, node, _name(node))
        self._depth -= 1
        if not self._is_same(self._by_id.setdefault(number, node), node):
            raise ScanRefusal("two different parts of its schema have one id")
        return value

    def _is_same(self, first: Any, second: Any) -> bool:
        """Whether two parts of the schema mean the same: only ids and names of files within them may differ."""
        if type(first) is not type(second):
            return False
        if isinstance(first, list):
            return len(first) == len(second) and all(map(self._is_same, first, second))
        if not isinstance(first, dict):
            return bool(first == second)
        if list(first) != list(second):
            return False
        for key in first.keys() - {"__id__", "file"}:
            if not self._is_same(first[key], second[key]):
                return False
        return "file" not in first or self._archive.holds_same(first["file"], second["file"])

    def plain(self, node: Node, name: str) -> Any:
        """A number, a text, a truth value or None."""
        _check_name(name, "builtins.str")
        try:
            value = json.loads(_part(node, "content", str))
        except ValueError:
            raise ScanRefusal("a value in its schema is no JSON") from None
        if isinstance(value, dict | list):
            raise ScanRefusal("a value in its schema is neither a number nor a text")
        return value

    def held(self, _: Node, name: str) -> ImportedName:
        """A function or a type."""
        if listed_name(name) not in HELD and name not in self._allow:
            raise ScanRefusal(f"it holds {name} as a value, which a library could call")
        return ImportedName(listed_name(name))

    def dictionary(self, node: Node, name: str) -> DictValue:
        """A dict with its keys."""
        _check_name(name, "builtins.dict", "collections.OrderedDict", BUNCH)
        types = _part(node, "key_types", dict)
        self._described(types)
        for key_type in _part(types, "content", list):
            if _name(key_type) not in KEY_TYPES | NUMBERS or key_type["__loader__"] != "TypeNode":
                raise ScanRefusal(f"it makes keys of a dict by calling {_name(key_type)}")
        items = []
        for key, value in _part(node, "content", dict).items():
            items.append((key, self._described(value)))
        return DictValue(items)

    def default_dictionary(self, node: Node, name: str) -> DictSubclassValue:
        """A dict whose missing keys are ordered dicts, as LightGBM keeps its scores."""
        _check_name(name, "collections.defaultdict")
        content = _part(node, "content", dict)
        if self._described(content.get("default_factory")) != ImportedName("collections.OrderedDict"):
            raise ScanRefusal("it makes a defaultdict that calls something of its own")
        if type(self._described(content.get("main"))) is not DictValue:
            raise ScanRefusal("it makes a defaultdict of no dict")
        return DictSubclassValue()

    def listed(self, node: Node, name: str) -> ListValue:
        """A list."""
        _check_name(name, "builtins.list")
        self._items(node)
        return ListValue()

    def set_of(self, node: Node, name: str) -> SetValue:
        """A set."""
        _check_name(name, "builtins.set")
        self._items(node)
        return SetValue()

    def tuple_of(self, node: Node, name: str) -> tuple[Any, ...]:
        """A tuple, or a named one of the list with as many values as it has."""
        values = tuple(self._items(node))
        if TUPLES.get(name) != len(values):
            _check_name(name, "builtins.tuple")
        return values

    def _items(self, node: Node) -> list[Any]:
        return [self._described(item) for item in _part(node, "content", list)]

    def slice_of(self, node: Node, name: str) -> CreatedObject:
        """A slice."""
        _check_name(name, "builtins.slice")
        content = _part(node, "content", dict)
        for side in ("start", "stop", "step"):
            if type(content.get(side)) not in (int, type(None)):
                raise ScanRefusal("it makes a slice of something else than whole numbers")
        return CreatedObject(name, (), called=True)

    def array(self, node: Node, name: str) -> CreatedObject:
        """An array of numbers in a file, a single number in one, or an array of objects."""
        kind = _part(node, "type", str)
        if kind == "numpy" and (name == "numpy.ndarray" or name in NUMBERS):
            self._archive.check_array(_part(node, "file", str), is_single=name != "numpy.ndarray")
        elif kind == "json" and name == "numpy.ndarray":
            sides = self._described(node.get("shape"))
            self._items(node)
            if type(sides) is not tuple or not all(type(side) is int and side >= 0 for side in sides):
                raise ScanRefusal("it makes an array of a shape that is none")
        else:
            raise ScanRefusal(f"it makes a {name} out of an array")
        return CreatedObject(name, (), called=True)

    def dtype(self, node: Node, name: str) -> CreatedObject:
        """A dtype, which skops keeps as an empty array."""
        _check_name(name, "numpy.dtype")
        content = self._described(node.get("content"))
        if content.name != "numpy.ndarray" if isinstance(content, CreatedObject) else True:
            raise ScanRefusal("it makes a numpy.dtype out of something else than an array")
        return CreatedObject(name, (), called=True)

    def raw(self, node: Node, name: str) -> bytes:
        """Bytes in a file."""
        _check_name(name, "builtins.bytes", "builtins.bytearray")
        return self._archive.read(_part(node, "file", str), ".bin")

    def random_state(self, node: Node, name: str) -> CreatedObject:
        """numpy's older generator of random numbers."""
        _check_name(name, "numpy.random.mtrand.RandomState")
        state = self._described(node.get("content"))
        inner = dict(state.items).get("state") if type(state) is DictValue else None
        position = dict(inner.items).get("pos") if type(inner) is DictValue else None
        if type(position) is not int or not 0 <= position <= MERSENNE_WORDS:
            raise ScanRefusal("it makes a RandomState with a state that numpy would not write")
        return CreatedObject(name, (), called=True)

    def generator(self, node: Node, name: str) -> CreatedObject:
        """numpy's newer generator of random numbers: its state, and the seed that it came from."""
        _check_name(name, "numpy.random._generator.Generator")
        content = _part(node, "content", dict)
        state, seed = self._described(content.get("bit_generator")), self._described(content.get("seed_seq"))
        is_regular = type(state) is type(seed) is DictValue
        if not is_regular or dict(state.items).get("bit_generator") not in BIT_GENERATORS:
            raise ScanRefusal("it makes a Generator with a state that numpy would not write")
        pool_size = dict(seed.items).get("pool_size", 4)
        if type(pool_size) is not int or not 4 <= pool_size <= 64:
            raise ScanRefusal("it makes a Generator of a seed that numpy would not write")
        return CreatedObject(name, (), called=True)

    def partial(self, node: Node, name: str) -> CreatedObject:
        """A partial of scikit-learn's check_array, which histogram boosting keeps for its numbers."""
        _check_name(name, PARTIAL)
        content = _part(node, "content", dict)
        bound = tuple(self._described(content.get(key)) for key in ("func", "args", "kwds", "namespace"))
        check_partial(bound, ALLOWLIST)
        return CreatedObject(name, (), called=True)

    def instance(self, node: Node, name: str) -> CreatedObject:
        """An object with its attributes, made without its constructor."""
        target = CreatedObject(listed_name(name), (), called=False)
        is_free = name in self._allow and target.name not in ALLOWLIST
        if target.name not in ALLOWLIST.objects and not is_free:
            raise ScanRefusal(f"it makes a {name} in a way no model is written")
        if node.get("content") is None:
            return target
        state = self._described(node["content"])
        if not is_free and state is not None:
            check_state(target, state, ALLOWLIST)
        return target

    def tree(self, node: Node, name: str) -> CreatedObject:
        """A tree of scikit-learn: called with its sizes, then given its arrays."""
        _check_name(name, TREE)
        args = self._described(_part(node, "__reduce__", dict).get("args"))
        state = self._described(node.get("content"))
        is_regular = type(args) is tuple and len(args) == 3 and type(args[0]) is type(args[2]) is int
        if not is_regular or not _is_array(args[1]) or type(state) is not DictValue:
            raise ScanRefusal("it makes a tree in a way no model is written")
        return CreatedObject(name, args, called=True)

    def loss(self, node: Node, name: str) -> CreatedObject:
        """A loss of scikit-learn, called with at most one number."""
        full_name = listed_name(name)
        module, _, loss = full_name.rpartition(".")
        if module not in LOSS_MODULES or not (full_name in CALLS or loss in LOSSES):
            raise ScanRefusal(f"it calls {name} as if it were a loss")
        args = self._described(_part(node, "__reduce__", dict).get("args"))
        state = self._described(node.get("content"))
        rule = CALLS.get(full_name)
        is_regular = type(args) is tuple and (rule.fits(args) if rule else args == ())
        if not is_regular or not (state == () or (type(state) is DictValue and not state.items)):
            raise ScanRefusal(f"it calls {name} with arguments that no model needs")
        return CreatedObject(full_name, args, called=True)


FORMS: Mapping[str, Callable[[SkopsAudit, Node, str], Any]] = {
    "BytearrayNode": SkopsAudit.raw,
    "BytesNode": SkopsAudit.raw,
    "DTypeNode": SkopsAudit.dtype,
    "DefaultDictNode": SkopsAudit.default_dictionary,
    "DictNode": SkopsAudit.dictionary,
    "FunctionNode": SkopsAudit.held,
    "JsonNode": SkopsAudit.plain,
    "ListNode": SkopsAudit.listed,
    "LossNode": SkopsAudit.loss,
    "NdArrayNode": SkopsAudit.array,
    "ObjectNode": SkopsAudit.instance,
    "PartialNode": SkopsAudit.partial,
    "RandomGeneratorNode": SkopsAudit.generator,
    "RandomStateNode": SkopsAudit.random_state,
    "SetNode": SkopsAudit.set_of,
    "SliceNode": SkopsAudit.slice_of,
    "TreeNode": SkopsAudit.tree,
    "TupleNode": SkopsAudit.tuple_of,
    "TypeNode": SkopsAudit.held,
}
"""The kinds of nodes that models are written with -> what reads one. All others are refused."""


def listed_name(name: str) -> str:
    """The name on the list that ``name`` stands for. Where a pickle is given a stand-in, skops makes the object itself,
    so no such name is on the list here."""
    return OTHER_NAMES.get(name, name)


def _part(node: Any, key: str, kind: type[Any]) -> Any:
    """What stands under ``key``, which must be exactly a ``kind``."""
    if not isinstance(node, dict) or type(node.get(key)) is not kind:
        raise ScanRefusal(f"a part of its schema has no {key}")
    return node[key]


def _name(node: Any) -> str:
    return f"{_part(node, '__module__', str)}.{_part(node, '__class__', str)}"


def _check_name(name: str, *names: str) -> None:
    if name not in names:
        raise ScanRefusal(f"it makes a {name} in a way no model is written")


def _is_array(value: Any) -> bool:
    return isinstance(value, CreatedObject) and value.name == "numpy.ndarray"
