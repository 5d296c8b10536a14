"""Finding a Python of another version."""

import shutil
import sys
from pathlib import Path

import pytest

from vaticina.errors import MissingExtra
from vaticina.foreign.find_python import find_interpreter

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def pyenv(folder: Path, version: str, script: str) -> Path:
    """A pyenv folder with one interpreter, which is a script."""
    python = folder / "versions" / version / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    return python


def test_pyenv_is_looked_at_first(tmp_path: Path) -> None:
    python = pyenv(tmp_path, f"{HERE}.99", f'exec {sys.executable} "$@"')
    assert find_interpreter([HERE], [tmp_path], None) == (HERE, python)


def test_the_first_version_that_is_here_wins(tmp_path: Path) -> None:
    python = pyenv(tmp_path, f"{HERE}.1", f'exec {sys.executable} "$@"')
    assert find_interpreter(["3.99", HERE], [tmp_path], None) == (HERE, python)


def test_one_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / f"python{HERE}"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_interpreter([HERE], [], None) == (HERE, python)


@pytest.mark.parametrize("script", ["exit 127", "echo 3.4", "exec cat /nowhere"])
def test_a_file_that_is_no_such_interpreter_is_passed_over(tmp_path: Path, script: str) -> None:
    """pyenv puts a shim on the PATH for every version it knows, which fails unless that version is chosen."""
    pyenv(tmp_path, "3.98.0", script)
    with pytest.raises(MissingExtra):
        find_interpreter(["3.98"], [tmp_path], shutil.which("uv", path=str(Path(sys.executable).parent)))


def test_what_to_install_is_said() -> None:
    with pytest.raises(MissingExtra) as refused:
        find_interpreter(["3.98", "3.97"], [], None)
    assert "needs Python 3.98 (or 3.97)" in refused.value.message
    assert "uv python install 3.98" in refused.value.message
    assert "apt install python3.98" in refused.value.message
