"""Rebuilds fitted estimators, with the versions installed here, from their description."""

import math
from collections.abc import Callable
from importlib import import_module  # architecture: library -- a class of the list, by its exact name
from typing import Any

import numpy as np
from sklearn.tree._tree import NODE_DTYPE, Tree

from vaticina.audits.fitted_arrays import check_arrays
from vaticina.audits.unsound import Unsound
from vaticina.errors import ImportRefused, MissingExtra
from vaticina.foreign.boosters import lightgbm_booster, xgboost_booster
from vaticina.foreign.description import ModelDescription, Opaque, TreeData
from vaticina.foreign.missing_attributes import with_missing_attributes
from vaticina.pickles.allowlist import OBJECTS, VALUES

VALUE_MODULES = frozenset({"builtins", "numpy", "sklearn.metrics._classification"})
"""The modules whose listed functions and types come back as themselves."""

COLUMNS = "sklearn.compose._column_transformer._RemainderColsList"
"""The class that scikit-learn 1.5 and 1.6 have for the columns of the remainder; today they are a plain list."""

GONE = ("sklearn.ensemble._gb_losses.", "sklearn.ensemble._hist_gradient_boosting.loss.")
"""The modules of older losses; today's estimators make the loss anew from its name."""


def rebuild_object(description: ModelDescription, file: str) -> Any:
    """The object of ``file``: plain values, and estimators of the versions installed here.

    Raises:
        ImportRefused: it holds a class that is not on the list, or whose form of today is unknown, or arrays that do
            not fit together.
        MissingExtra: its library is not installed here.
    """
    try:
        rebuilt = _Rebuilder(description).value(description.files[file])
        check_arrays(rebuilt)
        return rebuilt
    except Unsound as reason:
        raise ImportRefused(f"{file} is not taken: {reason}.") from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ImportRefused(
            f"{file} cannot be rebuilt with the versions installed here: {type(error).__name__}: {error}; "
            "save the model as ONNX where it was made."
        ) from error


class _Rebuilder:
    """Rebuilds the values of one file. A node of the description is a plain value, a list, or a dict with one key."""

    def __init__(self, description: ModelDescription) -> None:
        self._description = description
        self._estimators: dict[int, Any] = {}

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return list(map(self.value, node))
        if not isinstance(node, dict):
            return node
        if "class" in node:
            return self._estimator(node)
        if "booster" in node:
            return lightgbm_booster(node["booster"], int(node["best"]))
        if "xgboost" in node:
            return xgboost_booster(node["xgboost"])
        ((kind, content),) = node.items()
        return KINDS[kind](self, content)

    def array(self, place: Any) -> Any:
        return self._description.array(place)

    def dictionary(self, pairs: Any) -> Any:
        return {self.value(key): self.value(node) for key, node in pairs}

    def dtype(self, code: str) -> Any:
        return np.dtype(code)

    def fields(self, nodes: Any) -> Any:
        return self._description.fields(nodes)

    def number(self, text: str) -> float:
        """One that JSON cannot hold: not a number, or infinite."""
        return float(text)

    def named(self, name: str) -> Any:
        module, _, attribute = name.rpartition(".")
        if name not in VALUES or module not in VALUE_MODULES:
            return Opaque(name)
        return getattr(import_module(module), attribute, Opaque(name))

    def objects(self, content: Any) -> Any:
        shape, nodes = content
        array = np.empty(math.prod(shape), dtype=object)
        for index, node in enumerate(nodes):
            array[index] = self.value(node)
        return array.reshape(shape)

    def opaque(self, name: str) -> Opaque:
        return Opaque(name)

    def same(self, number: int) -> Any:
        return self._estimators[number]

    def scalar(self, content: Any) -> Any:
        code, node = content
        return np.dtype(code).type(self.value(node))

    def set_of(self, nodes: Any) -> Any:
        return set(map(self.value, nodes))

    def slice_of(self, ends: Any) -> Any:
        return slice(*map(self.value, ends))

    def tree(self, node: Any) -> Any:
        return todays_tree(self._description.tree(node))

    def tuple_of(self, nodes: Any) -> Any:
        return tuple(map(self.value, nodes))

    def _estimator(self, node: Any) -> Any:
        if node["class"].startswith(GONE):
            return Opaque(node["class"])
        if node["class"] == COLUMNS:
            return self.value(node["state"]["data"])
        estimator_class = _class(node["class"])
        estimator = self._estimators[node["number"]] = estimator_class.__new__(estimator_class)
        state = {name: self.value(attribute) for name, attribute in node["state"].items()}
        vars(estimator).update(with_missing_attributes(estimator_class, state))
        return estimator


def _class(name: str) -> Any:
    """The class ``name`` of today. Raises ImportRefused and MissingExtra."""
    if name not in OBJECTS:
        raise ImportRefused(f"It holds a {name}, not on the list of what a model needs.")
    module, _, class_name = name.rpartition(".")
    try:
        return getattr(import_module(module), class_name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("sklearn."):
            raise ImportRefused(f"It holds a {name}, which scikit-learn no longer has.") from None
        raise MissingExtra.of(error.name, name) from None


def todays_tree(data: TreeData) -> Any:
    """A ``tree_`` of today's scikit-learn. What older versions did not write of a node is zero there.

    Since 1.3 a classifier's values are the shares of the classes. Older versions wrote counts, which are made shares.
    """
    nodes = np.zeros(len(data.values), dtype=NODE_DTYPE)
    for name in set(NODE_DTYPE.names) & data.nodes.keys():
        nodes[name] = data.nodes[name]
    values = data.values
    if data.classes.max(initial=1) > 1:
        values = values / values.sum(axis=2, keepdims=True)
    tree = Tree(data.features, data.classes, data.outputs)
    tree.__setstate__({"max_depth": data.depth, "node_count": len(nodes), "nodes": nodes, "values": values})
    return tree


KINDS: dict[str, Callable[[_Rebuilder, Any], Any]] = {
    "array": _Rebuilder.array,
    "dict": _Rebuilder.dictionary,
    "dtype": _Rebuilder.dtype,
    "fields": _Rebuilder.fields,
    "float": _Rebuilder.number,
    "name": _Rebuilder.named,
    "objects": _Rebuilder.objects,
    "opaque": _Rebuilder.opaque,
    "same": _Rebuilder.same,
    "scalar": _Rebuilder.scalar,
    "set": _Rebuilder.set_of,
    "slice": _Rebuilder.slice_of,
    "tree": _Rebuilder.tree,
    "tuple": _Rebuilder.tuple_of,
}
"""How each kind of node becomes a value."""
