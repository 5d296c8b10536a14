"""skops files whose schema was changed by hand."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import skops.io

SCHEMA = "schema.json"


def saved(model: Any) -> bytes:
    return bytes(skops.io.dumps(model))


def nodes(part: Any) -> Iterator[dict[str, Any]]:
    """Every node of a schema, the outer ones first."""
    if isinstance(part, dict):
        if "__loader__" in part:
            yield part
        for value in part.values():
            yield from nodes(value)
    elif isinstance(part, list):
        for value in part:
            yield from nodes(value)


def first(schema: Any, name: str) -> dict[str, Any]:
    """The first node of a class."""
    for node in nodes(schema):
        if node["__class__"] == name:
            return node
    raise KeyError(name)


def changed(data: bytes, change: Callable[[dict[str, Any]], None], files: dict[str, bytes] | None = None) -> bytes:
    """``data`` with another schema, and with other ``files`` in it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        schema = json.loads(old.read(SCHEMA))
        change(schema)
        new.writestr(SCHEMA, json.dumps(schema))
        for name in old.namelist():
            if name != SCHEMA and name not in (files or {}):
                new.writestr(name, old.read(name))
        for name, content in (files or {}).items():
            new.writestr(name, content)
    return stream.getvalue()


def array_files(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [name for name in archive.namelist() if name.endswith(".npy")]


def value(content: object, number: int = 10**15) -> dict[str, Any]:
    """The node of a plain value."""
    return {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(content),
        "is_json": True,
        "__id__": number,
    }


def type_node(module: str, name: str, loader: str = "TypeNode", number: int = 2 * 10**15) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": number}
