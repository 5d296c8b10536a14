"""Finds a Python of another version on this machine. It never downloads one."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from vaticina.errors import MissingExtra

PROBE = "import sys; print('%d.%d' % sys.version_info[:2])"
"""The program by which an interpreter tells its version."""


def find_interpreter(versions: Sequence[str], roots: Sequence[Path], uv: str | None) -> tuple[str, Path]:
    """The first of ``versions`` (like ``3.10``) that is on this machine, and its interpreter.

    It is looked for in pyenv's folders ``roots``, on the PATH, and among uv's own, in this order.

    Raises:
        MissingExtra: there is none; the message says what to install.
    """
    for version in versions:
        for candidate in _candidates(version, roots, uv):
            if _has_version(candidate, version):
                return version, candidate
    best, *others = versions
    choices = best
    if others:
        choices += f" (or {', '.join(others)})"
    raise MissingExtra(
        f"This model needs Python {choices} to be read, and none is on this machine; install one, for example: "
        f"uv python install {best}, pyenv install {best}, or sudo apt install python{best} python{best}-venv."
    )


def _candidates(version: str, roots: Sequence[Path], uv: str | None) -> Iterator[Path]:
    for root in roots:
        yield from sorted(root.glob(f"versions/{version}.*/bin/python"), reverse=True)
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    if uv:
        command = [uv, "python", "find", "--managed-python", "--no-python-downloads", version]
        completed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- uv of our own
        if not completed.returncode:
            yield Path(completed.stdout.strip())


def _has_version(candidate: Path, version: str) -> bool:
    """Whether ``candidate`` runs and has that version: a shim of pyenv is a file that may run nothing."""
    try:
        completed = subprocess.run(  # noqa: S603 -- asked for its version, isolated
            [str(candidate), "-I", "-c", PROBE], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return completed.returncode == 0 and completed.stdout.strip() == version
