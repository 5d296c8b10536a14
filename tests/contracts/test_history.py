"""Every history does what a history does."""

from collections.abc import Callable, Iterator

import pytest

from vaticina.checks import HISTORY
from vaticina.history import History, MemoryHistory, open_history


@pytest.fixture(params=["memory", "sqlite_url", "postgres_url"])
def history(request: pytest.FixtureRequest) -> Iterator[History]:
    history = MemoryHistory() if request.param == "memory" else open_history(request.getfixturevalue(request.param))
    yield history
    history.close()


@pytest.mark.parametrize("check", HISTORY, ids=lambda check: str(check.__name__))
def test_contract(history: History, check: Callable[[History], None]) -> None:
    check(history)
