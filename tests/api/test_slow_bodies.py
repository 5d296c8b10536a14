"""Bodies that trickle in, or never come."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from fastapi import FastAPI, Request

from tests.api.clinic import ROW, project, served, service
from tests.api.wire import Wire, ask, chunk, predict, request
from tests.history.memory import MemoryHistory
from vaticina.api.app import make_app
from vaticina.api.front_app import FrontApp

BODY = orjson.dumps(ROW)
SECONDS = 0.6
CHUNKED = ("Transfer-Encoding", "chunked")


def impatient() -> FrontApp:
    about = project()
    limits = about.serving.model_copy(update={"body_timeout": SECONDS})
    return make_app([service(about.model_copy(update={"serving": limits}), history=HISTORY)])


HISTORY = MemoryHistory()


@pytest.fixture(scope="module")
def slow_port() -> Iterator[int]:
    with served(impatient()) as number:
        yield number


@contextmanager
def refused(wire: Wire) -> Iterator[None]:
    """The block is answered by 408, and the connection ends."""
    begun = time.monotonic()
    yield
    heard = wire.hear()
    assert (heard.status, heard.json()["code"]) == (408, "body_timeout")
    assert heard.headers["connection"] == "close"
    assert time.monotonic() - begun >= SECONDS * 0.9
    assert wire.ended()


def test_a_body_that_trickles_in_is_refused_in_time(slow_port: int) -> None:
    before = HISTORY.total("clinic")
    with Wire(slow_port) as wire, refused(wire):
        wire.send(request("POST", "/predict", BODY[:1], ("Content-Length", str(len(BODY)))))
        for at in range(1, 7):
            time.sleep(SECONDS / 8)
            wire.send(BODY[at : at + 1])
    assert HISTORY.total("clinic") == before


def test_chunks_that_trickle_in_are_refused_too(slow_port: int) -> None:
    with Wire(slow_port) as wire, refused(wire):
        wire.send(request("POST", "/predict", chunk(BODY[:1]), CHUNKED))
        for at in range(1, 7):
            time.sleep(SECONDS / 8)
            wire.send(chunk(BODY[at : at + 1]))


@pytest.mark.parametrize("announced", [("Content-Length", str(len(BODY))), CHUNKED])
def test_a_body_that_never_comes_is_refused(slow_port: int, announced: tuple[str, str]) -> None:
    with Wire(slow_port) as wire, refused(wire):
        wire.send(request("POST", "/predict", b"", announced))


def test_a_body_that_comes_late_but_in_time_is_answered(slow_port: int) -> None:
    with Wire(slow_port) as wire:
        for _ in range(3):  # each request has its own time
            wire.send(request("POST", "/predict", b"", ("Content-Length", str(len(BODY)))))
            for at in range(0, len(BODY), 16):
                time.sleep(SECONDS / 20)
                wire.send(BODY[at : at + 16])
            assert wire.hear().status == 200


def test_a_model_may_take_longer_than_a_body(slow_port: int) -> None:
    with Wire(slow_port) as wire:
        wire.send(request("POST", "/predict", BODY[:9], ("Content-Length", str(len(BODY)))))
        time.sleep(SECONDS * 0.8)
        wire.send(BODY[9:])
        assert wire.hear().status == 200
    assert predict(slow_port, ROW | {"age": 77.77}).status == 200


def test_a_body_that_is_there_sets_no_timer(slow_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def timer(end: float) -> asyncio.Timeout:
        raise AssertionError("a timer was set")

    monkeypatch.setattr("vaticina.api.receive.asyncio.timeout_at", timer)
    assert predict(slow_port, ROW).status == 200
    assert ask(slow_port, "POST", "/predict", chunk(BODY) + chunk(b""), CHUNKED).status == 200


def test_a_route_behind_the_gate_waits_no_longer_but_may_work_for_longer() -> None:
    gate = impatient()
    assert isinstance(gate._inner, FastAPI)

    @gate._inner.post("/work")
    async def work(request: Request) -> str:
        await request.body()
        for _ in range(20):
            await asyncio.sleep(SECONDS / 10)
            if await request.is_disconnected():
                return "gone"
        return "done"

    with served(gate) as port:
        assert ask(port, "POST", "/work", b"{}").json() == "done"
        with Wire(port) as wire, refused(wire):
            wire.send(request("POST", "/work", b"{", ("Content-Length", "2")))
