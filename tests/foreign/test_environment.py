"""Environments of other versions, on real interpreters and real packages."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.foreign.conftest import OLD, PYENV
from tests.foreign_artefacts import needs_python_3_10
from vaticina.errors import ImportRefused, MissingExtra
from vaticina.foreign.environment import Environment, ensure_environment, remove_abandoned
from vaticina.foreign.pins import EnvironmentSpec

VERSIONS = "import sys, sklearn, numpy; print(sys.version_info[:2], sklearn.__version__, numpy.__version__)"


@needs_python_3_10
def test_it_has_the_versions_asked_for(old: Environment) -> None:
    ran = subprocess.run([old.python, "-I", "-c", VERSIONS], capture_output=True, text=True, check=True)
    assert ran.stdout == "(3, 10) 1.0.2 1.22.4\n"


@needs_python_3_10
def test_it_is_made_once(old: Environment, environments: Path) -> None:
    created = old.python.stat(follow_symlinks=False).st_ctime_ns
    again = ensure_environment(OLD, environments, PYENV)
    assert again == old
    assert again.python.stat(follow_symlinks=False).st_ctime_ns == created
    assert not list(environments.glob(".making-*"))


@needs_python_3_10
def test_another_pin_is_another_environment(old: Environment, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as refused:
        ensure_environment(EnvironmentSpec(OLD.pythons, ("numpy==0.0.1",)), tmp_path / "new", PYENV)
    assert "numpy" in refused.value.message
    assert "--with" in refused.value.message
    assert not list((tmp_path / "new").iterdir())  # nothing half made stays behind


def test_no_such_python(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra, match=r"needs Python 3\.98"):
        ensure_environment(EnvironmentSpec(("3.98",), OLD.pins), tmp_path, PYENV)


def test_what_a_killed_process_had_begun_is_removed_a_day_later(tmp_path: Path) -> None:
    abandoned, begun = tmp_path / ".making-old", tmp_path / ".making-new"
    for folder in (abandoned, begun):
        (folder / "environment").mkdir(parents=True)
    two_days_ago = abandoned.stat().st_mtime - 2 * 24 * 3_600
    os.utime(abandoned, (two_days_ago, two_days_ago))
    remove_abandoned(tmp_path)
    assert list(tmp_path.iterdir()) == [begun]
