"""Every implementation of the history passes its contract suite."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contracts.history_contract import HISTORY_CHECKS
from tests.history.memory import MemoryHistory
from vaticina.history import History
from vaticina.history.deferred_sql import DeferredSqlHistory
from vaticina.history.journal import SqliteJournal
from vaticina.history.sql import open_history


def late(url: str) -> History:
    """As a server opens a SQLite file."""
    return DeferredSqlHistory(
        SqliteJournal(Path(url.removeprefix("sqlite:///")), sync=False), lambda: open_history(url)
    )


@pytest.fixture(params=["memory", "sqlite_url", "late", "postgres_url"])
def history(request: pytest.FixtureRequest) -> Iterator[History]:
    if request.param == "memory":
        history: History = MemoryHistory()
    elif request.param == "late":
        history = late(request.getfixturevalue("sqlite_url"))
    else:
        history = open_history(request.getfixturevalue(request.param))
    yield history
    history.close()


@pytest.mark.parametrize("check", HISTORY_CHECKS, ids=lambda check: str(check.__name__))
def test_contract(history: History, check: Callable[[History], None]) -> None:
    check(history)
