"""Projects to work in, and no variable of the machine that runs the tests."""

import shutil
from pathlib import Path

import pytest

from tests.cli.shell import done, write_project
from tests.variables import VARIABLES


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs in a folder of its own, with a wide terminal and none of our variables."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def untrained(tmp_path: Path) -> Path:
    """The folder of a project without a version."""
    return write_project(tmp_path / "risk")


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained project; copy it."""
    folder = write_project(tmp_path_factory.mktemp("trained") / "risk")
    done("train", folder)
    return folder


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """The folder of a project with a version in production."""
    return Path(shutil.copytree(trained_once, tmp_path / "risk"))
