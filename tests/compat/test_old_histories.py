"""Histories that each schema's own code wrote: they are upgraded, read back, and predictions are added to them."""

import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.compat.old_versions import ARTEFACTS
from tests.history.ledger import check_counts
from tests.history.samples import records
from vaticina.contract import Record
from vaticina.history.migrate import MIGRATIONS, upgrade
from vaticina.history.schema import BLOCK, SCHEMA
from vaticina.history.sql import open_history

HISTORIES = ARTEFACTS / "histories"

START = datetime(2026, 11, 1, tzinfo=UTC)

SIZE = 1_100


def record(at: int) -> Record:
    """The prediction with the number ``at`` + 1 in each history."""
    label = "CRÓNICO" if at % 3 == 0 else "sano"
    return Record(
        uid=f"{at:032x}",
        request_id=f"request-{at // 2}",
        row_index=at % 2,
        idempotency_key=f"key-{at // 2}" if at % 10 < 2 else None,
        project="medico",
        version="20260102T030405678Z-ab12cd34",
        role="production",
        time=START + timedelta(seconds=at, microseconds=at),
        input=f'{{"edad":{at}}}',
        output=f'{{"prediccion":"{label}"}}',
        label=label if at % 7 else None,
        score=at / 2048 if at % 7 else None,
        outside_range=at % 5 == 0,
        principal="ana" if at % 2 else None,
        latency_us=800 + at,
    )


RECORDS = [record(at) for at in range(SIZE)]


@pytest.fixture(params=sorted(file.stem for file in HISTORIES.glob("*.db")))
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A copy of the history of a schema."""
    file = Path(shutil.copy(HISTORIES / f"{request.param}.db", tmp_path))
    with closing(open_history(f"sqlite:///{file}")) as history:
        assert history.schema_version() == request.param
        assert history.is_current() == (request.param == SCHEMA)
    return f"sqlite:///{file}"


def test_there_is_one_of_each_schema() -> None:
    schemas = {file.name[1:5] for file in (MIGRATIONS / "versions").glob("r*.py")}
    assert {file.stem for file in HISTORIES.glob("*.db")} == schemas


def test_an_old_history_is_upgraded_and_read_back(url: str) -> None:
    upgrade(url)
    check_counts(url)
    with closing(open_history(url)) as history:
        assert history.is_current()
        page = history.page("medico", limit=SIZE + 1)
        assert [item.record for item in page] == RECORDS[::-1]
        assert [item.seq for item in page] == list(range(SIZE, 0, -1))
        stats = history.stats("medico")
        assert stats.total == SIZE
        assert stats.by_label == Counter(one.label for one in RECORDS if one.label)
        found = history.find("medico", RECORDS[11].uid)
        assert found is not None
        assert found.record == RECORDS[11]
        assert [item.record for item in history.answered("medico", None, "key-5")] == [RECORDS[10]]
        labelled = history.page("medico", limit=SIZE, label="sano", since=START + timedelta(seconds=500))
        assert [item.record for item in labelled] == [one for one in RECORDS[:499:-1] if one.label == "sano"]


def test_predictions_are_added_to_an_old_history(url: str) -> None:
    upgrade(url)
    with closing(open_history(url)) as history:
        new = records(BLOCK)
        history.append(new)
        check_counts(url)
        assert history.total("medico") == SIZE + BLOCK
        newest = history.page("medico", limit=BLOCK + 1)
    assert [item.record for item in newest] == [*new[::-1], RECORDS[-1]]


def test_the_view_of_an_old_history_shows_its_predictions(url: str) -> None:
    upgrade(url)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        first = connection.execute("SELECT * FROM predicciones ORDER BY id LIMIT 1 OFFSET 1").fetchall()
    assert first == [(2, '{"edad":1}', "sano", 1 / 2048, "2026-11-01T00:00:01.000001")]
