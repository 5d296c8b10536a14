"""Answered is committed: whatever kills the server."""

import signal
import time
from collections import Counter

import pytest

from tests.api.wire import ask
from tests.e2e.load import Load
from tests.e2e.process import serve
from tests.e2e.toy import Toy
from tests.history.ledger import check_counts, uids

KILLS = 10


@pytest.mark.slow
def test_every_answered_uid_is_in_the_history_exactly_once_after_ten_kills_under_load(
    toy: Toy, history_url: str
) -> None:
    answered: list[str] = []
    lists: list[list[str]] = []
    for kill in range(KILLS):
        with serve(toy.folder, DATABASE_URL=history_url) as server:
            load = Load(server.port)
            with load:
                time.sleep(0.2 + 0.03 * kill)
                server.kill()
            assert load.answered, server.log
            assert load.told.wrong == []
        answered += load.told.uids
        lists += load.told.lists
    held = Counter(uids(history_url))
    assert max(held.values()) == 1
    assert set(answered) <= held.keys()
    assert len(set(answered)) == len(answered)
    assert any(len(own) == 3 for own in lists)
    check_counts(history_url)
    # what was killed between the commit and the answer is there too, but never more than was in flight
    assert len(held) - len(answered) <= KILLS * 8 * 3


@pytest.mark.slow
def test_two_workers_keep_an_exact_history(toy: Toy, history_url: str) -> None:
    with serve(toy.folder, workers=2, DATABASE_URL=history_url) as server:
        load = Load(server.port, callers=16)
        with load:
            time.sleep(2)
        assert set(load.told.statuses) == {200}, load.told.wrong[:3]
        total = ask(server.port, "GET", "/predictions/stats").json()["total"]
        server.signal(signal.SIGTERM)
        assert server.ended() == 0
        assert "locked" not in server.log
        assert "Traceback" not in server.log
    assert total == len(load.told.uids)
    assert sorted(uids(history_url)) == sorted(load.told.uids)
    check_counts(history_url)
