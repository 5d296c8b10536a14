"""The source of a model: the files that hold it, found at the place that somebody names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vaticina.contract.bundle import sha256
from vaticina.errors import ImportRefused

STAMPED = re.compile(r"(?P<part>model|preprocessor)_(?P<stamp>\d{8}_\d{6})\.(?P<end>pkl|pickle|joblib|skops)")
"""``model_20250717_214053.pkl`` and its ``preprocessor_20250717_214053.pkl``."""

SUFFIXES = (".pkl", ".pickle", ".joblib", ".skops", ".onnx", ".txt", ".json", ".ubj")
"""The ends of files that may hold a model."""

HEAD_BYTES = 16


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one model, in the order in which a row passes them: a preprocessor before its model.

    ``place`` is what was named: a file, or the folder that holds them.
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
        return self.place if self.place.is_dir() else self.place.parent

    def head(self, file: Path) -> bytes:
        """The first bytes of ``file``. Raises ImportRefused."""
        try:
            with file.open("rb") as stream:
                return stream.read(HEAD_BYTES)
        except OSError as error:
            raise ImportRefused(f"{file} cannot be read: {error.strerror}.") from None

    def name(self, file: Path) -> str:
        """The name of ``file`` from the source's folder."""
        return file.relative_to(self.folder).as_posix() if file.is_relative_to(self.folder) else file.name

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
    return Source(file, (file,) if preprocessor is None else (preprocessor, file))


def folder_source(folder: Path) -> Source:
    """The one pair, or the one model, that lies in ``folder``.

    The newest complete pair by the time in its names is taken; without such names, ``model.*`` with ``preprocessor.*``
    beside it, or the only model there is. Raises ImportRefused when there is nothing to take, or more than one thing.
    """
    pairs = stamped_pairs(folder)
    if pairs:
        return pairs[-1]
    return _named_pair(folder)


def stamped_pairs(folder: Path) -> list[Source]:
    """The complete pairs of ``folder`` whose names tell their time, the newest last."""
    parts: dict[str, dict[str, Path]] = {}
    for file in folder.iterdir():
        match = STAMPED.fullmatch(file.name)
        if match and file.is_file():
            parts.setdefault(match["stamp"], {})[match["part"]] = file
    pairs = []
    for stamp in sorted(parts):
        if len(parts[stamp]) == 2:
            pairs.append(Source(folder, (parts[stamp]["preprocessor"], parts[stamp]["model"])))
    return pairs


def may_hold_model(name: str) -> bool:
    """Whether a file of this name may be part of a model."""
    return Path(name).suffix.lower() in SUFFIXES


def _named_pair(folder: Path) -> Source:
    files = sorted(file for file in folder.iterdir() if file.is_file() and may_hold_model(file.name))
    models = [file for file in files if not file.stem.startswith("preprocessor")]
    named = [file for file in models if file.stem == "model"]
    chosen = named if len(named) == 1 else models
    if len(chosen) != 1:
        raise ImportRefused(
            f"{folder} holds no pair called model_<date>_<time>.pkl and preprocessor_<date>_<time>.pkl, and not one "
            f"model alone (files: {_listed(files)}); name the model's file."
        )
    preprocessors = [file for file in files if file.stem == "preprocessor"]
    return Source(folder, (*preprocessors[:1], chosen[0]))


def _listed(files: Iterable[Path]) -> str:
    return ", ".join(file.name for file in files) or "none"
