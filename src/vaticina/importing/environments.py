"""Environments of other versions, made once and kept."""

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from vaticina.errors import ImportRefused, MissingExtra
from vaticina.importing.interpreters import find_interpreter
from vaticina.importing.pins import Wanted

PYTHON = Path("bin", "python")
"""Where an environment has its interpreter."""


@dataclass(frozen=True, slots=True)
class Environment:
    """``python`` is the interpreter in it, of ``version``; ``pins`` are what was installed."""

    python: Path
    version: str
    pins: tuple[str, ...]


def environment(wanted: Wanted, folder: Path, roots: tuple[Path, ...]) -> Environment:
    """The environment ``wanted`` below ``folder``, made if it is not there: its name is the hash of what is in it.

    Only wheels are installed, so that nothing of a package runs while it is. ``roots`` are pyenv's folders.

    Raises:
        MissingExtra: uv or a fitting Python is not on this machine.
        ImportRefused: the pins cannot be installed.
    """
    for version in wanted.pythons:
        place = _place(folder, version, wanted.pins)
        if (place / PYTHON).exists():
            return Environment(place / PYTHON, version, wanted.pins)
    uv = _uv()
    version, interpreter = find_interpreter(wanted.pythons, roots, uv)
    place = _place(folder, version, wanted.pins)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make(uv, interpreter, wanted.pins, place)
    return Environment(place / PYTHON, version, wanted.pins)


def _place(folder: Path, version: str, pins: tuple[str, ...]) -> Path:
    return folder / hashlib.sha256("\n".join((version, *pins)).encode()).hexdigest()[:16]


def _uv() -> str:
    if find_spec("uv") is None:
        raise MissingExtra.of("uv", "A model of other versions")
    import uv

    return str(uv.find_uv_bin())


def _make(uv: str, interpreter: Path, pins: tuple[str, ...], place: Path) -> None:
    """Made aside and moved into its place whole: two who make it at once both end with one that is complete."""
    aside = Path(tempfile.mkdtemp(prefix=".making-", dir=place.parent)) / "environment"
    try:
        _run([uv, "venv", "--quiet", "--no-project", "--no-python-downloads", "--python", str(interpreter), str(aside)])
        install = [uv, "pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(aside / PYTHON)]
        _run([*install, *pins])
        with contextlib.suppress(OSError):  # another was faster
            aside.rename(place)
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)


def _run(command: list[str]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- uv of our own
    if ran.returncode:
        why = " ".join(ran.stderr.split())[-400:] or "uv does not say why"
        raise ImportRefused(
            f"An environment of the model's versions cannot be made: {why}; name others with --python and --with."
        )
