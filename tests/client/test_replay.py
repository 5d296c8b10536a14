"""Replays against real servers, good ones and bad ones."""

from collections import Counter
from pathlib import Path
from threading import Timer
from typing import Any

import orjson
import pytest

from tests.api.wire import ask
from tests.client.front import Front
from tests.e2e.process import Server, free_port, serve
from vaticina.client.replay import replay
from vaticina.client.replay_plan import ReplayPlan
from vaticina.errors import DataError, ServerUnavailable, SettingsError


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


def at_once(count: int = 30, **more: Any) -> ReplayPlan:
    return ReplayPlan(**{"count": count, "delay": (0.0, 0.0), "wait": 30.0, **more})


def recorded(server: Server, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(server.port, "GET", f"/predictions?limit={limit}").json()["predictions"]
    return found


def total(server: Server) -> int:
    found: int = ask(server.port, "GET", "/predictions?limit=1").json()["total"]
    return found


def test_every_row_is_answered_recorded_and_compared(served: Server, parquet: Path) -> None:
    before = total(served)
    summary = replay(parquet, url(served), at_once(100))
    assert (summary.answered, summary.failed, summary.retries) == (100, 0, 0)
    assert total(served) == before + 100
    assert summary.agreement is not None
    assert summary.agreement.as_dict()["label"] == "risk", "the first column is no input, so it is the label"
    assert summary.agreement.compared == 100
    assert summary.agreement.equal > 90
    assert list(summary.percentiles()) == ["p50", "p90", "p95", "p99", "max"]
    assert 0 < summary.percentiles()["p50"] <= summary.percentiles()["max"] < 1_000 * summary.seconds + 1


def test_cells_are_sent_as_the_contract_wants_them(served: Server, parquet: Path) -> None:
    replay(parquet, url(served), at_once(100))
    inputs = [entry["input"] for entry in recorded(served, 100)]
    assert {tuple(row) for row in inputs} == {("age", "sex", "smoker")}, "the label is not sent"
    assert {type(row["age"]) for row in inputs} == {int}, "a float column of whole numbers"
    assert {row["smoker"] for row in inputs} == {True, False, None}, "what is missing is null"


def test_a_csv_file_is_sent_alike(served: Server, tmp_path: Path) -> None:
    lines = ["\ufeffage;sex;smoker;risk", "30; f ;1;low", "70;m;NA;high", "", "40;f;False;low"]
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    summary = replay(tmp_path / "rows.csv", url(served), at_once(40))
    assert (summary.answered, summary.failed) == (40, 0)
    assert summary.agreement is not None
    assert summary.agreement.column == "risk", "the server tells what it was trained for"
    rows = {orjson.dumps(entry["input"]) for entry in recorded(served, 40)}
    assert rows == {
        b'{"age":30,"sex":"f","smoker":true}',
        b'{"age":70,"sex":"m","smoker":null}',
        b'{"age":40,"sex":"f","smoker":false}',
    }


def test_the_seed_settles_which_rows_are_sent(served: Server, parquet: Path) -> None:
    def ages(seed: int) -> Counter[int]:
        replay(parquet, url(served), at_once(50, seed=seed))
        return Counter(entry["input"]["age"] for entry in recorded(served, 50))

    first = ages(77)
    assert max(first.values()) > 1, "rows are drawn with repetition"
    assert ages(77) == first
    assert ages(78) != first


def test_answers_are_kept_in_the_order_of_the_rows(served: Server, parquet: Path) -> None:
    plan = ReplayPlan(count=20, delay=(0.0, 0.2), keep_answers=True)
    first, second = replay(parquet, url(served), plan), replay(parquet, url(served), plan)
    assert [answer["probability"] for answer in first.answers] == [a["probability"] for a in second.answers]
    assert first.seconds > 0.1, "there were pauses"


def test_a_label_can_be_named(served: Server, parquet: Path) -> None:
    summary = replay(parquet, url(served), at_once(label="sex"))
    assert summary.errors.keys() == {"422 contract_violation"}, "the column named is not sent"
    with pytest.raises(DataError, match=r"'truth'.*risk, age"):
        replay(parquet, url(served), at_once(label="truth"))


def test_a_first_column_that_only_names_the_rows_is_no_label(served: Server, tmp_path: Path) -> None:
    for name, values, compared in (("patient", ("a", "b"), False), ("truth", ("low", "high"), True)):
        (tmp_path / "rows.csv").write_text(f"{name},age,sex\n{values[0]},30,f\n{values[1]},70,m\n", encoding="utf-8")
        summary = replay(tmp_path / "rows.csv", url(served), at_once(20))
        assert summary.answered == 20
        assert (summary.agreement is not None) is compared


def test_refusals_are_counted_by_kind(served: Server, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("age,sex\n30,f\n300,m\n40,x\n", encoding="utf-8")
    summary = replay(tmp_path / "rows.csv", url(served), at_once(60))
    assert summary.errors.keys() == {"422 contract_violation"}
    assert summary.answered + summary.failed == 60
    assert 0 < summary.answered < 60
    assert summary.retries == 0, "asking again would not help"
    assert summary.errors["422 contract_violation"].example.partition(" ")[0] in ("age", "sex")
    assert summary.agreement is None


def test_a_column_that_the_server_needs_is_missed_before_anything_is_sent(served: Server, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("sex,smoker\nf,1\n", encoding="utf-8")
    before = total(served)
    with pytest.raises(DataError, match="no column 'age'"):
        replay(tmp_path / "rows.csv", url(served), at_once())
    assert total(served) == before


def test_many_callers_at_once(served: Server, parquet: Path) -> None:
    before = total(served)
    summary = replay(parquet, f"{url(served)}/predict", at_once(1_000, concurrency=64))
    assert (summary.answered, summary.failed) == (1_000, 0)
    assert total(served) == before + 1_000


def test_a_server_that_starts_late_is_waited_for(risk: Path, parquet: Path) -> None:
    port = free_port()
    started: list[Server] = []
    timer = Timer(0.7, lambda: started.append(serve(risk, port=port)))
    timer.start()
    try:
        summary = replay(parquet, f"http://127.0.0.1:{port}", at_once(wait=60.0))
    finally:
        timer.join()
        started[0].__exit__(None, None, None)
    assert (summary.answered, summary.failed, summary.retries) == (30, 0, 0), "nothing was sent before it was ready"


def test_a_server_that_never_starts_is_told(parquet: Path) -> None:
    with pytest.raises(ServerUnavailable, match=r"http://127.0.0.1:\d+ was not ready within 0.3 seconds: Connec"):
        replay(parquet, f"http://127.0.0.1:{free_port()}", at_once(wait=0.3))


def test_a_server_that_is_not_ready_is_waited_for(served: Server, parquet: Path) -> None:
    with Front(served.port, [], not_ready=3) as front:
        summary = replay(parquet, front.url, at_once(5))
    assert (summary.answered, summary.retries) == (5, 0)
    with Front(served.port, [], not_ready=99) as front, pytest.raises(ServerUnavailable, match=r"it answers 503\.$"):
        replay(parquet, front.url, at_once(5, wait=0.3))


def test_an_address_that_is_none_is_told(parquet: Path) -> None:
    with pytest.raises(SettingsError, match="write one like"):
        replay(parquet, "localhost:5000", at_once())


def test_a_server_that_dies_and_comes_back_answers_all(risk: Path, parquet: Path) -> None:
    with serve(risk) as server:
        again: list[Server] = []

        def restart() -> None:
            server.kill()
            again.append(serve(risk, port=server.port))

        timer = Timer(1.0, restart)
        timer.start()
        try:
            summary = replay(parquet, url(server), at_once(60, delay=(0.5, 2.0), timeout=60.0, retries=12))
        finally:
            timer.join()
            again[0].__exit__(None, None, None)
    assert (summary.answered, summary.failed) == (60, 0)
    assert summary.retries > 0


def test_a_server_that_dies_for_good_costs_its_answers_only(risk: Path, parquet: Path) -> None:
    with serve(risk) as server:
        timer = Timer(0.5, server.kill)
        timer.start()
        summary = replay(parquet, url(server), at_once(40, delay=(0.0, 1.2), retries=2))
        timer.join()
    assert summary.answered + summary.failed == 40
    assert summary.answered > 0
    assert summary.errors.keys() <= {"not reached", "cut off"}
    assert summary.errors["not reached"].count > 0


def test_busy_answers_are_asked_again_after_the_pause(served: Server, parquet: Path) -> None:
    with Front(served.port, ["429:1", "503", "drop", "half"]) as front:
        summary = replay(parquet, front.url, at_once(1))
    assert (summary.answered, summary.failed, summary.retries) == (1, 0, 4)
    pauses = [later - earlier for earlier, later in zip(front.moments, front.moments[1:], strict=False)]
    assert pauses[0] >= 0.99, "Retry-After is kept to"
    assert pauses[3] > pauses[2] > pauses[1] > 0.15, "else each pause is twice the last"


def test_a_request_that_is_repeated_can_be_recorded_once(served: Server, parquet: Path) -> None:
    for once, recorded_times in ((False, 2), (True, 1)):
        before = total(served)
        with Front(served.port, ["lost"]) as front:
            summary = replay(parquet, front.url, at_once(1, once=once))
        assert (summary.answered, summary.retries) == (1, 1)
        assert total(served) - before == recorded_times, "the answer was lost on its way, not the request"


def test_retries_end(served: Server, parquet: Path) -> None:
    with Front(served.port, ["503"] * 10) as front:
        summary = replay(parquet, front.url, at_once(1, retries=2))
    assert (summary.answered, summary.retries, len(front.moments)) == (0, 2, 3)
    assert summary.errors["503 busy"].example == "Come back."
    with Front(served.port, ["drop"] * 10) as front:
        summary = replay(parquet, front.url, at_once(1, retries=1))
    assert (summary.retries, set(summary.errors)) == (1, {"cut off"})


def test_a_pause_beyond_the_time_is_not_waited_for(served: Server, parquet: Path) -> None:
    with Front(served.port, ["429:600"]) as front:
        summary = replay(parquet, front.url, at_once(1, timeout=2.0))
    assert (summary.retries, set(summary.errors)) == (0, {"429 busy"})
    assert summary.seconds < 2


def test_a_server_that_hangs_is_a_timeout(served: Server, parquet: Path) -> None:
    with Front(served.port, ["hang"]) as front:
        summary = replay(parquet, front.url, at_once(5, timeout=0.8, keep_answers=True))
    assert (summary.answered, set(summary.errors)) == (4, {"timeout"})
    assert sum("error" in answer for answer in summary.answers) == 1
