"""Fitted estimators of today's versions, made anew from their description."""

import math
from collections.abc import Callable
from importlib import import_module  # architecture: library -- a class of the list, by its exact name
from typing import Any

import numpy as np
from sklearn.tree._tree import NODE_DTYPE, Tree

from vaticina.errors import ImportRefused, MissingExtra
from vaticina.importing.completed import completed
from vaticina.importing.described import Booster, Description, Opaque, Trees
from vaticina.security.allowed import OBJECTS

NAMES = {name: getattr(np, name) for name in ("float32", "float64", "int64", "log1p", "expm1", "ndarray")}
"""The functions and types of numpy that may stand as a value."""

COLUMNS = "sklearn.compose._column_transformer._RemainderColsList"
"""The columns of the rest in scikit-learn 1.5 to 1.6: a list."""

GONE = ("sklearn.ensemble._gb_losses.", "sklearn.ensemble._hist_gradient_boosting.loss.")
"""Losses of older versions, which an estimator of today makes anew from their name."""


def rebuilt(description: Description, name: str) -> Any:
    """The object of file ``name``: plain values, and estimators of the versions installed here.

    Raises:
        ImportRefused: it holds a class that is not on the list, or whose form of today is unknown.
        MissingExtra: its library is not installed here.
    """
    try:
        return _Rebuilding(description).value(description.files[name])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ImportRefused(
            f"{name} cannot be rebuilt with the versions installed here: {type(error).__name__}: {error}."
        ) from error


class _Rebuilding:
    def __init__(self, description: Description) -> None:
        self._description = description
        self._made: dict[int, Any] = {}

    def value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.value(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "class" in node:
            return self._estimator(node)
        if "booster" in node:
            return Booster(node["booster"], int(node["best"]))
        ((kind, inside),) = node.items()
        return KINDS[kind](self, inside)

    def same(self, number: int) -> Any:
        return self._made[number]

    def dictionary(self, pairs: Any) -> Any:
        return {self.value(key): self.value(one) for key, one in pairs}

    def scalar(self, inside: Any) -> Any:
        code, value = inside
        return np.dtype(code).type(self.value(value))

    def array(self, place: Any) -> Any:
        return self._description.array(place)

    def fields(self, inside: Any) -> Any:
        return self._description.fields({"fields": inside})

    def objects(self, inside: Any) -> Any:
        shape, values = inside
        found = np.empty(math.prod(shape), dtype=object)
        for at, value in enumerate(values):
            found[at] = self.value(value)
        return found.reshape(shape)

    def tree(self, node: Any) -> Any:
        return widened(self._description.tree(node))

    def _estimator(self, node: Any) -> Any:
        if node["class"].startswith(GONE):
            return Opaque(node["class"])
        if node["class"] == COLUMNS:
            return self.value(node["state"]["data"])
        made = _class(node["class"])
        estimator = self._made[node["number"]] = made.__new__(made)
        state = {name: self.value(one) for name, one in node["state"].items()}
        vars(estimator).update(completed(made, state))
        return estimator


def _class(name: str) -> Any:
    """The class ``name`` of today. Raises ImportRefused and MissingExtra."""
    if name not in OBJECTS:
        raise ImportRefused(f"It holds a {name}, not on the list of what a model needs.")
    module, _, last = name.rpartition(".")
    try:
        return getattr(import_module(module), last)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("sklearn."):
            raise ImportRefused(f"It holds a {name}, which scikit-learn no longer has.") from None
        raise MissingExtra.of(error.name, name) from None


def widened(tree: Trees) -> Any:
    """A ``tree_`` of today: what older versions did not write of a node is zero, as for trees that saw none missing.

    Since 1.3 a classifier's values are shares; older ones counted, which is made shares here.
    """
    nodes = np.zeros(len(tree.values), dtype=NODE_DTYPE)
    for name in set(NODE_DTYPE.names) & tree.nodes.keys():
        nodes[name] = tree.nodes[name]
    values = tree.values
    if tree.classes.max(initial=1) > 1:
        values = values / values.sum(axis=2, keepdims=True)
    made = Tree(tree.features, tree.classes, tree.outputs)
    made.__setstate__({"max_depth": tree.depth, "node_count": len(nodes), "nodes": nodes, "values": values})
    return made


KINDS: dict[str, Callable[[_Rebuilding, Any], Any]] = {
    "array": _Rebuilding.array,
    "dict": _Rebuilding.dictionary,
    "dtype": lambda _, code: np.dtype(code),
    "fields": _Rebuilding.fields,
    "float": lambda _, text: float(text),
    "name": lambda _, name: NAMES.get(name.removeprefix("numpy."), Opaque(name)),
    "objects": _Rebuilding.objects,
    "opaque": lambda _, name: Opaque(name),
    "same": _Rebuilding.same,
    "scalar": _Rebuilding.scalar,
    "set": lambda self, values: {self.value(one) for one in values},
    "slice": lambda self, ends: slice(*map(self.value, ends)),
    "tree": _Rebuilding.tree,
    "tuple": lambda self, values: tuple(self.value(one) for one in values),
}
"""How each kind of description becomes a value."""
