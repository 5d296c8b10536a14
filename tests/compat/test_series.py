"""What the document of series asks of any project: a clone that works, and many predictions in one request."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compat.small import ROW, make_project
from tests.compat.terminal import ROOT, Served, Terminal

PORT = 8000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    project = make_project(tmp_path_factory.mktemp("series"), "series")
    with Terminal(project).serving(f"vaticina serve --port {PORT}", PORT) as served:
        yield served


def test_clone(tmp_path: Path) -> None:
    """``git clone …; cd …``: the clone holds all that the first commands of the README need."""
    (tmp_path / "gitconfig").write_text("[safe]\n\tdirectory = *\n")
    terminal = Terminal(tmp_path, GIT_CONFIG_GLOBAL=str(tmp_path / "gitconfig"))
    terminal.run(f"git clone '{ROOT}' vaticina")
    needed = ["README.md", "README.es.md", "LICENSE", "Makefile", "pyproject.toml", "requirements/lock.txt"]
    needed += ["requirements/uv.txt", "src/vaticina/examples/medico/project.toml"]
    assert sorted(terminal.run("cd vaticina && ls " + " ".join(needed)).split()) == sorted(needed)


def test_a_list_of_rows_is_one_request(server: Served) -> None:
    rows = [{**ROW, "age": age} for age in range(20, 80)]
    heard = server.predict(rows)
    assert len(heard.json()) == len(rows)
    assert [one["prediction"] for one in (heard.json()[0], heard.json()[-1])] == ["low", "high"]
    uids = heard.headers["vaticina-prediction"].split(",")
    assert len(set(uids)) == len(rows)
    listed = server.get("/predictions?limit=1000").json()
    assert [entry["input"]["age"] for entry in listed["predictions"]] == [row["age"] for row in rows][::-1]
    alone = server.predict(rows[7]).json()
    assert alone["prediction"] == heard.json()[7]["prediction"]
    assert alone["probability"] == pytest.approx(heard.json()[7]["probability"])


def test_a_list_with_one_bad_row_is_refused_whole(server: Served) -> None:
    before = server.get("/predictions").json()["total"]
    refused = server.predict([ROW, {**ROW, "age": 121}, ROW])
    assert refused.status_code == 422
    assert [(error["row"], error["field"]) for error in refused.json()["errors"]] == [(1, "age")]
    assert server.get("/predictions").json()["total"] == before
