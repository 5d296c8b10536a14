"""Models saved by skops: a zip of arrays and a schema, whose every name must be on our list, not on skops' own."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from vaticina.errors import ForeignVersion, ImportRefused, MissingExtra, PickleRefused
from vaticina.pickles.allowlist import NAMES
from vaticina.pickles.restricted_names import NEIGHBOURS

SCHEMA = "schema.json"

PLAIN = frozenset(
    {
        *(f"builtins.{name}" for name in ("bool", "dict", "float", "int", "list", "NoneType", "set", "slice")),
        *(f"builtins.{name}" for name in ("str", "tuple", "bytes", "bytearray")),
        *(f"numpy.{name}" for name in ("bool", "bool_", "dtype", "float32", "int32", "intp", "ndarray", "str_")),
        "numpy.random.mtrand.RandomState",
    }
)
"""Data, and the types of data."""

LISTED = NAMES - {NEIGHBOURS}
"""The names, without the one that the audit of pickles accepts by its attributes, which nobody audits here."""

CALLING = frozenset({"MethodNode", "OperatorFuncNode", "PartialNode", "ReduceNode"})
"""Nodes that stand for something to call; no model of ours is written with them."""

MOST = 4 * 2**30
"""Bytes that the zip may unfold to."""


def load_skops(data: bytes, name: str, allow: frozenset[str]) -> Any:
    """The object in ``data``; ``allow`` are more exact names.

    Raises:
        PickleRefused: the schema names what is not listed, or calls something.
        ForeignVersion: another scikit-learn wrote it.
        ImportRefused: it is no skops file.
        MissingExtra: skops is not installed.
    """
    schema = _schema(data, name)
    nodes = list(_nodes(schema))
    _check(nodes, name, allow)
    try:
        import skops.io
    except ModuleNotFoundError:
        raise MissingExtra.of("skops", name) from None
    _check_version(nodes, name)
    try:
        trusted = skops.io.get_untrusted_types(data=data)  # each was found on our list above
        return skops.io.loads(data, trusted=[one for one in trusted if one in LISTED | allow | PLAIN])
    except Exception as error:  # skops raises what it pleases
        raise PickleRefused(f"{name} is not opened: {type(error).__name__}: {error}") from None


def _schema(data: bytes, name: str) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST:
                raise ImportRefused(f"{name} is not opened: it unfolds to over {MOST} bytes.")
            return json.loads(archive.read(SCHEMA))
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise ImportRefused(f"{name} is a zip, but none that skops wrote: it has no readable {SCHEMA}.") from None


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "__class__" in node or "__loader__" in node:
                yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _check(nodes: list[dict[str, Any]], name: str, allow: frozenset[str]) -> None:
    wanted = {f"{node.get('__module__')}.{node.get('__class__')}" for node in nodes}
    unlisted = sorted(wanted - LISTED - allow - PLAIN)
    if unlisted:
        told = ", ".join(one[:200] for one in unlisted[:10])
        raise PickleRefused(f"{name} is not opened: it wants {told}, not on the list of what a model needs.")
    calling = sorted({str(node.get("__loader__")) for node in nodes} & CALLING)
    if calling:
        raise PickleRefused(f"{name} is not opened: it calls something ({', '.join(calling)}), which no model needs.")


def _check_version(nodes: list[dict[str, Any]], name: str) -> None:
    import sklearn

    here = str(sklearn.__version__)
    found = {
        json.loads(version["content"])
        for node in nodes
        if isinstance(node.get("content"), dict)
        and isinstance(version := node["content"].get("_sklearn_version"), dict)
        and isinstance(version.get("content"), str)
    }
    foreign = sorted(version for version in found if str(version).split(".")[:2] != here.split(".")[:2])
    if foreign:
        raise ForeignVersion(f"{name} was written by scikit-learn {', '.join(foreign)}; {here} is installed here.")
