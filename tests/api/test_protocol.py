"""How answers leave: head and body together, and nothing held back that has no body yet."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from threading import Event
from typing import Any

from tests.api.clinic import served
from tests.api.wire import Wire, request
from vaticina.api.protocol import Joined

Send = Callable[[dict[str, Any]], Awaitable[None]]
START = {"type": "http.response.start", "status": 200, "headers": []}
ASKED = request("GET", "/", b"")


def answering(*parts: bytes | Event) -> Any:
    """An application that sends ``parts`` one by one; it waits where it finds an event."""

    async def app(scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send(START)
        for part in parts:
            if isinstance(part, Event):
                await asyncio.to_thread(part.wait, 10)
            else:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


class Pipe(asyncio.Transport):
    """Remembers what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True


async def joined() -> tuple[Pipe, Joined]:
    pipe = Pipe()
    return pipe, Joined(pipe, asyncio.get_running_loop())


def test_a_head_and_the_body_that_follows_it_are_one_write() -> None:
    async def scenario() -> None:
        pipe, transport = await joined()
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        transport.write(b"body")
        await asyncio.sleep(0)
        transport.write(b"more")
        assert pipe.written == [b"HTTP/1.1 200 OK\r\n\r\nbody", b"more"]

    asyncio.run(scenario())


def test_a_head_without_a_body_leaves_at_the_next_turn_or_with_the_end() -> None:
    async def scenario() -> None:
        pipe, transport = await joined()
        transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
        assert pipe.written == []
        await asyncio.sleep(0)
        assert pipe.written == [b"HTTP/1.1 200 OK\r\n\r\n"]
        transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        transport.close()
        assert pipe.written[1:] == [b"HTTP/1.1 204 No Content\r\n\r\n"]
        assert pipe.closed

    asyncio.run(scenario())


def test_a_head_is_heard_before_its_body_is_ready_and_a_body_may_look_like_a_head() -> None:
    ready = Event()
    with served(answering(ready, b"HTTP/1.1 is an old book", b"HTTP/1.1 twice")) as port:
        with socket.create_connection(("127.0.0.1", port), 10) as caller:
            caller.sendall(ASKED)
            head = caller.recv(65_536)
            assert head.startswith(b"HTTP/1.1 200 OK")
            assert b"old book" not in head
            ready.set()
            body = b""
            while not body.endswith(b"0\r\n\r\n"):
                body += caller.recv(65_536)
        assert body.split(b"\r\n")[1::2][:2] == [b"HTTP/1.1 is an old book", b"HTTP/1.1 twice"]


def test_callers_that_do_not_wait_get_every_answer_in_order(port: int) -> None:
    with Wire(port) as wire:
        wire.send(request("GET", "/health", b"") * 20)
        assert [wire.hear().status for _ in range(20)] == [200] * 20
