"""A graph under construction, in double precision, and the register of converters that write into it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

from vaticina.exact.settings import unknown_setting
from vaticina.exact.tree import Tree

OPSET = 21
TREES = "ai.onnx.ml"
DOUBLE_TREES, VECTOR_TREES = 5, 3
"""Versions of TREES: the one whose trees answer in double, and the one whose leaves may hold several weights."""

IR_VERSION = 10
"""The newest format that onnxruntime 1.22, the oldest we take, reads."""


class NotCompilable(Exception):
    """This part has no faithful form as a graph; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the table that an imported model takes: its name and, of a category, its values by code.

    The code after the last of ``values`` stands for any other value. NaN stands for a missing one, which the table
    holds as None where ``missing_is_none``, else as NaN.
    """

    name: str
    values: tuple[Any, ...] | None = None
    missing_is_none: bool = False


OTHER = object()
"""Among a field's values: what stands for any that is not listed."""


@dataclass(frozen=True, slots=True)
class Value:
    """A matrix (n, width) of doubles in the graph.

    ``origins`` holds for each column the number of the one input column that it depends on, None where there are
    several. Where that input is a number, the column is a rising function of it. ``fields`` holds for each column the
    column of a table that it is; it is empty where the matrix is not a table.
    """

    name: str
    origins: tuple[int | None, ...]
    fields: tuple[Field, ...] = ()

    @property
    def width(self) -> int:
        """Its number of columns."""
        return len(self.origins)

    @property
    def has_codes(self) -> bool:
        """Whether a column holds codes of a table's own values, which are no numbers to compute with."""
        return any(field.values is not None for field in self.fields)


class Graph:
    """An ONNX graph under construction: it collects nodes and constants; results are known by their names."""

    def __init__(self, width: int) -> None:
        self.input = Value("X", tuple(range(width)))
        self.forests: list[tuple[Value, Sequence[Tree]]] = []
        """Each forest's input and trees: where verification looks closest."""
        self._tree_version: int | None = None
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Adds ``operator`` on ``inputs``; gives the name of its result."""
        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], domain=domain, **attributes))
        return name

    def trees(self, operator: str, version: int, *inputs: str, **attributes: Any) -> str:
        """Adds a tree operator; gives the name of its result.

        Raises NotCompilable when the graph has tree operators of another version.
        """
        if self._tree_version not in (None, version):
            raise NotCompilable("a forest of several classes beside other trees has no compiled form")
        self._tree_version = version
        return self.add(operator, *inputs, domain=TREES, **attributes)

    def constant(self, values: ArrayLike, dtype: Any = np.float64) -> str:
        """Adds a constant tensor; gives its name."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def matrix(self, name: str, width: int) -> Value:
        """``name`` as a matrix of ``width`` columns that do not depend on one input column each."""
        return Value(name, (None,) * width)

    def columns(self, value: Value, indices: Sequence[int]) -> Value:
        """The columns of ``value`` at ``indices``."""
        if list(indices) == list(range(value.width)):
            return value
        name = self.add("Gather", value.name, self.constant(indices, np.int64), axis=1)
        fields: tuple[Field, ...] = ()
        if value.fields:
            fields = _items(value.fields, indices)
        return Value(name, _items(value.origins, indices), fields)

    def join(self, values: Sequence[Value]) -> Value:
        """``values`` side by side. Raises NotCompilable where codes of a table would lose their fields."""
        if len(values) == 1:
            return values[0]
        names: list[str] = []
        origins: list[int | None] = []
        fields: list[Field] = []
        has_codes = False
        for value in values:
            names.append(value.name)
            origins += value.origins
            fields += value.fields
            has_codes |= value.has_codes
        name = self.add("Concat", *names, axis=1)
        if len(fields) == len(origins):
            return Value(name, tuple(origins), tuple(fields))
        if has_codes:
            raise NotCompilable("a column of texts that no encoder takes has no compiled form")
        return Value(name, tuple(origins))

    def affine(self, value: Value, shift: NDArray[Any], scale: NDArray[Any]) -> Value:
        """(value - shift) / scale, column by column, with scikit-learn's own two operations."""
        name = value.name
        if np.any(shift != 0.0):
            name = self.add("Sub", name, self.constant(shift))
        if np.any(scale != 1.0):
            name = self.add("Div", name, self.constant(scale))
        return Value(name, value.origins)

    def output(self, name: str, value: str, *inner: int, kind: int = TensorProto.DOUBLE) -> None:
        """Makes ``value`` the output ``name``; its shape is (n, *inner), its type one of TensorProto's."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, kind, [None, *inner]))

    def finished(self) -> bytes:
        """The finished model."""
        return self._model(self._nodes, self._outputs)

    def probe(self) -> bytes:
        """A model that answers the input of each forest: outputs ``forest0``, ``forest1``, ..."""
        nodes, outputs, names = list(self._nodes), [], set()
        for number, (value, _) in enumerate(self.forests):
            name = f"forest{number}"
            nodes.append(helper.make_node("Identity", [value.name], [name]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None, None]))
            names.add(name)
        return self._model(_needed(nodes, names), outputs)

    def _model(self, nodes: list[onnx.NodeProto], outputs: list[onnx.ValueInfoProto]) -> bytes:
        source = helper.make_tensor_value_info("X", TensorProto.DOUBLE, [None, self.input.width])
        used: set[str] = set()
        for node in nodes:
            used.update(node.input)
        constants = [constant for constant in self._constants if constant.name in used]
        graph = helper.make_graph(nodes, "vaticina", [source], outputs, constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(TREES, self._tree_version or DOUBLE_TREES)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="vaticina")
        onnx.checker.check_model(model)
        data: bytes = model.SerializeToString()
        return data


Item = TypeVar("Item")


def _items(items: Sequence[Item], indices: Sequence[int]) -> tuple[Item, ...]:
    return tuple(items[index] for index in indices)


def _needed(nodes: list[onnx.NodeProto], names: set[str]) -> list[onnx.NodeProto]:
    """The nodes, in order, without which ``names`` cannot be computed."""
    needed = []
    for node in reversed(nodes):
        if names & set(node.output):
            needed.append(node)
            names |= set(node.input)
    return needed[::-1]


Converter = Callable[[Any, Graph, Value], Value]
"""Writes a fitted part into a graph, applied to a matrix. A transformer gives its matrix, a classifier its
probabilities (n, classes), a regressor its values (n, 1)."""

CONVERTERS: dict[str, Converter] = {}
"""By the full name of the exact class; a subclass may do anything, so its parent's converter is not for it."""

TAKE_CODES: set[str] = set()
"""Those of ``CONVERTERS`` that take codes of a table's own values."""


def converts(*classes: str, takes_codes: bool = False) -> Callable[[Converter], Converter]:
    """Registers the decorated converter for classes by their full names."""

    def register(converter: Converter) -> Converter:
        if takes_codes:
            TAKE_CODES.update(classes)
        CONVERTERS.update(dict.fromkeys(classes, converter))
        return converter

    return register


def convert(part: Any, graph: Graph, value: Value) -> Value:
    """The nodes of a fitted ``part`` applied to ``value``. Raises NotCompilable."""
    name = f"{type(part).__module__}.{type(part).__qualname__}"
    converter = CONVERTERS.get(name)
    if converter is None:
        raise NotCompilable(f"{name} has no compiled form")
    if value.has_codes and name not in TAKE_CODES:
        raise NotCompilable(f"{name} over a column of texts has no compiled form")
    setting = unknown_setting(part)
    if setting:
        raise NotCompilable(
            f"{name} with {setting}={getattr(part, setting)!r}, which is not known here, is not compiled"
        )
    return converter(part, graph, value)
