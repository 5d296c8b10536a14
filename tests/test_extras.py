"""The command that a message gives for a missing library: it names the right libraries, and it works."""

import shlex
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from vaticina.errors import MissingExtra
from vaticina.extras import EXTRA_OF, SINGLE, how_to_install, requirements

ROOT = Path(__file__).parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
NAMED = sorted(EXTRAS.keys() - {"all"})


def command(module: str) -> list[str]:
    """The words of the command for ``module``."""
    return shlex.split(how_to_install(module).removeprefix("install it with: "))


@pytest.mark.parametrize("extra", NAMED)
def test_the_requirements_of_an_extra_are_those_of_the_project_file(extra: str) -> None:
    assert set(map(Requirement, requirements(extra))) == set(map(Requirement, EXTRAS[extra]))


def test_every_extra_is_brought_by_some_module() -> None:
    assert set(EXTRA_OF.values()) == set(NAMED)


@pytest.mark.parametrize("module", EXTRA_OF)
def test_the_command_can_be_run_here(module: str) -> None:
    """pip finds everything in this environment, where all extras are; it asks no index."""
    assert find_spec(module), "the development environment holds every extra"
    words = [*command(module), "--dry-run", "--no-index"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "Would install" not in ran.stdout


def test_the_command_is_for_the_interpreter_that_misses_the_library() -> None:
    assert command("lightgbm") == [sys.executable, "-m", "pip", "install", "lightgbm>=4.5"]


def test_no_message_names_the_project_as_a_package() -> None:
    """No index has it, so a stranger could put something there under its name."""
    assert not [module for module in EXTRA_OF if any("vaticina" in word for word in command(module)[3:])]


def test_a_module_of_no_extra_is_named_alone() -> None:
    assert [command(module)[-1] for module in SINGLE] == ["lz4"]


EXAMPLES = {
    "churn": ("train", "lightgbm"),
    "contugas": ("train", "s3", "isolated"),
    "listings": ("train", "autogluon", "parquet", "replay"),
    "medico": ("train",),
    "series": ("train", "mongodb"),
}
"""The extras that each example needs."""


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_requirements_of_an_example_can_be_installed(example: str) -> None:
    """They name the libraries of its extras, and not Vaticina, which no index has."""
    file = ROOT / "src" / "vaticina" / "examples" / example / "requirements.txt"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert lines == [line for extra in EXAMPLES[example] for line in EXTRAS[extra]]
    words = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "-r", str(file)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "Would install" not in ran.stdout


def test_an_unknown_module_gets_no_command() -> None:
    error = MissingExtra.of("catboost.core", "model.pkl")
    expected = (
        "model.pkl needs catboost.core, which is not installed; install the package that holds the module catboost"
    )
    assert error.message == expected
