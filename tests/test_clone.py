"""A clone in a folder without neighbours: all tests are collected there, and those that read files pass."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FAST = ("test_repository.py", "test_contract_inference.py", "test_m4.py", "test_isolation.py")
"""Files with tests that read the repository, its tables, its series and its old models, and take seconds."""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed, and nothing else."""
    empty = tmp_path_factory.mktemp("empty")
    config = tmp_path_factory.mktemp("git") / "config"
    config.write_text("[safe]\n\tdirectory = *\n")  # CI may not own its checkout
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(config)}
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(empty / "clone")], env=environment, check=True)
    return empty / "clone"


def ran(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in the clone, with the libraries of this environment and the clone's own code."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**inherited, "PYTHONPATH": str(clone / "src")}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


def test_it_runs_its_own_code(clone: Path) -> None:
    found = ran(clone, "-c", "import vaticina; print(vaticina.__file__)")
    assert found.stdout.strip() == str(clone / "src" / "vaticina" / "__init__.py")


@pytest.mark.parametrize("name", FAST)
def test_the_fast_part_is_there(name: str, clone: Path) -> None:
    assert list((clone / "tests").rglob(name))


@pytest.mark.slow
def test_all_tests_are_collected_and_a_fast_part_passes(clone: Path) -> None:
    """One run, because collecting takes the most time: ``-k`` chooses among all tests."""
    chosen = ("-m", "not slow and not system", "-k", " or ".join(FAST))
    run = ran(clone, "-m", "pytest", "--no-skips", "-q", "-n", "0", *chosen)
    assert run.returncode == pytest.ExitCode.OK, run.stdout + run.stderr
