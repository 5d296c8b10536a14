"""A file of somebody's model, opened: which kind of file it is, what it asks for, and the object in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaticina.errors import ForeignVersion, ImportRefused, MissingExtra
from vaticina.importing.artefacts import read
from vaticina.importing.natives import lightgbm_text, xgboost_file
from vaticina.importing.skops import load_skops
from vaticina.security.examined import Examined, examine, load_examined

Allow = frozenset[str]


@dataclass(frozen=True, slots=True)
class Opened:
    """The objects of files in the order a row passes them, and what a version tells of each file.

    ``elsewhere`` asks the originals in another interpreter, where the objects here are only rebuilt from them.
    """

    objects: tuple[Any, ...]
    facts: tuple[Mapping[str, Any], ...]
    elsewhere: Any = None


Elsewhere = Callable[[Mapping[str, Examined]], Opened]
"""Opens pickles of other versions in an interpreter of theirs."""


def open_files(files: tuple[Path, ...], allow: Allow, elsewhere: Elsewhere | None = None) -> Opened:
    """The objects in ``files``, each audited before any of them is opened.

    Raises:
        PickleRefused: a file wants a name that is not listed, or is damaged.
        ForeignVersion: a file was written by another scikit-learn, and there is no ``elsewhere`` to open it in.
        ImportRefused: a file is of no kind that is known.
        MissingExtra: a library of the model is not installed.
    """
    data = {file.name: read(file) for file in files}
    kinds = {name: kind_of(name, one) for name, one in data.items()}
    examined = {name: examine(data[name], name, allow) for name, kind in kinds.items() if kind == "pickle"}
    foreign = {name: one for name, one in examined.items() if one.versions - {running()} and not is_readable(one)}
    if foreign:
        if elsewhere is None or len(examined) != len(data):
            raise ForeignVersion(_told(foreign))
        return elsewhere(examined)
    opened = []
    for name, kind in kinds.items():
        if kind == "pickle":
            opened.append(load_examined(examined[name], name, allow))
        else:
            opened.append(READERS[kind](data[name], name, allow))
    facts = tuple({"file": name, "kind": kinds[name], **_versions(examined.get(name))} for name in data)
    return Opened(tuple(opened), facts)


def _versions(examined: Examined | None) -> dict[str, Any]:
    return {} if examined is None else {"names": list(examined.names), "scikit-learn": sorted(examined.versions)}


READERS: Mapping[str, Callable[[bytes, str, Allow], Any]] = {
    "skops": load_skops,
    "lightgbm": lightgbm_text,
    "xgboost": xgboost_file,
}


def kind_of(name: str, data: bytes) -> str:
    """``pickle``, ``skops``, ``onnx``, ``lightgbm`` or ``xgboost``, by the name and the first bytes."""
    end = name.rpartition(".")[2].lower()
    if data.startswith(b"PK\x03\x04"):
        return "skops"
    if data.startswith(b"tree\n") or (end == "txt" and b"\nversion=v" in data[:200]):
        return "lightgbm"
    if end == "onnx":
        return "onnx"
    if end in ("json", "ubj") or data[:1] == b"{":
        return "xgboost"
    if end == "txt":
        raise ImportRefused(f"{name} is no model that LightGBM wrote as text.")
    return "pickle"


def running() -> str:
    """The version of scikit-learn installed here. Raises MissingExtra."""
    try:
        import sklearn
    except ModuleNotFoundError:
        raise MissingExtra("Importing a model needs scikit-learn: pip install 'vaticina[train]'.") from None
    return str(sklearn.__version__)


def is_readable(examined: Examined) -> bool:
    """Whether the scikit-learn here reads what the one that wrote the file wrote: the same major and minor version."""
    here = _minor(running())
    return all(_minor(version) == here for version in examined.versions)


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _told(foreign: Mapping[str, Examined]) -> str:
    name, one = next(iter(foreign.items()))
    return (
        f"{name} was written by scikit-learn {', '.join(sorted(one.versions))}; {running()} is installed here and does "
        "not read it, so it was not opened. Import it with --isolated, in an interpreter of its own version."
    )
