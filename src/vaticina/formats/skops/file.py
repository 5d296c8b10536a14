"""Models saved by skops: a zip of arrays and a schema, audited whole before skops makes anything of it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vaticina.audits.fitted_arrays import check_arrays
from vaticina.audits.unsound import Unsound
from vaticina.errors import ForeignVersion, MissingExtra, PickleRefused
from vaticina.formats.skops.archive import Archive
from vaticina.formats.skops.audit import SkopsAudit, listed_name
from vaticina.pickles.allowed_names import advice_on, check_allowed
from vaticina.pickles.allowlist import NAMES
from vaticina.pickles.stack_values import ScanRefusal

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
        "numpy.random._generator.Generator",
        "numpy.random.mtrand.RandomState",
        "numpy.str_",
        "numpy.uint64",
    }
)
"""Data, and the types of data."""


def load_skops(data: bytes, name: str, allow: frozenset[str]) -> object:
    """The object in ``data``; ``allow`` are more exact names.

    Raises:
        PickleRefused: the schema names what is not listed, or does what no model needs.
        ForeignVersion: another scikit-learn wrote it.
        ImportRefused: it is no skops file.
        MissingExtra: skops is not installed.
    """
    check_allowed(allow)
    archive = Archive(data, name)
    schema = archive.schema()
    nodes = list(_nodes(schema))
    _check_names(nodes, name, allow)
    try:
        SkopsAudit(archive, allow).check(schema)
    except ScanRefusal as reason:
        raise PickleRefused(f"{name} is not opened: {reason}.") from None
    try:
        import skops.io
    except ModuleNotFoundError:
        raise MissingExtra.of("skops", name) from None
    _check_version(nodes, name)
    accepted = NAMES | allow | PLAIN
    try:
        untrusted = skops.io.get_untrusted_types(data=data)  # each was found on our list above
        model: object = skops.io.loads(data, trusted=list(accepted.intersection(untrusted)))
        check_arrays(model)
        return model
    except Unsound as reason:
        raise PickleRefused(f"{name} is not opened: {reason}.") from None
    except Exception as error:  # skops raises what it pleases
        raise PickleRefused(f"{name} is not opened: {type(error).__name__}: {error}") from None


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
    """Raises PickleRefused when nodes name what is not listed, all such names at once."""
    names = {listed_name(f"{node.get('__module__')}.{node.get('__class__')}") for node in nodes}
    unlisted = sorted(names - NAMES - allow - PLAIN)
    if unlisted:
        listing = ", ".join(unlisted[:10])[:2_000]
        reason = f"it wants {listing}, not on the list of what a model needs"
        advice = advice_on(unlisted)
        if advice:
            reason = f"{reason}; {advice}"
        raise PickleRefused(f"{name} is not opened: {reason}.")


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
