"""The shortcut of predictions: what takes it, what does not, and that nobody can tell from the answer."""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import orjson
import pytest

from tests.api.clinic import ROW, open_app, rows, served, service
from tests.api.wire import Heard, Wire, chunk, request
from tests.history.memory import MemoryHistory
from vaticina.api.front_app import FrontApp

BODY = orjson.dumps(ROW)
PLAIN = request("POST", "/predict", BODY)
CHUNKED = ("Transfer-Encoding", "chunked")
OWN = {"vaticina-prediction", "x-request-id", "date", "connection"}
"""Headers in which two answers to the same row may differ."""


class Counted:
    """How often the front app was called as ASGI applications are, since the last look."""

    def __init__(self) -> None:
        self._calls = 0

    def seen(self) -> None:
        self._calls += 1

    def calls(self) -> int:
        calls, self._calls = self._calls, 0
        return calls


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    as_asgi = FrontApp.__call__

    async def call(front: FrontApp, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        if scope["type"] == "http":
            counted.seen()
        await as_asgi(front, scope, receive, send)

    monkeypatch.setattr(FrontApp, "__call__", call)
    return counted


@pytest.fixture
def port(counted: Counted) -> Iterator[int]:
    with served(open_app()) as port:
        yield port


def heard(port: int, *parts: bytes) -> Heard:
    """The answer to ``parts``, sent a moment apart."""
    with Wire(port) as wire:
        for at, part in enumerate(parts):
            if at:
                time.sleep(0.02)
            wire.send(part)
        return wire.hear()


def same(one: Heard, other: Heard) -> bool:
    """Whether two answers to one row differ in nothing but their names and times."""
    bodies = [{**answer.json(), "when": None, "request_id": None} for answer in (one, other)]
    heads = [{name: value for name, value in answer.headers.items() if name not in OWN} for answer in (one, other)]
    return one.status == other.status and bodies[0] == bodies[1] and heads[0].keys() == heads[1].keys()


def test_a_plain_prediction_takes_the_shortcut(port: int, counted: Counted) -> None:
    answer = heard(port, PLAIN)
    assert (answer.status, answer.json()["risk"]) == (200, "low")
    assert {"vaticina-prediction", "vaticina-version", "x-request-id", "date"} <= answer.headers.keys()
    with Wire(port) as wire:
        for _ in range(3):
            wire.send(request("POST", "/predict", orjson.dumps(rows(3)), ("X-Request-Id", "mine")))
            answer = wire.hear()
            assert (len(answer.json()), answer.headers["x-request-id"]) == (3, "mine")
    assert counted.calls() == 0


@pytest.mark.parametrize(
    "parts",
    [
        (PLAIN[:-5], PLAIN[-5:]),
        (PLAIN[: -len(BODY)], BODY),
        (PLAIN[:20], PLAIN[20:-9], PLAIN[-9:]),
        (request("POST", "/predict", chunk(BODY), CHUNKED), chunk(b"")),
        (request("POST", "/predict", BODY, ("Idempotency-Key", "k")),),
        (request("POST", "/predict?a=1", BODY),),
        (PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"),),
    ],
)
def test_what_is_not_plain_is_answered_the_same(port: int, counted: Counted, parts: tuple[bytes, ...]) -> None:
    answer = heard(port, *parts)
    assert counted.calls() == 1
    plain = heard(port, PLAIN)
    assert counted.calls() == 0
    assert same(answer, plain)


def test_a_body_in_chunks_that_came_together_is_plain(port: int, counted: Counted) -> None:
    parts = b"".join(chunk(BODY[at : at + 1]) for at in range(len(BODY)))
    answer = heard(port, request("POST", "/predict", parts + chunk(b""), CHUNKED))
    assert same(answer, heard(port, PLAIN))
    assert counted.calls() == 0


def test_a_body_that_was_asked_to_wait_is_told_to_come(port: int) -> None:
    with Wire(port) as wire:
        wire.send(request("POST", "/predict", b"", ("Expect", "100-continue"), ("Content-Length", str(len(BODY)))))
        assert wire.hear().status == 100
        wire.send(BODY)
        assert wire.hear().status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (orjson.dumps({**ROW, "age": 1_000}), 422),
        (orjson.dumps({**ROW, "age": 13.13}), 500),
        (BODY + b" " * 100_000, 413),
    ],
)
def test_a_refusal_is_the_same_on_both_ways(port: int, counted: Counted, body: bytes, status: int) -> None:
    language = ("Accept-Language", "es")
    asked = request("POST", "/predict", body, language)
    plain = heard(port, asked)
    assert (plain.status, plain.headers["content-type"]) == (status, "application/problem+json")
    counted.calls()  # a body that is too large does not come in one piece
    assert same(plain, heard(port, asked[:-1], asked[-1:]))
    assert counted.calls() == 1


def test_an_error_of_our_own_is_told_to_the_log_alone(
    port: int, counted: Counted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("the password is hunter2")

    monkeypatch.setattr(FrontApp, "predict", broken)
    with Wire(port) as wire:
        for _ in range(2):  # the connection stays
            wire.send(PLAIN)
            answer = wire.hear()
            assert answer.status == 500
            assert "hunter2" not in answer.body.decode()
    assert "hunter2" in caplog.text
    assert counted.calls() == 0


def test_callers_that_do_not_wait_get_every_answer_in_order(port: int) -> None:
    asked = [("POST", "/predict", BODY), ("GET", "/health", b""), ("POST", "/predict", orjson.dumps(rows(2)))] * 10
    with Wire(port) as wire:
        wire.send(b"".join(request(*one) for one in asked))
        answers = [wire.hear() for _ in asked]
    assert {answer.status for answer in answers} == {200}
    assert [len(answer.json()["when"]) for answer in answers[::3]] == [27] * 10
    assert ["status" in answer.json() for answer in answers[1::3]] == [True] * 10
    assert [len(answer.json()) for answer in answers[2::3]] == [2] * 10


def test_a_connection_ends_when_its_caller_says_so(port: int, counted: Counted) -> None:
    with Wire(port) as wire:
        wire.send(request("POST", "/predict", BODY, ("Connection", "close")))
        answer = wire.hear()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert wire.ended()
    assert counted.calls() == 0


def test_a_caller_who_leaves_harms_nobody_and_is_recorded() -> None:
    history = MemoryHistory()
    with served(open_app(service(history=history))) as port:
        with Wire(port) as wire:
            wire.send(request("POST", "/predict", orjson.dumps({**ROW, "age": 77.77})))  # it takes a while
            time.sleep(0.05)
        assert heard(port, PLAIN).status == 200
        assert history.total("clinic") == 2


def test_a_caller_who_never_listens_is_not_predicted_for_without_end() -> None:
    history = MemoryHistory()
    body = request("POST", "/predict", orjson.dumps(rows(500)))
    with served(open_app(service(history=history))) as port:
        with Wire(port, timeout=1) as wire, pytest.raises(TimeoutError):
            wire.send(body * 2_000)  # their answers would be 250 MB
        assert heard(port, PLAIN).status == 200
        assert history.total("clinic") < 500_000


def test_a_server_that_ends_answers_what_it_took() -> None:
    with ExitStack() as stack:
        with served(open_app()) as port:
            wire = stack.enter_context(Wire(port))
            wire.send(request("POST", "/predict", orjson.dumps({**ROW, "age": 77.77})))
            time.sleep(0.05)
        answer = wire.hear()
    assert (answer.status, answer.headers["connection"]) == (200, "close")
