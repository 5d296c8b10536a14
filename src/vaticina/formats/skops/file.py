"""Models saved by skops: a zip of arrays and a schema. Every name in it must be on our list; skops' own is wider."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vaticina.errors import ForeignVersion, ImportRefused, MissingExtra, PickleRefused
from vaticina.pickles.allowed_names import advice_on
from vaticina.pickles.allowlist import NAMES
from vaticina.pickles.restricted_names import NEIGHBOURS

SCHEMA = "schema.json"

PLAIN = frozenset(
    {
        "builtins.NoneType",
        "builtins.bool",
        "builtins.bytearray",
        "builtins.bytes",
        "builtins.dict",
        "builtins.float",
        "builtins.int",
        "builtins.list",
        "builtins.set",
        "builtins.slice",
        "builtins.str",
        "builtins.tuple",
        "numpy.bool",
        "numpy.bool_",
        "numpy.dtype",
        "numpy.float32",
        "numpy.int32",
        "numpy.intp",
        "numpy.ndarray",
        "numpy.random.mtrand.RandomState",
        "numpy.str_",
    }
)
"""Data, and the types of data."""

LISTED = NAMES - {NEIGHBOURS}
"""The listed names without the one that is accepted in a pickle for some attributes only: skops tells no attributes."""

CALLING = frozenset({"MethodNode", "OperatorFuncNode", "PartialNode", "ReduceNode"})
"""Nodes that stand for something to call; no model of ours is written with them."""

MAX_BYTES = 4 * 2**30
"""How large the files in the zip may be in all, uncompressed."""


def load_skops(data: bytes, name: str, allow: frozenset[str]) -> object:
    """The object in ``data``; ``allow`` are more exact names.

    Raises:
        PickleRefused: the schema names what is not listed, or calls something.
        ForeignVersion: another scikit-learn wrote it.
        ImportRefused: it is no skops file.
        MissingExtra: skops is not installed.
    """
    nodes = list(_nodes(_schema(data, name)))
    _check_names(nodes, name, allow)
    try:
        import skops.io
    except ModuleNotFoundError:
        raise MissingExtra.of("skops", name) from None
    _check_version(nodes, name)
    accepted = LISTED | allow | PLAIN
    try:
        untrusted = skops.io.get_untrusted_types(data=data)  # each was found on our list above
        return skops.io.loads(data, trusted=list(accepted.intersection(untrusted)))
    except Exception as error:  # skops raises what it pleases
        raise PickleRefused(f"{name} is not opened: {type(error).__name__}: {error}") from None


def _schema(data: bytes, name: str) -> Any:
    """The document that describes the object. Raises ImportRefused when there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
                raise ImportRefused(f"{name} is not opened: it unfolds to over {MAX_BYTES} bytes.")
            return json.loads(archive.read(SCHEMA))
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise ImportRefused(f"{name} is a zip, but none that skops wrote: it has no readable {SCHEMA}.") from None


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of the schema that describes an object."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "__class__" in node or "__loader__" in node:
                yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _check_names(nodes: Sequence[Mapping[str, Any]], name: str, allow: frozenset[str]) -> None:
    """Raises PickleRefused when a node names what is not listed, or calls something."""
    names: set[str] = set()
    loaders: set[str] = set()
    for node in nodes:
        names.add(f"{node.get('__module__')}.{node.get('__class__')}")
        loaders.add(str(node.get("__loader__")))
    unlisted = sorted(names - LISTED - allow - PLAIN)
    if unlisted:
        listing = ", ".join(unlisted[:10])[:2_000]
        reason = f"it wants {listing}, not on the list of what a model needs"
        advice = advice_on(unlisted)
        if advice:
            reason = f"{reason}; {advice}"
        raise PickleRefused(f"{name} is not opened: {reason}.")
    calling = sorted(loaders & CALLING)
    if calling:
        raise PickleRefused(f"{name} is not opened: it calls something ({', '.join(calling)}), which no model needs.")


def _check_version(nodes: Sequence[Mapping[str, Any]], name: str) -> None:
    """Raises ForeignVersion when a part was written by another scikit-learn."""
    import sklearn

    here = str(sklearn.__version__)
    foreign: set[str] = set()
    for node in nodes:
        version = _sklearn_version(node)
        if version is not None and version.split(".")[:2] != here.split(".")[:2]:
            foreign.add(version)
    if foreign:
        raise ForeignVersion(
            f"{name} was written by scikit-learn {', '.join(sorted(foreign))}; {here} is installed here."
        )


def _sklearn_version(node: Mapping[str, Any]) -> str | None:
    """The version of scikit-learn that wrote a node; None where it does not tell."""
    content = node.get("content")
    if not isinstance(content, dict):
        return None
    version = content.get("_sklearn_version")
    if not isinstance(version, dict) or not isinstance(version.get("content"), str):
        return None
    return str(json.loads(version["content"]))
