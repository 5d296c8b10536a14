"""How Vaticina is installed: the commands of the page, and the command that a message gives for a missing library."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.checkout import ROOT, UV, copy_sources, make_environment
from tests.compat.terminal import Terminal, blocks, commands

pytestmark = pytest.mark.slow

PAGES = [ROOT / "docs" / "how-to" / f"install{language}.md" for language in ("", ".es")]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_sources(tmp_path_factory.mktemp("vaticina"))


@pytest.fixture
def clean(clone: Path, tmp_path: Path) -> Terminal:
    """A terminal in the clone, with an empty environment that has pip, and may ask the index."""
    python = make_environment(tmp_path / "environment", "--seed")
    terminal = Terminal(clone)
    terminal.environment["PATH"] = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    terminal.environment.pop("PIP_NO_INDEX")
    return terminal


def installed(terminal: Terminal) -> str:
    """Where the environment says that Vaticina came from."""
    program = "from importlib.metadata import distribution as d; print(d('vaticina').read_text('direct_url.json'))"
    return terminal.run(f"python -c {shlex.quote(program)}")


def command(beginning: str) -> str:
    """The first command of the page that begins so."""
    return next(line for line in commands(PAGES[0], "console") if line.startswith(beginning))


def test_both_pages_show_the_same_commands() -> None:
    for language in ("console", "toml"):
        assert blocks(PAGES[0], language) == blocks(PAGES[1], language) != []


def test_the_commands_of_a_clone_are_those_of_the_guides() -> None:
    guide = commands(ROOT / "docs" / "systems" / "medico.md")
    assert commands(PAGES[0], "console")[:4] == guide[:4]


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "README.es.md"], ids=lambda page: page.name)
def test_the_readme_shows_the_same_command(page: Path) -> None:
    assert commands(page, "console") == [command('pip install "vaticina[train] @ git+')]


def test_from_the_repository(clean: Terminal, clone: Path) -> None:
    """Without its dependencies, which would take a minute; that they can be found is what the lock shows."""
    for line in [line for line in commands(PAGES[0], "console") if "git+URL" in line]:
        clean.run(line.replace("URL", clone.as_uri()).replace("pip install", "pip install --quiet --no-deps"))
        assert '"vcs": "git"' in installed(clean)


def test_from_a_wheel(clean: Terminal, clone: Path) -> None:
    clean.run(command("pip wheel"))
    clean.run(command('pip install "dist/').replace("pip install", "pip install --quiet --no-deps"))
    assert "archive_info" in installed(clean)
    assert "listings" in clean.run("ls $(python -c 'import vaticina; print(*vaticina.__path__)')/examples")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_part_is_listed_with_its_libraries(page: Path) -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ?(.*) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    listed = {part: set(map(Requirement, re.findall(r"`([^`]+)`", cell))) for part, cell in rows}
    assert listed.pop("all") == set()
    assert listed == {part: set(map(Requirement, lines)) for part, lines in EXTRAS.items() if part != "all"}


@pytest.mark.parametrize("options", [[], ["--seed"]], ids=["made by uv, without pip", "with pip"])
def test_the_command_for_a_missing_library_installs_it(clone: Path, tmp_path: Path, options: list[str]) -> None:
    python = make_environment(tmp_path / "an environment", *options)
    subprocess.run([UV, "pip", "install", "--quiet", "--no-deps", "--python", python, clone], check=True)
    program = "from vaticina.errors import MissingExtra; print(MissingExtra.of('skops.io', 'model.skops').message)"
    message = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout
    assert message.startswith("model.skops needs skops.io, which is not installed; install it with: ")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # where uv is
    line = f"{message.partition('install it with: ')[2].strip()} --no-deps"
    subprocess.run(["/bin/sh", "-c", line], check=True, env={**os.environ, "PATH": path})
    subprocess.run([python, "-c", "from importlib.metadata import version; version('skops')"], check=True)
