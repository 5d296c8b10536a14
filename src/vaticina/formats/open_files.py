"""Files of somebody's model, opened: which kind of file each is, and the object in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaticina.errors import ImportRefused
from vaticina.foreign.interpreter import ForeignInterpreter
from vaticina.foreign.isolation import Isolation, OpenedPickles, open_pickles
from vaticina.formats.booster_files import lightgbm_text, xgboost_file
from vaticina.formats.skops.file import load_skops
from vaticina.formats.source import read
from vaticina.pickles.audit import Examined

Allow = frozenset[str]

READERS: Mapping[str, Callable[[bytes, str, Allow], Any]] = {
    "skops": load_skops,
    "lightgbm": lightgbm_text,
    "xgboost": xgboost_file,
}
"""Who reads what is no pickle."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The objects of files in the order in which a row passes them, and what a version tells of each file.

    ``foreign`` asks the originals, where the objects here are only rebuilt from them; ``libraries`` are the versions
    that it asks them with.
    """

    objects: tuple[Any, ...]
    facts: tuple[Mapping[str, Any], ...]
    foreign: ForeignInterpreter | None
    libraries: Mapping[str, str]


def open_files(files: tuple[Path, ...], allow: Allow, how: Isolation) -> Opened:
    """The objects in ``files``, each audited before any of them is opened.

    Raises:
        PickleRefused: a file wants a name that is not listed, or is damaged.
        ForeignVersion: a file was written by another scikit-learn, and ``how`` says never to isolate it.
        ImportRefused: a file is of no kind that is known.
        MissingExtra: a library of the model is not installed.
    """
    data = {file.name: read(file) for file in files}
    kinds = {name: kind_of(name, one) for name, one in data.items()}
    pickles = {name: one for name, one in data.items() if kinds[name] == "pickle"}
    opened = OpenedPickles({}, {}, None, {})
    if pickles:
        opened = open_pickles(pickles, how, allow, f"vaticina import {files[-1]}")
    objects: list[Any] = []
    facts: list[Mapping[str, Any]] = []
    for name, kind in kinds.items():
        if kind == "pickle":
            objects.append(opened.objects[name])
        else:
            objects.append(READERS[kind](data[name], name, allow))
        facts.append({"file": name, "kind": kind, **_written(opened.examined.get(name))})
    return Opened(tuple(objects), tuple(facts), opened.foreign, opened.libraries)


def _written(examined: Examined | None) -> dict[str, Any]:
    """What a pickle wants, and which scikit-learn wrote it; nothing of a file that is no pickle."""
    if examined is None:
        return {}
    return {"names": list(examined.names), "scikit-learn": sorted(examined.versions)}


def kind_of(name: str, data: bytes) -> str:
    """``pickle``, ``skops``, ``onnx``, ``lightgbm`` or ``xgboost``, by the name and the first bytes."""
    end = name.rpartition(".")[2].lower()
    if data.startswith(b"PK\x03\x04"):
        return "skops"
    if data.startswith(b"tree\n"):
        return "lightgbm"
    if end == "onnx":
        return "onnx"
    if end in ("json", "ubj") or data[:1] == b"{":
        return "xgboost"
    if end == "txt":
        raise ImportRefused(f"{name} is no model that LightGBM wrote as text.")
    return "pickle"
