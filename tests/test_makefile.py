"""What ``make`` would run: the demo installs what it needs, the tests the rest, and neither takes from the other."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEMO, ALL = ".venv/.installed-run", ".venv/.installed"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What make needs of a checkout, all of it older than any stamp."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy2(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / ".venv").mkdir()
    for file in tmp_path.rglob("*.t*"):
        os.utime(file, (1, 1))
    return tmp_path


def installed(checkout: Path, verb: str) -> list[str]:
    """The lists of requirements that ``make verb`` would install, without uv's own."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "CI")}
    command = ["make", "--dry-run", verb]
    ran = subprocess.run(command, cwd=checkout, env=inherited, capture_output=True, text=True, check=True)
    lines = [line for line in ran.stdout.splitlines() if "/uv pip " in line]
    return [word for line in lines for word in line.split() if word.startswith("requirements/")]


def stamp(checkout: Path, name: str, seconds: int) -> None:
    (checkout / name).touch()
    os.utime(checkout / name, (seconds, seconds))


def test_the_demo_installs_its_own_list_alone(checkout: Path) -> None:
    assert installed(checkout, "run") == ["requirements/run.txt"]


@pytest.mark.parametrize("verb", ["setup", "test", "check", "bench"])
def test_the_other_verbs_install_the_rest_after_it(checkout: Path, verb: str) -> None:
    assert installed(checkout, verb) == ["requirements/run.txt", "requirements/lock.txt"]
    stamp(checkout, DEMO, 10)
    assert installed(checkout, verb) == ["requirements/lock.txt"]


def test_once_all_is_there_nothing_is_installed_again(checkout: Path) -> None:
    stamp(checkout, DEMO, 10)
    stamp(checkout, ALL, 20)
    assert installed(checkout, "run") == installed(checkout, "test") == []


def test_a_new_lock_is_installed_by_who_needs_it(checkout: Path) -> None:
    stamp(checkout, DEMO, 10)
    stamp(checkout, ALL, 20)
    os.utime(checkout / "requirements" / "lock.txt", (30, 30))
    assert installed(checkout, "run") == []
    assert installed(checkout, "test") == ["requirements/lock.txt"]


def test_the_demo_takes_nothing_away(checkout: Path) -> None:
    """uv's ``sync`` removes what a list does not name; ``install`` leaves it."""
    text = (checkout / "Makefile").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "uv pip" in line and "requirements/run.txt" in line]
    assert " pip install " in line
