"""Recorded predictions, looked at."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.shell import done, vaticina
from vaticina.bootstrap import Workspace
from vaticina.contract import Record

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def record(at: int) -> Record:
    return Record(
        uid=f"0000-{at}",
        request_id="r",
        row_index=0,
        idempotency_key=None,
        project="risk",
        version="v1",
        role="production",
        time=START + timedelta(hours=at),
        input='{"age":30}',
        output='{"prediction":"low"}',
        label=("low", "high")[at % 2],
        score=0.75,
        outside_range=at == 2,
        principal=None,
        latency_us=500,
    )


@pytest.fixture
def recorded(trained: Path) -> Path:
    """A project with five predictions, an hour apart."""
    history = Workspace(trained).history()
    history.append([record(at) for at in range(5)])
    history.close()
    return trained


def uids(folder: Path, *words: str) -> Sequence[str]:
    return [item["uid"] for item in done("history", "list", folder, "--json", *words).json]


def test_the_list_is_newest_first(recorded: Path) -> None:
    assert uids(recorded) == [f"0000-{at}" for at in (4, 3, 2, 1, 0)]
    lines = done("history", "list", recorded, "--limit", "3").out.splitlines()
    assert lines[0].split() == ["number", "time", "label", "score", "outside", "version", "uid"]
    assert lines[1].split() == ["5", "2026-01-31", "16:00:00Z", "low", "0.75", "v1", "0000-4"]
    assert lines[3].split() == ["3", "2026-01-31", "14:00:00Z", "low", "0.75", "yes", "v1", "0000-2"]
    assert len(lines) == 4


def test_the_list_can_be_narrowed(recorded: Path) -> None:
    assert uids(recorded, "--label", "high") == ["0000-3", "0000-1"]
    assert uids(recorded, "--since", "2026-01-31T15:00:00") == ["0000-4", "0000-3"]
    assert uids(recorded, "--until", "2026-01-31T13:00:00") == ["0000-0"]
    assert uids(recorded, "--before", "3", "--limit", "1") == ["0000-1"]


def test_statistics(recorded: Path) -> None:
    facts = done("history", "stats", recorded, "--json").json
    assert (facts["total"], facts["by_label"]) == (5, {"low": 3, "high": 2})
    assert (facts["last_time"], facts["last"][0]["uid"]) == ("2026-01-31T16:00:00Z", "0000-4")
    lines = done("history", "stats", recorded).out.splitlines()
    assert lines[0] == "5 predictions, the last at 2026-01-31 16:00:00Z"
    assert lines[2].split() == ["low", "3", "60.0%"]


def test_one_prediction_is_shown_whole(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = done("history", "show", recorded, "0000-2", "--json").json
    assert (facts["input"], facts["output"], facts["number"]) == ({"age": 30}, {"prediction": "low"}, 3)
    assert '{"prediction":"low"}' in done("history", "show", recorded, "0000-2").out
    monkeypatch.chdir(recorded)
    assert done("history", "show", "0000-2", "--json").json == facts


def test_a_prediction_that_is_not_there(recorded: Path) -> None:
    ran = vaticina("history", "show", recorded, "0000-9", "--json")
    assert (ran.code, ran.json["code"]) == (1, "not_found")
    assert vaticina("history", "show", recorded).code == 2


def test_an_empty_history(trained: Path) -> None:
    assert done("history", "upgrade", trained).out == "The history's tables are up to date.\n"
    assert done("history", "stats", trained).out == "0 predictions\n"
    assert done("history", "list", trained, "--json").json == []


def test_a_database_that_does_not_answer_is_one_line(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ana:secret@127.0.0.1:1/risk")
    ran = vaticina("history", "stats", trained)
    assert ran.code == 1
    [line] = ran.err.splitlines()
    assert "127.0.0.1:1" in line
    assert "secret" not in line
