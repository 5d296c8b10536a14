"""A graph under construction, in double precision, whose matrices remember which input column they come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

from vaticina.exact.tree import Tree

OPSET = 21
TREES = "ai.onnx.ml"
DOUBLE_TREES, VECTOR_TREES = 5, 3
"""Versions of TREES: the one whose trees answer in double, and the one whose leaves may hold several weights."""

IR_VERSION = 10
"""What onnxruntime 1.22, the oldest we take, reads."""


class NotCompilable(Exception):
    """This part has no faithful form as a graph; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the table that a model of others takes: its name and, of a category, its values by code.

    The code behind those of ``values`` stands for any other value.
    """

    name: str
    values: tuple[Any, ...] | None = None


OTHER = object()
"""Among a field's values: what stands for any that is not listed."""


@dataclass(frozen=True, slots=True)
class Value:
    """A matrix (n, width) of doubles in the graph.

    ``origins`` names for each column the one input column that it depends on, None where there are several. Of a
    number's column it is a rising function. ``fields`` tells of each column which one of a table it is; none where
    the matrix is no table's, or no longer.
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
        """Whether a column holds codes of a table's own values, with which nothing can be computed."""
        return any(field.values is not None for field in self.fields)


class Graph:
    """Collects nodes and constants; every ``add`` gives the name of its result."""

    def __init__(self, width: int) -> None:
        self.input = Value("X", tuple(range(width)))
        self.forests: list[tuple[Value, Sequence[Tree]]] = []
        """What trees are given, and the trees: where verification looks closest."""
        self._tree_version: int | None = None
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """The result of ``operator`` on ``inputs``."""
        name = f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], domain=domain, **attributes))
        return name

    def trees(self, operator: str, version: int, *inputs: str, **attributes: Any) -> str:
        """The result of a tree operator; a graph has one version of them. Raises NotCompilable."""
        if self._tree_version not in (None, version):
            raise NotCompilable("a forest of several classes beside other trees has no compiled form")
        self._tree_version = version
        return self.add(operator, *inputs, domain=TREES, **attributes)

    def constant(self, values: ArrayLike, dtype: Any = np.float64) -> str:
        """A constant tensor."""
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def matrix(self, name: str, width: int) -> Value:
        """``name`` as a matrix of ``width`` columns that stem from no single input."""
        return Value(name, (None,) * width)

    def columns(self, value: Value, indices: Sequence[int]) -> Value:
        """The named columns of ``value``."""
        if list(indices) == list(range(value.width)):
            return value
        name = self.add("Gather", value.name, self.constant(indices, np.int64), axis=1)
        fields = tuple(value.fields[index] for index in indices) if value.fields else ()
        return Value(name, tuple(value.origins[index] for index in indices), fields)

    def join(self, values: Sequence[Value]) -> Value:
        """``values`` side by side."""
        if len(values) == 1:
            return values[0]
        name = self.add("Concat", *(value.name for value in values), axis=1)
        fields = [field for value in values for field in value.fields]
        origins = tuple(origin for value in values for origin in value.origins)
        if len(fields) != len(origins) and any(value.has_codes for value in values):
            raise NotCompilable("a column of texts that no encoder takes has no compiled form")
        return Value(name, origins, tuple(fields) if len(fields) == len(origins) else ())

    def affine(self, value: Value, shift: NDArray[Any], scale: NDArray[Any]) -> Value:
        """(value - shift) / scale, column by column, with scikit-learn's own two operations."""
        name = value.name
        if np.any(shift != 0.0):
            name = self.add("Sub", name, self.constant(shift))
        if np.any(scale != 1.0):
            name = self.add("Div", name, self.constant(scale))
        return Value(name, value.origins)

    def output(
        self, name: str, value: str, columns: int | tuple[int, ...] | None, kind: int = TensorProto.DOUBLE
    ) -> None:
        """Makes ``value`` the output ``name``: (n, columns), or (n,) when ``columns`` is None."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        inside = () if columns is None else (columns,) if isinstance(columns, int) else columns
        shape = [None, *inside]
        self._outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def finished(self) -> bytes:
        """The finished model."""
        return self._model(self._nodes, self._outputs)

    def probe(self) -> bytes:
        """A model that answers what each of the forests is given: ``forest0``, ``forest1``, ..."""
        names = {f"forest{at}": value.name for at, (value, _) in enumerate(self.forests)}
        ends = [helper.make_node("Identity", [inside], [name]) for name, inside in names.items()]
        outputs = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None, None]) for name in names]
        return self._model(_needed([*self._nodes, *ends], set(names)), outputs)

    def _model(self, nodes: list[onnx.NodeProto], outputs: list[onnx.ValueInfoProto]) -> bytes:
        source = helper.make_tensor_value_info("X", TensorProto.DOUBLE, [None, self.input.width])
        used = {name for node in nodes for name in node.input}
        constants = [constant for constant in self._constants if constant.name in used]
        graph = helper.make_graph(nodes, "vaticina", [source], outputs, constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(TREES, self._tree_version or DOUBLE_TREES)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="vaticina")
        onnx.checker.check_model(model)
        data: bytes = model.SerializeToString()
        return data


def _needed(nodes: list[onnx.NodeProto], names: set[str]) -> list[onnx.NodeProto]:
    """The nodes, in order, without which ``names`` cannot be computed."""
    kept = []
    for node in reversed(nodes):
        if names & set(node.output):
            kept.append(node)
            names |= set(node.input)
    return kept[::-1]


Converter = Callable[[Any, Graph, Value], Value]
"""How a fitted part becomes nodes. A transformer gives its matrix, a classifier its probabilities (n, classes), a
regressor its values (n, 1)."""

TAKE_CODES: set[str] = set()
"""Those of ``CONVERTERS`` that know what to do with codes of a table's own values."""

CONVERTERS: dict[str, Converter] = {}
"""By the exact class; a subclass may do anything, so it has no converter of its parent's."""


def converts(*classes: str, takes_codes: bool = False) -> Callable[[Converter], Converter]:
    """Registers a converter for classes by their full names."""

    def register(converter: Converter) -> Converter:
        TAKE_CODES.update(classes if takes_codes else ())
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
    return converter(part, graph, value)
