import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread

import pytest

from tests.api.clinic import ROW, VERSION, Published, open_app, project, served, service, wait_until
from tests.api.wire import Heard, ask, predict
from tests.history.memory import MemoryHistory
from vaticina.contract import Record
from vaticina.contract.seen_range import NONE_OUTSIDE, OutsideCounts
from vaticina.errors import HistoryUnavailable
from vaticina.history.migrate import upgrade
from vaticina.history.sql import SqlHistory, open_history


class Absent(MemoryHistory):
    """A history that can go away; what it says of itself is for the log."""

    away = True

    def ping(self) -> None:
        if self.away:
            raise HistoryUnavailable("postgresql db.internal:5432 refuses user scott")

    def append(self, records: Sequence[Record], outside: OutsideCounts = NONE_OUTSIDE) -> None:
        self.ping()
        super().append(records)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[SqlHistory]:
    url = f"sqlite:///{tmp_path / 'history.db'}"
    upgrade(url)
    found = open_history(url)
    yield found
    found.close()


def health(port: int) -> tuple[int, dict[str, object]]:
    heard = ask(port, "GET", "/health")
    return heard.status, heard.json()


def test_a_server_of_several_projects_tells_their_health_together() -> None:
    lame = Published(promoted=None)
    with served(open_app(service(), service(project("ward"), lame))) as port:
        heard = ask(port, "GET", "/health")
        assert (heard.status, heard.json()["status"]) == (200, "degraded"), "one of them predicts"
        assert {name: told["status"] for name, told in heard.json()["projects"].items()} == {
            "clinic": "healthy",
            "ward": "unhealthy",
        }
        heard = ask(port, "GET", "/health/ready")
        assert (heard.status, heard.json()) == (503, {"status": "not ready", "projects": ["ward"]})
        lame.promoted = VERSION
        wait_until(lambda: ask(port, "GET", "/health/ready").status == 200)
        assert ask(port, "GET", "/health").json()["status"] == "healthy"
    with served(open_app(*(service(project(name), Published(promoted=None)) for name in ("a", "b")))) as port:
        heard = ask(port, "GET", "/health")
        assert (heard.status, heard.json()["status"]) == (503, "unhealthy")


def test_all_is_well(port: int) -> None:
    assert health(port) == (
        200,
        {"status": "healthy", "database": "connected", "model_loaded": True, "version": VERSION},
    )
    assert ask(port, "GET", "/health/live").json() == {"status": "live"}
    assert ask(port, "GET", "/health/ready").json() == {"status": "ready"}


def test_without_a_model_it_is_unhealthy_and_not_ready_but_alive_and_the_rest_answers() -> None:
    with served(open_app(service(published=Published(None)))) as port:
        status, found = health(port)
        assert (status, found["status"], found["model_loaded"], found["version"]) == (503, "unhealthy", False, None)
        assert ask(port, "GET", "/health/live").status == 200
        ready = ask(port, "GET", "/health/ready")
        assert (ready.status, ready.json()) == (503, {"status": "not ready"})
        heard = predict(port, ROW)
        assert (heard.status, heard.json()["code"]) == (503, "model_unavailable")
        assert (ask(port, "GET", "/model/info").status, ask(port, "GET", "/predictions").status) == (503, 200)
        assert ask(port, "GET", "/openapi.json").json()["paths"]["/predict"]
        assert ask(port, "GET", "/docs").status == 200


def test_without_its_database_a_project_that_commits_is_unhealthy_and_recovers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    history = Absent()
    with served(open_app(service(history=history))) as port:
        status, found = health(port)
        assert (status, found["status"], found["database"], found["model_loaded"]) == (
            503,
            "unhealthy",
            "disconnected",
            True,
        )
        for _ in range(3):
            heard = predict(port, ROW)
            assert (heard.status, heard.json()["code"]) == (503, "history_unavailable")
            assert "scott" not in heard.body.decode()
        assert ask(port, "GET", "/health/ready").status == 503
        assert ask(port, "GET", "/health/live").status == 200
        history.away = False
        assert (predict(port, ROW).status, health(port)[0], ask(port, "GET", "/health/ready").status) == (200, 200, 200)
    assert caplog.text.count("db.internal") == 1
    assert "recorded again" in caplog.text


@pytest.mark.parametrize("durability", ["background", "off"])
def test_without_its_database_a_project_that_answers_all_the_same_is_degraded(durability: str) -> None:
    about = project(more=f'\n[history]\ndurability = "{durability}"\n')
    with served(open_app(service(about, history=Absent()))) as port:
        status, found = health(port)
        assert (status, found["status"], found["database"]) == (200, "degraded", "disconnected")
        assert predict(port, ROW).status == 200
        assert ask(port, "GET", "/health/ready").status == 200


def test_a_bad_version_degrades_it_by_name_and_the_good_one_answers_on(caplog: pytest.LogCaptureFixture) -> None:
    published = Published()
    with served(open_app(service(published=published))) as port:
        published.promoted = "bad"
        wait_until(lambda: health(port)[1]["status"] == "degraded")
        status, found = health(port)
        assert (status, found["version"], found["problem"]) == (200, VERSION, "bundle_corrupt")
        assert ask(port, "GET", "/health/ready").status == 200
        assert predict(port, ROW).headers["vaticina-version"] == VERSION
        published.promoted = "v2"
        wait_until(lambda: predict(port, ROW).headers["vaticina-version"] == "v2")
        assert health(port)[1]["status"] == "healthy"
    assert "model.pkl of version bad was changed" in caplog.text


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program writes to the database for as long as the block lasts."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_while_the_database_hangs_the_process_is_alive_and_then_everything_is_answered(
    history: SqlHistory, tmp_path: Path
) -> None:
    heard: list[Heard] = []
    with served(open_app(service(history=history))) as port:
        with locked(tmp_path / "history.db"):
            caller = Thread(target=lambda: heard.append(predict(port, ROW)))
            caller.start()
            time.sleep(0.2)
            start = time.perf_counter()
            for _ in range(20):
                assert ask(port, "GET", "/health/live").status == 200
                assert ask(port, "GET", "/openapi.json").status == 200
            assert time.perf_counter() - start < 5
            assert not heard
        caller.join(15)
        assert [one.status for one in heard] == [200]
        assert ask(port, "GET", "/predictions").json()["total"] == 1


def test_a_database_that_hangs_is_told_by_the_deadline(history: SqlHistory, tmp_path: Path) -> None:
    with served(open_app(service(project(deadline=0.4), history=history))) as port, locked(tmp_path / "history.db"):
        heard = predict(port, ROW)
        assert (heard.status, heard.json()["code"]) == (504, "deadline_exceeded")


def test_a_database_that_is_gone_and_comes_back(history: SqlHistory, tmp_path: Path) -> None:
    path, aside = tmp_path / "history.db", tmp_path / "aside"
    with served(open_app(service(history=history))) as port:
        assert predict(port, ROW).status == 200
        history.close()  # nothing holds the file any more, so that it may be moved whole
        path.rename(aside)
        heard = predict(port, ROW)
        assert (heard.status, heard.json()["code"]) == (503, "history_unavailable")
        assert str(tmp_path) not in heard.body.decode()
        assert health(port)[0] == 503
        page = ask(port, "GET", "/predictions")
        assert (page.status, page.json()["code"]) == (503, "history_unavailable")
        assert str(tmp_path) not in page.body.decode()
        aside.rename(path)
        assert predict(port, ROW).status == 200
        assert ask(port, "GET", "/predictions").json()["total"] == 2
