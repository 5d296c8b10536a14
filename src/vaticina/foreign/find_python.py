"""Finds a Python of another version on this machine; none is ever downloaded."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from vaticina.errors import MissingExtra

PROBE = "import sys; print('%d.%d' % sys.version_info[:2])"


def find_interpreter(versions: Sequence[str], roots: Sequence[Path], uv: str | None) -> tuple[str, Path]:
    """The first of ``versions`` (like ``3.10``) that is here, and where: pyenv's below ``roots``, PATH, uv's own.

    Raises:
        MissingExtra: there is none; the message says what to install.
    """
    for version in versions:
        for candidate in _candidates(version, roots, uv):
            if _is(candidate, version):
                return version, candidate
    best = versions[0]
    others = f" (or {', '.join(versions[1:])})" if len(versions) > 1 else ""
    raise MissingExtra(
        f"This model needs Python {best}{others} to be read, and none is on this machine; install one, for example: "
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
        found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- uv of our own
        if not found.returncode:
            yield Path(found.stdout.strip())


def _is(candidate: Path, version: str) -> bool:
    """Whether ``candidate`` runs and is of that version: a pyenv shim is a file that may run nothing."""
    try:
        ran = subprocess.run(  # noqa: S603 -- asked for its version, isolated
            [str(candidate), "-I", "-c", PROBE], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0 and ran.stdout.strip() == version
