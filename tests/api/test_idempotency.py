"""Requests with an Idempotency-Key are answered again, and recorded once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import orjson
import pytest

from tests.api.clinic import ROW, Published, open_app, project, rows, served, service, wait_until
from tests.api.wire import Heard, ask, predict
from tests.history.memory import MemoryHistory


def key() -> tuple[str, str]:
    return "Idempotency-Key", f'"{uuid4()}"'


def uids(heard: Heard) -> list[str]:
    return heard.headers["vaticina-prediction"].split(",")


@pytest.fixture
def history() -> MemoryHistory:
    return MemoryHistory()


@pytest.fixture
def own_port(history: MemoryHistory) -> Iterator[int]:
    with served(open_app(service(history=history))) as number:
        yield number


def test_the_same_request_is_answered_the_same_and_recorded_once(own_port: int, history: MemoryHistory) -> None:
    claim = key()
    first, *others = [predict(own_port, ROW, claim) for _ in range(3)]
    assert first.status == 200
    for other in others:
        assert (other.status, other.body) == (200, first.body)
        assert uids(other) == uids(first)
        assert other.headers["vaticina-version"] == first.headers["vaticina-version"]
        assert other.headers["x-request-id"] != first.headers["x-request-id"]
    assert history.total("clinic") == 1
    assert history.page("clinic")[0].record.idempotency_key == claim[1]


def test_a_list_is_one_request_too(own_port: int, history: MemoryHistory) -> None:
    claim = key()
    first, second = (predict(own_port, rows(30), claim) for _ in range(2))
    assert (second.status, second.body, uids(second)) == (200, first.body, uids(first))
    assert [item.record.row_index for item in reversed(history.page("clinic"))] == list(range(30))


def test_without_a_key_or_with_another_every_request_is_its_own(own_port: int, history: MemoryHistory) -> None:
    asked = [
        predict(own_port, ROW),
        predict(own_port, ROW),
        predict(own_port, ROW, key()),
        predict(own_port, ROW, key()),
    ]
    assert len({uid for heard in asked for uid in uids(heard)}) == 4
    assert history.total("clinic") == 4


def test_the_same_rows_may_be_written_otherwise(own_port: int, history: MemoryHistory) -> None:
    claim = key()
    first = predict(own_port, ROW, claim)
    backwards = orjson.dumps(dict(reversed(ROW.items())), option=orjson.OPT_INDENT_2)
    second = ask(own_port, "POST", "/predict", backwards, claim)
    third = predict(own_port, [ROW | {"smoker": False}], claim)
    assert second.body == first.body
    assert third.body == b"[" + first.body + b"]", "a list is answered by a list"
    assert history.total("clinic") == 1


@pytest.mark.parametrize(
    ("other", "said", "spanish"),
    [
        (ROW | {"age": 46}, "row 0 was another", "la fila 0 era otra"),
        ([ROW, ROW], "with 1 rows, and now with 2", "con 1 filas, y ahora con 2"),
    ],
)
def test_other_rows_under_the_same_key_are_refused(
    own_port: int, history: MemoryHistory, other: object, said: str, spanish: str
) -> None:
    claim = key()
    predict(own_port, ROW, claim)
    heard = predict(own_port, other, claim, ("Accept-Language", "es"))
    assert (heard.status, heard.json()["code"]) == (409, "idempotency_conflict")
    assert heard.json()["title"] == "La clave ya se usó en otra petición"
    assert spanish in heard.json()["detail"]
    assert said in predict(own_port, other, claim, ("Accept-Language", "en")).json()["detail"]
    assert predict(own_port, [], claim).status == 422, "what is no row at all is told as ever"
    assert history.total("clinic") == 1
    assert predict(own_port, ROW, claim).status == 200, "the first request keeps its answer"


def test_what_was_refused_or_failed_does_not_take_the_key(own_port: int) -> None:
    claim = key()
    for row, status in ((ROW | {"age": 151}, 422), (ROW | {"age": 13.13}, 500), (ROW, 200)):
        assert predict(own_port, row, claim).status == status


@pytest.mark.parametrize("bad", ["", "x" * 256, "clé", "a\tb"])
def test_a_key_that_cannot_be_used_is_told(port: int, bad: str) -> None:
    heard = predict(port, ROW, ("Idempotency-Key", bad))
    assert (heard.status, heard.json()["code"]) == (400, "bad_request")
    assert "1 to 255 printable ASCII characters" in heard.json()["detail"]


@pytest.mark.parametrize("durability", ["off", "background"])
def test_a_history_that_may_forget_takes_no_keys(durability: str) -> None:
    about = project(more=f'\n[history]\ndurability = "{durability}"\n')
    with served(open_app(service(about))) as number:
        heard = predict(number, ROW, key())
        assert (heard.status, heard.json()["code"]) == (400, "bad_request")
        assert predict(number, ROW).status == 200


def test_a_new_version_answers_old_requests_as_they_were_answered() -> None:
    published, claim = Published(), key()
    with served(open_app(service(published=published))) as number:
        first = predict(number, ROW, claim)
        published.promoted = "20261121T000000000Z-0badcafe"
        wait_until(lambda: predict(number, ROW).headers["vaticina-version"] == published.promoted)
        second = predict(number, ROW, claim)
    assert (second.body, second.headers["vaticina-version"]) == (first.body, first.headers["vaticina-version"])


def test_projects_know_their_own_keys_only() -> None:
    claim = key()
    with served(open_app(service(), service(project("other")))) as number:
        one, two = (ask(number, "POST", f"/models/{n}/predict", orjson.dumps(ROW), claim) for n in ("clinic", "other"))
    assert {one.status, two.status} == {200}
    assert uids(one) != uids(two)


def test_the_same_request_many_times_at_once_is_recorded_once_and_hurts_no_other(
    own_port: int, history: MemoryHistory
) -> None:
    claim = key()
    slow = ROW | {"age": 77.77}

    def call(at: int) -> Heard:
        return predict(own_port, slow, claim) if at % 2 else predict(own_port, ROW | {"visits": at})

    with ThreadPoolExecutor(24) as pool:
        heard = list(pool.map(call, range(24)))
    assert {one.status for one in heard} == {200}
    assert len({one.body for one in heard[1::2]}) == 1
    assert len({uid for one in heard for uid in uids(one)}) == 13
    assert history.total("clinic") == 13
