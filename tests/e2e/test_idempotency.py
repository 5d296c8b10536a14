"""Keys across processes: two workers, one database."""

from concurrent.futures import ThreadPoolExecutor

from tests.api.wire import ask, predict
from tests.e2e.process import serve
from tests.e2e.toy import Toy


def test_retries_that_meet_in_two_workers_are_recorded_once(toy: Toy) -> None:
    with serve(toy.folder, workers=2) as server:
        for attempt in range(5):
            claim = ("Idempotency-Key", f"attempt-{attempt}")
            with ThreadPoolExecutor(16) as pool:
                heard = list(
                    pool.map(lambda _, claim=claim: predict(server.port, [{"x": 1}, {"x": 2}], claim), range(16))
                )
            assert {one.status for one in heard} == {200}
            assert len({one.headers["vaticina-prediction"] for one in heard}) == 1
            assert len({one.body for one in heard}) == 1
        assert ask(server.port, "GET", "/predictions").json()["total"] == 10
