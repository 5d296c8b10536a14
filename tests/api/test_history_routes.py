from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.clinic import ROW, VERSION, open_app, project, served, service
from tests.api.wire import Heard, ask, predict
from tests.history.memory import MemoryHistory
from vaticina.contract import Record
from vaticina.history import History
from vaticina.history.migrate import upgrade
from vaticina.history.sql import open_history

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def record(number: int, name: str = "clinic") -> Record:
    """The ``number``-th prediction of a series, one a minute; every third is high."""
    label = "high" if number % 3 == 0 else "low"
    return Record(
        f"{name}-{number}",
        f"request-{number}",
        0,
        None,
        name,
        VERSION,
        "production",
        START + timedelta(minutes=number),
        f'{{"age":{number}}}',
        f'{{"risk":"{label}","when":"2026-03-01T12:00:00Z"}}',
        label,
        0.5,
        False,
        None,
        1_000,
    )


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """A history of 250 predictions of ours and 50 of a neighbour's."""
    history: History = MemoryHistory()
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('history') / 'history.db'}"
        upgrade(url)
        history = open_history(url)
    elif request.param == "postgresql":
        url = request.getfixturevalue("postgres").create()
        upgrade(url)
        history = open_history(url)
    for number in range(250):
        history.append([record(number)])
        if number % 5 == 0:
            history.append([record(number, "neighbour")])
    yield history
    history.close()


@pytest.fixture(scope="module")
def old(kept: History) -> Iterator[int]:
    """A server over that history."""
    with served(open_app(service(history=kept))) as port:
        yield port


def get(port: int, path: str) -> Heard:
    return ask(port, "GET", path)


def ages(heard: Heard) -> list[int]:
    assert heard.status == 200, heard.body
    return [entry["input"]["age"] for entry in heard.json()["predictions"]]


def test_a_page_is_the_newest_hundred(old: int) -> None:
    heard = get(old, "/predictions")
    assert ages(heard) == list(range(249, 149, -1))
    assert heard.json()["total"] == 250
    entry = heard.json()["predictions"][0]
    assert entry["risk"] == "high"
    assert entry["when"] == "2026-03-01T12:00:00Z"
    assert set(entry) == {"id", "input", "risk", "when"}


def test_paging_by_next_gives_every_prediction_once(old: int) -> None:
    found: list[int] = []
    path = "/predictions?limit=40"
    for _ in range(10):
        heard = get(old, path)
        found += ages(heard)
        if heard.json()["next"] is None:
            break
        path = f"/predictions?limit=40&before={heard.json()['next']}"
    assert found == list(range(249, -1, -1))


def test_filters_by_label_and_time_combine(old: int) -> None:
    assert ages(get(old, "/predictions?label=high&limit=3")) == [249, 246, 243]
    assert ages(get(old, "/predictions?since=2026-03-01T12:10:00Z&until=2026-03-01T12:13:00Z")) == [12, 11, 10]
    assert ages(get(old, "/predictions?label=high&until=2026-03-01T12:07:00Z")) == [6, 3, 0]
    assert ages(get(old, "/predictions?label=nobody")) == []
    assert get(old, "/predictions?label=nobody").json()["next"] is None


def test_a_time_without_an_offset_is_the_projects(old: int) -> None:
    lima = "/predictions?since=2026-03-01T07:10:00&until=2026-03-01T07:13:00"
    assert ages(get(old, lima)) == ages(
        get(old, "/predictions?since=2026-03-01T07:10:00-05:00&until=2026-03-01T07:13:00-05:00")
    )
    assert ages(get(old, lima)) == [12, 11, 10]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=1001",
        "limit=ten",
        "limit=1.5",
        "limit=",
        "limit=9" * 50,
        "before=-1",
        "before=x",
        f"before={2**63}",
        f"before={10**40}",
        "since=yesterday",
        "since=2026-13-01",
        "since=0001-01-01T00:00:00",
        "until=9999-12-31T23:59:59-12:00",
        "since=",
        "label=%00",
        "label=high%00",
    ],
)
def test_a_query_that_cannot_be_used_is_422_and_named(old: int, query: str) -> None:
    heard = get(old, f"/predictions?{query}")
    assert (heard.status, heard.json()["code"]) == (422, "invalid_query")
    assert heard.json()["detail"].startswith(query.partition("=")[0])


@pytest.mark.parametrize(
    "query",
    [
        "before=0",
        f"before={2**63 - 1}",
        "limit=1000",
        "since=0002-01-01T00:00:00Z",
        "until=9998-12-31T23:59:59Z",
        "label=",
        "label=%27;DROP TABLE predictions--",
        "label=" + "x" * 10_000,
        "label=%F0%9F%98%80",
        "label=%FF",
        "unknown=1",
        "limit=5&limit=6",
    ],
)
def test_a_query_that_is_odd_but_right_is_answered(old: int, query: str) -> None:
    assert get(old, f"/predictions?{query.replace(' ', '%20')}").status == 200


def test_statistics_count_the_whole_history(old: int) -> None:
    found = get(old, "/predictions/stats").json()
    assert (found["total"], found["by_label"]) == (250, {"high": 84, "low": 166})
    assert [entry["input"]["age"] for entry in found["last"]] == [249, 248, 247, 246, 245]
    assert found["last_time"] == "2026-03-01T16:09:00.000000Z"


def test_an_empty_history_has_its_statistics_too() -> None:
    with served(open_app(service())) as port:
        assert get(port, "/predictions/stats").json() == {
            "total": 0, "by_label": {}, "last": [], "last_time": None, "outside": {},
        }  # fmt: skip
        assert get(port, "/predictions").json() == {"total": 0, "predictions": [], "next": None}


def test_one_prediction_is_found_by_its_uid(old: int) -> None:
    found = get(old, "/predictions/clinic-7").json()
    assert (found["uid"], found["version"], found["request_id"]) == ("clinic-7", VERSION, "request-7")
    assert (found["input"], found["risk"], found["outside_range"]) == ({"age": 7}, "low", False)


@pytest.mark.parametrize(
    "uid", ["nobody", "clinic-999", "neighbour-5", "%00", "%27%20OR%201=1--", "x" * 5_000, "%0a", "%FF", "..%2f"]
)
def test_no_other_prediction_is(old: int, uid: str) -> None:
    heard = get(old, f"/predictions/{uid}")
    assert (heard.status, heard.json()["code"]) == (404, "not_found")
    assert len(heard.body) < 10_000


def test_what_was_outside_the_seen_values_is_marked(port: int) -> None:
    for town, outside in (("Ica", False), ("Lima", True)):
        uid = predict(port, {**ROW, "town": town}).headers["vaticina-prediction"]
        assert get(port, f"/predictions/{uid}").json()["outside_range"] is outside


def test_a_caller_learns_what_was_outside(port: int) -> None:
    assert "vaticina-outside" not in predict(port, ROW).headers
    assert predict(port, {**ROW, "town": "Lima"}).headers["vaticina-outside"] == "town"
    listed = predict(port, [ROW, {**ROW, "town": "Lima"}, {**ROW, "town": "lima"}, ROW])
    assert listed.headers["vaticina-outside"] == "town"
    key = ("Idempotency-Key", "outside-1")
    for _ in range(2):
        assert predict(port, {**ROW, "town": "Puno"}, key).headers["vaticina-outside"] == "town"
    assert get(port, "/predictions/stats").json()["outside"]["town"] >= 4


def test_names_can_be_the_documents(kept: History) -> None:
    names = 'predictions = "predicciones"\nlast_time = "ultima"\nnext = "siguiente"\nby_label = "por_clase"\nlast = "u"'
    with served(open_app(service(project(more=f"\n[history.names]\n{names}\n"), history=kept))) as port:
        assert set(get(port, "/predictions").json()) == {"total", "predicciones", "siguiente"}
        assert set(get(port, "/predictions/stats").json()) == {"total", "por_clase", "u", "ultima"}
    names += '\noutside = "fuera"'
    with served(open_app(service(project(more=f"\n[history.names]\n{names}\n"), history=kept))) as port:
        assert get(port, "/predictions/stats").json()["fuera"] == {}


def test_the_models_page_tells_what_answers(port: int) -> None:
    found = get(port, "/model/info").json()
    assert (found["project"], found["version"], found["metrics"]) == ("clinic", VERSION, {"f1_macro": 0.9})
    assert found["contract"]["inputs"]["age"]["max"] == 150
    assert found["contract"]["classes"] == ["low", "high"]
    assert len(found["contract_hash"]) == 64
    assert "files" not in found


def test_the_root_tells_where_to_go(port: int) -> None:
    assert get(port, "/").json() == {
        "project": "clinic",
        "title": {"es": "Clínica", "en": "Clinic"},
        "predict": "POST /predict",
        "docs": "/docs",
    }


def test_a_literal_root_is_given_as_it_stands() -> None:
    with served(open_app(service(project(more='\n[root]\nmensaje = "Hola"\nversion = "1.0"\n')))) as port:
        assert get(port, "/").json() == {"mensaje": "Hola", "version": "1.0"}
