"""SQLite: files that are not there, not ours, not free; its write-ahead log."""

import sqlite3
import tempfile
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.history.samples import records
from tests.history.writer import PROCESSES, complaint
from vaticina.errors import HistoryUnavailable
from vaticina.history import checkpoints, journal
from vaticina.history.checkpoints import Checkpoints
from vaticina.history.migrate import upgrade
from vaticina.history.sql import SqlHistory, open_history
from vaticina.history.sqlite import SqliteDatabase
from vaticina.history.urls import parse


@pytest.fixture
def history(sqlite_url: str) -> Iterator[SqlHistory]:
    history = open_history(sqlite_url)
    yield history
    history.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'history.db'}"
    history = open_history(url)
    for attempt in (lambda: upgrade(url), lambda: history.append(records(1)), lambda: history.total("medico")):
        with pytest.raises(HistoryUnavailable, match=r"folder .*nowhere does not exist.*create it"):
            attempt()
    history.close()


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    history = open_history(f"sqlite:///{tmp_path / 'mistyped.db'}")
    with pytest.raises(HistoryUnavailable, match=r"mistyped.db does not exist; run 'vaticina history upgrade'"):
        history.append(records(1))
    history.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    history = open_history(f"sqlite:///{tmp_path}")
    with pytest.raises(HistoryUnavailable, match="is a folder"):
        history.append(records(1))
    history.close()


def test_another_file_is_no_database(file: Path) -> None:
    file.write_text("id,name\n" * 1_000)
    history = open_history(f"sqlite:///{file}")
    with pytest.raises(HistoryUnavailable, match="is not a SQLite database"):
        history.append(records(1))
    with pytest.raises(HistoryUnavailable, match="is not a SQLite database"):
        history.ping()
    with pytest.raises(HistoryUnavailable, match="is not a SQLite database"):
        upgrade(f"sqlite:///{file}")
    history.close()
    assert file.read_text() == "id,name\n" * 1_000


def test_a_database_without_our_tables_is_named(file: Path) -> None:
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE other (x)")
    other.close()
    history = open_history(f"sqlite:///{file}")
    with pytest.raises(HistoryUnavailable, match="lacks the history's tables; run 'vaticina history upgrade'"):
        history.append(records(1))
    history.close()


def test_permission_denied_is_named() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.db"
        upgrade(f"sqlite:///{file}")
        file.chmod(0o444)
        Path(folder).chmod(0o555)
        ours, theirs = Pipe()
        child = PROCESSES.Process(target=complaint, args=(f"sqlite:///{file}", theirs))
        child.start()
        heard = ours.recv() if ours.poll(60) else "nothing"
        child.join()
        Path(folder).chmod(0o755)
    assert heard == f"{file} cannot be written: permission denied; let this user write the file and its folder."


def test_a_locked_database_is_waited_for(history: SqlHistory, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LOCK_TIMEOUT", 0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HistoryUnavailable, match="locked by another program"):
        history.append(records(1))
    other.execute("ROLLBACK")
    other.close()
    history.append(records(1))
    assert history.total("medico") == 1


def test_a_key_is_found_by_its_index(history: SqlHistory, file: Path) -> None:
    history.append(records(3))
    asked: list[str] = []
    event.listen(history._store.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    history.answered("medico", None, "key")
    (plan,) = sqlite3.connect(file).execute(f"EXPLAIN QUERY PLAN {asked[-1]}", ("medico", "", "key")).fetchall()
    assert "predictions_idempotency" in plan[3], "a key is not looked for in ten million rows"


def test_a_file_deleted_under_a_server_is_noticed(history: SqlHistory, sqlite_url: str, file: Path) -> None:
    """Else it would go on committing to a file without a name."""
    history.append(records(2))
    for part in file.parent.iterdir():
        part.unlink()
    with pytest.raises(HistoryUnavailable, match="does not exist"):
        history.ping()
    with pytest.raises(HistoryUnavailable, match="does not exist"):
        history.append(records(1))
    upgrade(sqlite_url)
    history.append(records(1))
    rows = sqlite3.connect(file)
    assert rows.execute("SELECT count(*) FROM predictions").fetchone() == (1,)
    rows.close()


@pytest.mark.parametrize(("sync", "synchronous"), [(False, 1), (True, 2)])
def test_sync_waits_for_the_disk(sqlite_url: str, sync: bool, synchronous: int) -> None:
    """1 is NORMAL: a commit outlives the process; 2 is FULL: it outlives the power."""
    store = SqliteDatabase(parse(sqlite_url), sync=sync)
    store.write(records(1))
    assert store._writing is not None
    assert store._writing.execute("PRAGMA synchronous").fetchone() == (synchronous,)
    store.close()


def test_commits_leave_checkpoints_to_others(history: SqlHistory, file: Path) -> None:
    before = file.stat().st_size
    for _ in range(30):
        history.append(records(500))
    assert file.stat().st_size == before
    assert _log(file).stat().st_size > 1_000 * 4_096  # where SQLite itself would checkpoint
    Checkpoints(file).checkpoint()
    assert file.stat().st_size > 1_000 * 4_096
    assert history.total("medico") == 15_000


def test_a_large_log_starts_again(history: SqlHistory, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "MIN_LOG_BYTES", 0)
    monkeypatch.setattr(checkpoints, "MAX_LOG_PAGES", 200)
    for _ in range(10):
        history.append(records(200))
    size = _log(file).stat().st_size
    for _ in range(3):
        Checkpoints(file).checkpoint()
        for _ in range(5):
            history.append(records(100))
    assert _log(file).stat().st_size == size
    assert history.total("medico") == 2_000 + 1_500


def test_the_thread_checkpoints_by_itself(history: SqlHistory, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "MIN_LOG_BYTES", 0)
    monkeypatch.setattr(checkpoints, "PAUSE", 0.01)
    before = file.stat().st_size
    for _ in range(200):
        history.append(records(20))
    assert file.stat().st_size > before


def _log(file: Path) -> Path:
    return file.with_name(file.name + "-wal")
