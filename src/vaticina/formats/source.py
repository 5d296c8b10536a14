"""Which files hold the model: a file, a pair of files, or the newest complete pair of a folder."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vaticina.contract.bundle import sha256
from vaticina.errors import ImportRefused

STAMPED = re.compile(r"(?P<part>model|preprocessor)_(?P<stamp>\d{8}_\d{6})\.(?P<end>pkl|pickle|joblib|skops)")
"""``model_20250717_214053.pkl`` and its ``preprocessor_20250717_214053.pkl``."""

ENDS = ("pkl", "pickle", "joblib", "skops", "onnx", "txt", "json", "ubj")
"""The ends of files that may hold a model."""


@dataclass(frozen=True, slots=True)
class Artefacts:
    """The files of one model: the ``model`` itself, and the ``preprocessor`` that stands before it, if any."""

    model: Path
    preprocessor: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files in the order in which a row passes them."""
        return (self.model,) if self.preprocessor is None else (self.preprocessor, self.model)

    def fingerprint(self) -> dict[str, str]:
        """Each file's name and the sha256 of its bytes. Raises ImportRefused."""
        return fingerprint(self.files)


def read(file: Path) -> bytes:
    """The bytes of ``file``. Raises ImportRefused."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{file} cannot be read: {error.strerror}.") from None


def find_artefacts(place: Path, preprocessor: Path | None = None) -> Artefacts:
    """The artefacts at ``place``: a file, or a folder that holds one pair or one model.

    In a folder the newest complete pair by the time in its names is taken; without such names, ``model.*`` with
    ``preprocessor.*`` beside it, or the only model there is.

    Raises:
        ImportRefused: there is nothing to take, or more than one thing.
    """
    if place.is_file():
        return Artefacts(place, preprocessor)
    if not place.is_dir():
        raise ImportRefused(f"{place} does not exist; name a model's file, or a folder of artefacts.")
    pairs = stamped_pairs(place)
    if pairs:
        return pairs[-1]
    return _plain(place)


def stamped_pairs(folder: Path) -> list[Artefacts]:
    """The complete pairs of ``folder`` whose names tell their time, the newest last."""
    found: dict[str, dict[str, Path]] = {}
    for file in folder.iterdir():
        match = STAMPED.fullmatch(file.name)
        if match and file.is_file():
            found.setdefault(match["stamp"], {})[match["part"]] = file
    return [Artefacts(parts["model"], parts["preprocessor"]) for _, parts in sorted(found.items()) if len(parts) == 2]


def newest_files(folder: Path) -> tuple[Path, ...]:
    """The files of the artefacts in ``folder``; none while it holds no complete ones."""
    try:
        return find_artefacts(folder).files if folder.is_dir() else ()
    except (ImportRefused, OSError):
        return ()


def fingerprint(files: Sequence[Path]) -> dict[str, str]:
    """Each file's name and the sha256 of its bytes. Raises ImportRefused."""
    return {file.name: sha256(read(file)) for file in files}


def _plain(folder: Path) -> Artefacts:
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.suffix.lstrip(".") in ENDS)
    models = [file for file in files if not file.stem.startswith("preprocessor")]
    named = [file for file in models if file.stem == "model"]
    chosen = named if len(named) == 1 else models
    if len(chosen) != 1:
        told = ", ".join(file.name for file in files) or "none"
        raise ImportRefused(
            f"{folder} holds no pair called model_<date>_<time>.pkl and preprocessor_<date>_<time>.pkl, and not one "
            f"model alone (files: {told}); name the model's file."
        )
    before = [file for file in files if file.stem == "preprocessor"]
    return Artefacts(chosen[0], before[0] if before else None)
