"""The source of a model: the files that hold it, selected among the names in a folder or in a bucket."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vaticina.contract.bundle import sha256
from vaticina.errors import ImportRefused

STAMPED = re.compile(r"(?P<part>model|preprocessor)_(?P<stamp>\d{8}_\d{6})\.(?:pkl|pickle|joblib|skops)")
"""``model_20250717_214053.pkl`` and its ``preprocessor_20250717_214053.pkl``."""

HEAD_BYTES = 16


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one model, in the order in which a row passes them: a preprocessor before its model.

    ``place`` is what the user named: a file, or the folder that holds them.
    """

    place: Path
    files: tuple[Path, ...]

    @property
    def model(self) -> Path:
        """The file of the model itself, which is the last one."""
        return self.files[-1]

    @property
    def folder(self) -> Path:
        """The folder that the files are in."""
        if self.place.is_dir():
            return self.place
        return self.place.parent

    def head(self, file: Path) -> bytes:
        """The first bytes of ``file``. Raises ImportRefused."""
        try:
            with file.open("rb") as stream:
                return stream.read(HEAD_BYTES)
        except OSError as error:
            raise ImportRefused(f"{file} cannot be read: {error.strerror}.") from None

    def name(self, file: Path) -> str:
        """The name of ``file`` from the source's folder."""
        if file.is_relative_to(self.folder):
            return file.relative_to(self.folder).as_posix()
        return file.name

    def read(self) -> dict[str, bytes]:
        """The bytes of each file, by its name. Raises ImportRefused."""
        return {self.name(file): read_file(file) for file in self.files}

    def fingerprint(self) -> dict[str, str]:
        """The sha256 of each file, by its name. Raises ImportRefused."""
        return fingerprint(self.read())


def fingerprint(files: Mapping[str, bytes]) -> dict[str, str]:
    """The sha256 of each of ``files`` (name -> bytes), by its name."""
    return {name: sha256(data) for name, data in files.items()}


def read_file(file: Path) -> bytes:
    """The bytes of ``file``. Raises ImportRefused."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{file} cannot be read: {error.strerror}.") from None


def file_source(file: Path, preprocessor: Path | None = None) -> Source:
    """The source of one model file, with the preprocessor that stands before it, if any."""
    if preprocessor is None:
        return Source(file, (file,))
    return Source(file, (preprocessor, file))


def is_hidden(name: str) -> bool:
    """Whether ``name``, or a folder in it, begins with a dot. No such file is part of a model."""
    return name.startswith(".") or "/." in name


def list_names(folder: Path) -> list[str]:
    """The names in ``folder`` that are not hidden, sorted; those of folders end with ``/``."""
    names = []
    for path in folder.iterdir():
        if is_hidden(path.name):
            continue
        if path.is_dir():
            names.append(f"{path.name}/")
        elif path.is_file():
            names.append(path.name)
    return sorted(names)


def files_named(folder: Path, names: Iterable[str]) -> tuple[Path, ...]:
    """The files of ``folder`` that ``names`` stand for; a name that ends with ``/`` stands for all files below it."""
    files: list[Path] = []
    for name in names:
        if name.endswith("/"):
            files += _files_below(folder, name)
        else:
            files.append(folder / name)
    return tuple(files)


def _files_below(folder: Path, name: str) -> list[Path]:
    files = []
    for path in sorted((folder / name).rglob("*")):
        if path.is_file() and not is_hidden(path.relative_to(folder).as_posix()):
            files.append(path)
    return files


def select_model_files(names: Collection[str], suffixes: tuple[str, ...], place: str) -> tuple[str, ...]:
    """Those of ``names`` that are the one pair, or the one model, at ``place``; its files end with ``suffixes``.

    The newest complete pair by the time in its names is taken; without such names, ``model.*`` with ``preprocessor.*``
    beside it, or the only model there is. Raises ImportRefused when there is none, or more than one.
    """
    pairs = _stamped_pairs(names)
    if pairs:
        return pairs[-1]
    return _named_pair([name for name in names if may_hold_model(name, suffixes)], place)


def may_hold_model(name: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a file of this name may be a model, or its preprocessor."""
    return name.lower().endswith(suffixes)


def _stamped_pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """The complete pairs, preprocessor and model, whose names tell their time; the newest last."""
    parts: dict[str, dict[str, str]] = {}
    for name in names:
        match = STAMPED.fullmatch(name)
        if match:
            parts.setdefault(match["stamp"], {})[match["part"]] = name
    pairs = []
    for stamp in sorted(parts):
        if len(parts[stamp]) == 2:
            pairs.append((parts[stamp]["preprocessor"], parts[stamp]["model"]))
    return pairs


def _named_pair(names: Collection[str], place: str) -> tuple[str, ...]:
    models = [name for name in names if not name.startswith("preprocessor")]
    exact = [name for name in models if Path(name).stem == "model"]
    if len(exact) == 1:
        models = exact
    if not names:
        raise ImportRefused(f"{place} holds no file of a model; check its name, or name the model's file.")
    if len(models) != 1:
        raise ImportRefused(
            f"{place} holds no pair called model_<date>_<time>.pkl and preprocessor_<date>_<time>.pkl, and not one "
            f"model alone (files: {', '.join(names)}); name the model's file, or leave one model there."
        )
    preprocessors = [name for name in names if Path(name).stem == "preprocessor"]
    return (*preprocessors[:1], models[0])
