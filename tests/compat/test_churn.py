"""What the document of churn asks of any server: LOG_LEVEL, DATABASE_URL, /docs and /redoc. Its model comes later."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.compat.small import ROW, make_project
from tests.compat.terminal import Served, Terminal

PORT = 8000


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("churn"), "churn")


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[Served]:
    with Terminal(project).serving(f"vaticina serve --port {PORT}", PORT) as served:
        yield served


def test_swagger(server: Served) -> None:
    page = server.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "SwaggerUIBundle" in page.text
    assert "openapi.json" in page.text


def test_redoc(server: Served) -> None:
    page = server.get("/redoc")
    assert page.headers["content-type"].startswith("text/html")
    assert '<redoc spec-url="openapi.json">' in page.text


@pytest.mark.parametrize(("level", "is_told"), [("info", True), ("INFO", True), ("error", False)])
def test_log_level(project: Path, level: str, is_told: bool) -> None:
    with Terminal(project, LOG_LEVEL=level).serving(f"vaticina serve --port {PORT}", PORT) as server:
        assert server.predict(ROW).status_code == 200
        assert ("Application startup complete" in server.log) is is_told
        assert ("serving version" in server.log) is is_told


def test_log_level_in_the_file_of_the_project(tmp_path: Path) -> None:
    folder = make_project(tmp_path, "quiet")
    (folder / ".env").write_text("LOG_LEVEL=error\n", encoding="utf-8")
    with Terminal(folder).serving(f"vaticina serve --port {PORT}", PORT) as server:
        assert "serving version" not in server.log


def test_a_log_level_that_is_none_is_refused(project: Path) -> None:
    refused = Terminal(project, LOG_LEVEL="loud").ran("vaticina serve")
    assert refused.returncode == 1
    assert "LOG_LEVEL" in refused.stderr


def test_database_url(project: Path, bare_postgres_url: str) -> None:
    terminal = Terminal(project, DATABASE_URL=bare_postgres_url)
    with terminal.serving(f"vaticina serve --port {PORT}", PORT) as server:
        uid = server.predict(ROW).headers["vaticina-prediction"]
        assert server.get("/predictions").json()["total"] == 1
    with psycopg.connect(bare_postgres_url) as connection:
        kept = connection.execute("SELECT project, uid FROM predictions").fetchall()
    assert [(name, found.replace("-", "")) for name, found in kept] == [("churn", uid.replace("-", ""))]
