"""The audit of ONNX files: what a graph would read, and what it would run, before onnxruntime is given it.

onnxruntime reads other files where a tensor says that its numbers are kept in one, wherever in the file the tensor
stands. A loop may never end. An operator of another domain is code that onnxruntime's makers, or others, added.
The messages and fields are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from vaticina.audits.protobuf import fields, text
from vaticina.audits.unsound import Unsound

INNER: Mapping[str, Mapping[int, str]] = {
    "ModelProto": {7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto"},
    "TrainingInfoProto": {1: "GraphProto", 2: "GraphProto"},
    "FunctionProto": {7: "NodeProto", 11: "AttributeProto", 12: "ValueInfoProto"},
    "GraphProto": {
        1: "NodeProto",
        5: "TensorProto",
        11: "ValueInfoProto",
        12: "ValueInfoProto",
        13: "ValueInfoProto",
        15: "SparseTensorProto",
    },
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: "TensorProto",
        6: "GraphProto",
        10: "TensorProto",
        11: "GraphProto",
        14: "TypeProto",
        15: "TypeProto",
        22: "SparseTensorProto",
        23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: "TensorProto", 2: "TensorProto"},
    "ValueInfoProto": {2: "TypeProto"},
    "TypeProto": {1: "Tensor", 4: "Sequence", 5: "Map", 8: "SparseTensor", 9: "Optional"},
    "Tensor": {2: "TensorShapeProto"},
    "SparseTensor": {2: "TensorShapeProto"},
    "Sequence": {1: "TypeProto"},
    "Optional": {1: "TypeProto"},
    "Map": {2: "TypeProto"},
    "TensorShapeProto": {1: "Dimension"},
}
"""Message -> the messages in it, by the number of their field: all on the way to a node, a tensor or a shape."""

OP_TYPE, NODE_DOMAIN = 4, 7
FUNCTION_NAME, FUNCTION_DOMAIN = 1, 10
DIMS, EXTERNAL_DATA, DATA_LOCATION = 1, 13, 14
DIM_VALUE = 1

STANDARD = ("", "ai.onnx", "ai.onnx.ml")
"""The domains of the operators that the standard describes; the first two are one."""

LOOPS = ("Loop", "Scan", "SequenceMap")
"""Operators that run a part of the graph as often as the file says, or as a row does."""

ORT_FORMAT = b"ORTM"
"""At byte 4: onnxruntime would not read such a file as ONNX, whatever else it looks like."""

DEEPEST = 100
"""How deep messages may stand in one another, as in the library of Protocol Buffers."""

MOST_ELEMENTS = 2**31
LONGEST_SIDE = 2**24
"""How many numbers a tensor may hold, and how long a side of a declared shape may be."""

Operator = tuple[str, str]
"""The domain of an operator, and its name."""


@dataclass(slots=True)
class _Findings:
    """What was read so far: the operators that the graph calls, and those that each function of the file does."""

    calls: set[Operator] = field(default_factory=set)
    functions: dict[Operator, set[Operator]] = field(default_factory=dict)


def check_graph(data: bytes, allow: frozenset[str] = frozenset()) -> None:
    """Raises Unsound unless the ONNX file ``data`` reads no other file, and runs standard operators only.

    ``allow`` holds operators that are taken all the same: ``onnx:Loop``, ``onnx:com.microsoft.CDist``.
    """
    if data[4:8] == ORT_FORMAT:
        raise Unsound("it is in onnxruntime's own format; save it as ONNX")
    findings = _Findings()
    _read("ModelProto", memoryview(data), 0, findings.calls, findings)
    called = set(findings.calls)
    for inner in findings.functions.values():
        called |= inner
    for operator in sorted(called):
        _check_operator(operator, findings, allow)
    _check_no_cycle(findings.functions)


def _read(name: str, message: memoryview, depth: int, calls: set[Operator], findings: _Findings) -> None:
    """Reads the message called ``name``; the operators of its nodes are added to ``calls``."""
    if depth > DEEPEST:
        raise Unsound(f"its parts stand more than {DEEPEST} deep in one another")
    if name == "TensorProto":
        _check_tensor(message)
    elif name == "Dimension":
        _check_dimension(message)
    elif name == "NodeProto":
        calls.add(_named(message, NODE_DOMAIN, OP_TYPE))
    elif name == "FunctionProto":
        calls = findings.functions.setdefault(_named(message, FUNCTION_DOMAIN, FUNCTION_NAME), set())
    inner = INNER.get(name, {})
    if not inner:
        return
    for number, value in fields(message, skip_numbers=name == "AttributeProto"):
        if number in inner and isinstance(value, memoryview):
            _read(inner[number], value, depth + 1, calls, findings)


def _named(message: memoryview, domain_field: int, name_field: int) -> Operator:
    """The domain and the name that a node or a function tells; of a field that stands twice the last one counts."""
    domain, name = "", ""
    for number, value in fields(message):
        if number == domain_field:
            domain = text(value)
        elif number == name_field:
            name = text(value)
    if domain in STANDARD[:2]:
        return "", name
    return domain, name


def _check_tensor(message: memoryview) -> None:
    """Refuses a tensor whose numbers stand elsewhere, or that claims more of them than a file holds."""
    sides: list[int] = []
    for number, value in fields(message):
        if number in (EXTERNAL_DATA, DATA_LOCATION) and value != 0:
            raise Unsound("it keeps its numbers in other files; save it as one file")
        if number == DIMS and isinstance(value, int):
            sides.append(value)
        elif number == DIMS and isinstance(value, memoryview):
            sides += _packed(value)
    if math.prod(sides) > MOST_ELEMENTS:
        raise Unsound(f"a tensor in it claims to hold over {MOST_ELEMENTS} numbers")


def _packed(values: memoryview) -> list[int]:
    """The whole numbers in a packed field, read as fields of a message would be."""
    numbers, value, shift = [], 0, 0
    for byte in values:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return numbers


def _check_dimension(message: memoryview) -> None:
    for number, value in fields(message):
        if number == DIM_VALUE and isinstance(value, int) and LONGEST_SIDE < value < 2**63:
            raise Unsound(f"it declares a shape of {value} in one direction")


def _check_operator(operator: Operator, findings: _Findings, allow: frozenset[str]) -> None:
    """Refuses a loop, and an operator of another domain that the file itself does not define, unless allowed."""
    domain, name = operator
    if domain in STANDARD and name not in LOOPS:
        return
    full_name = f"{domain}.{name}".removeprefix(".")
    if f"onnx:{full_name}" in allow:
        return
    if name in LOOPS and domain == "":
        raise Unsound(
            f"it holds {name}, which repeats a part of the model as often as the file says; if you know the file, add "
            f"--allow onnx:{full_name}"
        )
    if operator not in findings.functions:
        raise Unsound(
            f"it holds {full_name}, which is no operator of the ONNX standard; if you know it, add --allow "
            f"onnx:{full_name}"
        )


def _check_no_cycle(functions: Mapping[Operator, set[Operator]]) -> None:
    """Refuses functions that call one another in a circle, which onnxruntime would write out for ever."""
    left = dict(functions)
    while left:
        leaves = [name for name, calls in left.items() if calls.isdisjoint(left)]
        if not leaves:
            raise Unsound("functions in it call one another in a circle")
        for name in leaves:
            del left[name]
