"""The example listings with Poetry, in a clone: poetry install and poetry run, as its guide has it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import UV, copy_sources, index_url, make_environment
from tests.compat.items import PORT, contract, items
from tests.compat.terminal import ROOT, Served, Terminal, commands
from tests.compat.walks import GUIDES

pytestmark = pytest.mark.slow

PAGES = [GUIDES / "listings.md", GUIDES / "listings.es.md"]


def documented(page: Path) -> list[str]:
    """The lines of the guide that use Poetry."""
    return [line for line in commands(page, "console") if "poetry" in line]


@pytest.fixture(scope="module")
def poetry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Poetry's own command: it cannot live with the development's other libraries."""
    place = tmp_path_factory.mktemp("poetry") / "env"
    python = make_environment(place)
    lock = ROOT / "requirements" / "poetry.txt"
    subprocess.run([UV, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock], check=True)
    tool = tmp_path_factory.mktemp("bin")
    (tool / "poetry").symlink_to(python.with_name("poetry"))
    return tool


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project in a clone, as the guide makes it; its model trains in a moment."""
    clone = copy_sources(tmp_path_factory.mktemp("clone"))
    Terminal(clone).run("vaticina init listings --example listings")
    folder = clone / "listings"
    (folder / "project.toml").write_text(contract(), encoding="utf-8")
    (folder / "data").mkdir()
    items(400).to_csv(folder / "data" / "train.csv", index=False)
    items(60).to_parquet(folder / "data" / "test_data.parquet")
    return folder


@pytest.fixture(scope="module")
def terminal(project: Path, poetry: Path) -> Terminal:
    """A reader's terminal: no environment is active, and Poetry makes its own in the project's folder.

    Poetry asks the index that pip asks here, in the way that every index answers.
    """
    terminal = Terminal(
        project,
        PATH=os.pathsep.join([str(poetry), os.environ["PATH"]]),
        POETRY_VIRTUALENVS_IN_PROJECT="true",
        POETRY_PYPI_MIRROR_URL=index_url(),
    )
    for active in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        terminal.environment.pop(active, None)
    return terminal


@pytest.fixture(scope="module")
def installed(terminal: Terminal) -> str:
    """What ``poetry install`` printed."""
    return terminal.run(documented(PAGES[0])[0])


@pytest.fixture(scope="module")
def server(terminal: Terminal, installed: str) -> Iterator[Served]:
    _, train, serve, _ = documented(PAGES[0])
    terminal.run(train)
    with terminal.serving(f"PORT={PORT} {serve}", PORT) as served:
        yield served


def test_both_guides_say_the_same() -> None:
    assert documented(PAGES[0]) == documented(PAGES[1])
    assert len(documented(PAGES[0])) == 4


def test_poetry_install(terminal: Terminal, project: Path, installed: str) -> None:
    """Vaticina comes from the clone, and everything else has the version of the committed lock."""
    assert f"Installing vaticina (0.1.0 {project.parent})" in installed
    assert (project / ".venv").is_dir()
    assert "All set!" in terminal.run("poetry check --lock")
    assert "0 installs, 0 updates, 0 removals" in terminal.run("poetry install --dry-run")
    where = terminal.run("poetry run python -c 'import vaticina; print(vaticina.__file__)'")
    assert Path(where.strip()).is_relative_to(project.parent / "src")


def test_poetry_run_python_servidor(server: Served) -> None:
    health = server.get("/health").json()
    assert (health["status"], health["model_loaded"]) == ("healthy", True)
    assert f"Uvicorn running on http://0.0.0.0:{server.port}" in server.log


def test_poetry_run_python_cliente(terminal: Terminal, server: Served) -> None:
    line = documented(PAGES[0])[3]
    assert line == "SERVER_HOST=localhost poetry run python cliente.py"
    answers = terminal.run(line.replace("localhost", f"localhost:{server.port}")).splitlines()
    assert len(answers) == 100
    assert all(answer.startswith("Respuesta solicitud: {'prediction': '") for answer in answers)
