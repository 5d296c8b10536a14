"""Virtual environments with other versions, made once and kept in a folder."""

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from vaticina.errors import ImportRefused, MissingExtra
from vaticina.foreign.find_python import find_interpreter
from vaticina.foreign.pins import EnvironmentSpec

PYTHON = Path("bin", "python")
"""The interpreter, within the folder of an environment."""


MAKING = ".making-"
"""How the name of an environment begins that is being made."""

ABANDONED_SECONDS = 24 * 3_600


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment: ``python`` is its interpreter, of ``version``; ``pins`` are what is installed in it."""

    python: Path
    version: str
    pins: tuple[str, ...]


def ensure_environment(spec: EnvironmentSpec, folder: Path, roots: tuple[Path, ...]) -> Environment:
    """The environment ``spec`` below ``folder``, made if it is not there. Its name is a hash of what it holds.

    Only wheels are installed, so that no code of a package runs meanwhile. ``roots`` are pyenv's folders.

    Raises:
        MissingExtra: uv or a fitting Python is not on this machine.
        ImportRefused: the pins cannot be installed.
    """
    for version in spec.pythons:
        place = _place(folder, version, spec.pins)
        if (place / PYTHON).exists():
            return Environment(place / PYTHON, version, spec.pins)
    uv = _uv()
    version, interpreter = find_interpreter(spec.pythons, roots, uv)
    place = _place(folder, version, spec.pins)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    remove_abandoned(folder)
    _make(uv, interpreter, spec.pins, place)
    return Environment(place / PYTHON, version, spec.pins)


def _place(folder: Path, version: str, pins: tuple[str, ...]) -> Path:
    return folder / hashlib.sha256("\n".join((version, *pins)).encode()).hexdigest()[:16]


def _uv() -> str:
    if find_spec("uv") is None:
        raise MissingExtra.of("uv", "A model of other versions")
    import uv

    return str(uv.find_uv_bin())


def _make(uv: str, interpreter: Path, pins: tuple[str, ...], place: Path) -> None:
    """Makes the environment in a folder of its own, then moves it to ``place``.

    So it is complete as soon as it is there, also when two processes make it at the same time.
    """
    aside = Path(tempfile.mkdtemp(prefix=MAKING, dir=place.parent)) / "environment"
    try:
        _run([uv, "venv", "--quiet", "--no-project", "--no-python-downloads", "--python", str(interpreter), str(aside)])
        install = [uv, "pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(aside / PYTHON)]
        _run([*install, *pins])
        with contextlib.suppress(OSError):  # another process was faster
            aside.rename(place)
    finally:
        shutil.rmtree(aside.parent, ignore_errors=True)


def remove_abandoned(folder: Path) -> None:
    """Removes environments in ``folder`` that were begun a day ago or earlier: whoever made them was killed."""
    for begun in folder.glob(f"{MAKING}*"):
        with contextlib.suppress(OSError):  # another process was faster
            if time.time() - begun.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(begun, ignore_errors=True)


def _run(command: list[str]) -> None:
    completed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- uv of our own
    if completed.returncode:
        reason = " ".join(completed.stderr.split())[-400:] or "uv does not say why"
        raise ImportRefused(
            f"An environment of the model's versions cannot be made: {reason}; name others with --python and --with."
        )
