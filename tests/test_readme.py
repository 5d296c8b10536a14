"""The READMEs: their commands run, word for word, in a folder like a checkout, and the answers are as shown."""

import json
import shutil
import sys
import time
import tomllib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.compat.terminal import ROOT, Served, Terminal, blocks, commands
from tests.real_tables import csv_file

README, LEEME = ROOT / "README.md", ROOT / "README.es.md"
PORT = 8000
ROWS = 2_000
"""Rows of adult.csv that are enough to see the commands work."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``make run`` needs of a checkout, with the environment of the tests in the place of a new one."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy2(ROOT / name, folder)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "installed").touch()
    with csv_file("adult/adult_train.csv").open(encoding="utf-8") as file:
        (folder / "adult.csv").write_text("".join(islice(file, ROWS + 1)), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def terminal(checkout: Path) -> Terminal:
    """The environment stands already, which is what the stamp of ``make run`` says."""
    return Terminal(checkout, MAKEFLAGS="-- RUN_STAMP=installed")


@pytest.fixture(scope="module")
def server(terminal: Terminal) -> Iterator[Served]:
    with serving(terminal, "make run") as served:
        yield served


def serving(terminal: Terminal, line: str) -> Any:
    """The server that ``line`` starts; a port that is not the documented one is told by PORT."""
    return terminal.serving(f"PORT={PORT} {line}", PORT)


def test_both_show_the_same_code() -> None:
    for language in ("sh", "toml", "json"):
        assert blocks(README, language) == blocks(LEEME, language) != []


def test_the_commands_are_these() -> None:
    make, curl, activate, *vaticina = commands(README)
    assert make == "make run"
    assert curl.startswith("curl http://localhost:8000/predict ")
    assert activate == ". .venv/bin/activate"
    assert [line.split()[:2] for line in vaticina] == [["vaticina", verb] for verb in ("init", "train", "serve")]


@pytest.mark.slow
def test_make_run_serves_and_curl_is_answered_as_shown(server: Served, terminal: Terminal) -> None:
    answer = json.loads(terminal.run(commands(README)[1].replace(str(PORT), str(server.port))))
    (shown,) = (json.loads(block) for block in blocks(README, "json"))
    assert list(answer) == list(shown)
    assert (answer["prediccion"], answer["entrada"]) == (shown["prediccion"], shown["entrada"])
    assert answer["probabilidad"] == pytest.approx(shown["probabilidad"], abs=0.01)
    assert len(answer["timestamp"]) == len(shown["timestamp"])
    assert server.get("/predictions").json()["predicciones"][0]["timestamp"] == answer["timestamp"]
    assert server.get("/docs").status_code == 200


@pytest.mark.slow
def test_make_run_prints_where_it_answers_and_a_line_that_works(server: Served, terminal: Terminal) -> None:
    lines = dict(line.split(maxsplit=1) for line in server.log.splitlines() if line[:4] in ("URL ", "Docs", "Try "))
    assert lines["URL"] == server.url
    assert lines["Docs"] == f"{server.url}/docs"
    assert json.loads(terminal.run(lines["Try"]))["prediccion"] == "ENFERMEDAD CRÓNICA"


@pytest.mark.slow
def test_the_contract_shown_is_the_one_that_is_served(server: Served, checkout: Path) -> None:
    (shown,) = (tomllib.loads(block) for block in blocks(README, "toml"))
    real = tomllib.loads((checkout / "medico" / "project.toml").read_text(encoding="utf-8"))
    assert_within(shown, real)
    assert shown["inputs"].keys() == real["inputs"].keys()
    assert shown["outputs"] == real["outputs"]


def assert_within(part: Any, whole: Any) -> None:
    if isinstance(part, dict):
        for name, value in part.items():
            assert_within(value, whole[name])
    else:
        assert part == whole


@pytest.mark.slow
def test_a_second_make_run_starts_in_seconds(server: Served, terminal: Terminal, checkout: Path) -> None:
    before = sorted(path.name for path in (checkout / "medico" / ".vaticina" / "registry").rglob("*"))
    begun = time.monotonic()
    with serving(terminal, "make run") as again:
        assert again.port != server.port
        assert time.monotonic() - begun < 30  # a training alone takes longer on this machine; idle, this takes three
    assert sorted(path.name for path in (checkout / "medico" / ".vaticina" / "registry").rglob("*")) == before


@pytest.mark.slow
def test_a_csv_file_becomes_a_server(terminal: Terminal) -> None:
    activate, init, train, serve = commands(README)[2:]
    told = terminal.run(f"{activate} && {init}")
    assert "income/project.toml was learnt" in told
    assert "leak suspect" not in told
    assert "promoted" in terminal.run(f"{activate} && {train}")
    with serving(terminal, serve) as server:
        (line,) = [line.split(maxsplit=1)[1] for line in server.log.splitlines() if line.startswith("Try ")]
        answer = json.loads(terminal.run(line))
        assert list(answer) == ["prediction", "probability"]
        assert answer["prediction"] in ("<=50K", ">50K")
        assert server.get("/predictions").json()["total"] == 1
