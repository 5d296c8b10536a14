"""What the tests marked ``system`` need of the machine: ``python -m tests.system``, as root, installs what it lacks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from vaticina.errors import MissingExtra
from vaticina.foreign.find_python import find_interpreter

PACKAGES = ("wrk",)
"""Debian packages, each with a command of its name."""

PYTHONS = ("3.9", "3.10", "3.13")
"""Versions of Python: models of old versions are read by those that made them, and mongoeco runs on 3.13."""

NEEDS = (*PACKAGES, *(f"python{version}" for version in PYTHONS))
"""What ``pytest.mark.system`` may name."""

UV = str(Path(sys.executable).with_name("uv"))
PLACES = {"UV_PYTHON_INSTALL_DIR": "/opt/pythons", "UV_PYTHON_BIN_DIR": "/usr/local/bin"}
"""Where an installed Python stands, and the command of its version, for every user of the machine."""


def find_python(version: str) -> Path | None:
    """The interpreter of a version like 3.13 on this machine; None if there is none."""
    try:
        return find_interpreter([version], [Path.home() / ".pyenv"], UV)[1]
    except MissingExtra:
        return None


def is_here(need: str) -> bool:
    """Whether this machine has one of ``NEEDS``."""
    if need in PACKAGES:
        return shutil.which(need) is not None
    return find_python(need.removeprefix("python")) is not None


def main() -> None:
    """Installs what is missing.

    Raises:
        SystemExit: the caller is not root, or an installer failed.
    """
    packages = [package for package in PACKAGES if not is_here(package)]
    versions = [version for version in PYTHONS if find_python(version) is None]
    if (packages or versions) and os.geteuid():
        raise SystemExit(f"error: {', '.join([*packages, *versions])} can only be installed by root: sudo make system")
    if packages:
        _run("apt-get", "update", "--quiet")
        _run("apt-get", "install", "--quiet", "--yes", "--no-install-recommends", *packages)
    if versions:
        _run(UV, "python", "install", *versions)
    print(f"system: {', '.join(NEEDS)} are on this machine")


def _run(*command: str) -> None:
    if shutil.which(command[0]) is None:
        raise SystemExit(f"error: {command[0]} is not on this machine; install {', '.join(NEEDS)} by other means")
    environment = {**os.environ, **PLACES, "DEBIAN_FRONTEND": "noninteractive"}
    if subprocess.run(command, env=environment, check=False).returncode:
        raise SystemExit(f"error: {' '.join(command)} failed; its output stands above")


if __name__ == "__main__":
    main()
