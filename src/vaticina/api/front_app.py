"""The front app: one small ASGI callable in front of everything.

For every path it bounds the body, names the request, knows the caller and turns errors into answers. It serves the
predict routes itself and hands the rest to FastAPI.
"""

import asyncio
import re
from asyncio import CancelledError, Future
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, MutableMapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

from vaticina.api.idempotency import Keyed
from vaticina.api.receive import Rest, at_once, by
from vaticina.api.request import PREDICT, Call, Scope
from vaticina.api.response import Reply
from vaticina.api.service import Service
from vaticina.contract import Parsed
from vaticina.errors import BodyTooLarge, MethodNotAllowed, NotLocal
from vaticina.serving.batch import Prediction
from vaticina.serving.engine import Engine

Message = MutableMapping[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOCAL_HOST = re.compile(rb"(127\.0\.0\.1|localhost|\[::1\])(:\d*)?", re.IGNORECASE)
LOCAL_ORIGIN = re.compile(rb"https?://" + LOCAL_HOST.pattern, re.IGNORECASE)
PROXIED = frozenset({b"forwarded", b"via", b"x-real-ip"})
"""Headers that, like any X-Forwarded one, are a proxy's: the caller is not the peer."""

KEY = b"idempotency-key"


def options(methods: Iterable[str]) -> str:
    """An Allow header for a route with ``methods``; every route answers OPTIONS."""
    return ", ".join(sorted({*methods, "OPTIONS"}))


class Bounds(NamedTuple):
    """How large a body may be, in bytes, and how many seconds one may take that is not there at once."""

    max_body: int
    body_timeout: float


class FrontApp:
    """Serves ``services`` (by the path of their predict route) and hands all else to ``inner``."""

    def __init__(self, services: Mapping[str, Service], inner: App, bounds: Bounds, *, open_to_all: bool) -> None:
        self._engines = {path: service.engine for path, service in services.items()}
        self._keyed = {path: Keyed(service) for path, service in services.items()}
        self.predicting = {path.encode(): engine for path, engine in self._engines.items()}
        """The engines by the paths of their predict routes, as they stand in a request."""
        self._inner = inner
        self._open = open_to_all
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI call."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        if scope["type"] != "http":  # no route of ours is a web socket
            await send({"type": "websocket.close", "code": 1003})
            return
        call = Call(scope)
        talk = Talk(call, self._bounds, receive, send)
        try:
            self._admit(call, call.length)
            engine = self._engines.get(scope["path"])
            if engine is not None:
                await self._predict(engine, call, talk)
            else:
                await self._inner(call.behind(), talk.bounded_receive, talk.named_send)
        except CallerGone:
            return
        except CancelledError:
            raise
        except Exception as error:
            await talk.reply(call.refusal(error))

    def predict(self, engine: Engine, call: Call, body: bytes) -> tuple[Parsed, "Future[Prediction]"]:
        """The rows of a whole ``body`` without an idempotency key, and the prediction to come for them.

        Raises what keeps it from being made; ``Call.refusal`` tells it.
        """
        self._admit(call, len(body))
        return _begin(engine, call, body)

    def _admit(self, call: Call, length: int) -> None:
        if not self._open and not is_local(call.scope):
            raise NotLocal
        if length > self._bounds.max_body:
            raise too_large()

    async def _predict(self, engine: Engine, call: Call, talk: "Talk") -> None:
        """The predict route: body, contract, engine, answer; with an idempotency key, by way of ``Keyed``."""
        if call.scope["method"] == "OPTIONS":
            await talk.reply(Reply(204, [(b"allow", PREDICT), call.name], b""))  # a 204 has no length
            return
        if call.scope["method"] != "POST":
            raise MethodNotAllowed("Send a POST with the rows as JSON.")
        body = await talk.body()
        key = call.header(KEY)
        if key is None:
            parsed, prediction = _begin(engine, call, body)
            await talk.reply(call.answer(await prediction, parsed))
            return
        recorded, parsed = await self._keyed[call.scope["path"]].predict(body, key, call.request_id, None)
        await talk.reply(call.answer(recorded, parsed))


def _begin(engine: Engine, call: Call, body: bytes) -> tuple[Parsed, "Future[Prediction]"]:
    loaded = engine.slot.current  # only now: from here to the queue nothing waits, so that it cannot be swapped away
    parsed = loaded.validator.parse(body)
    return parsed, engine.predict(loaded, parsed, call.request_id, None)


class CallerGone(Exception):
    """The caller hung up before the body was whole: what came is not what was meant, so nothing is predicted."""


class Talk:
    """The ASGI messages of a call: its body comes in bounds, and one answer leaves."""

    __slots__ = ("_bounds", "_call", "_end", "_left", "_receive", "_send", "_started", "_whole")

    def __init__(self, call: Call, bounds: Bounds, receive: Receive, send: Send) -> None:
        self._call = call
        self._bounds = bounds
        self._receive = receive
        self._send = send
        self._started = False
        self._whole = False
        self._end = 0.0
        self._left = bounds.max_body

    async def body(self) -> bytes:
        """The whole body. Raises BodyTooLarge, BodyTimeout and CallerGone."""
        parts: list[bytes] = []
        while not self._whole:
            message = await self._next()
            if message["type"] == "http.disconnect":
                raise CallerGone
            parts.append(message.get("body", b""))
        return b"".join(parts)

    async def bounded_receive(self) -> Message:
        """``receive`` for the app behind, whose bodies are bounded too; once one is whole, it may wait for ever."""
        return await (self._receive() if self._whole else self._next())

    async def named_send(self, message: Message) -> None:
        """``send`` for the app behind, which adds the request's id."""
        if message["type"] == "http.response.start":
            self._started = True
            message["headers"] = [*message.get("headers", []), self._call.name]
        await self._send(message)

    async def reply(self, reply: Reply) -> None:
        """Sends ``reply``, unless an answer has already begun."""
        if self._started:
            return
        self._started = True
        await self._send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await self._send({"type": "http.response.body", "body": reply.body})

    async def _next(self) -> Message:
        """The next message of the body. Raises BodyTooLarge and BodyTimeout."""
        message = at_once(self._receive())
        if isinstance(message, Rest):
            message = await self._late(message)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise too_large()
        self._whole = not message.get("more_body", False)
        return message

    async def _late(self, rest: Rest[Message]) -> Message:
        """A message that is not there yet; the first of them starts the time that the body may take."""
        if not self._end:
            self._end = asyncio.get_running_loop().time() + self._bounds.body_timeout
        return await by(self._end, rest)


def too_large() -> BodyTooLarge:
    """What is said of a body beyond the bounds."""
    return BodyTooLarge("The body is larger than this server takes; send fewer rows at a time.")


def is_local(scope: Scope) -> bool:
    """Whether the caller is on this machine.

    A loopback peer, one loopback Host (a name that resolves here does not make a page local), no sign of a proxy in
    between, and no Origin of elsewhere: a browser here may run anybody's page.
    """
    client = scope.get("client")
    if not client or not _is_loopback(client[0]):
        return False
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and LOCAL_HOST.fullmatch(hosts[0]) is not None and not any(map(_foreign, scope["headers"]))


def _foreign(header: tuple[bytes, bytes]) -> bool:
    name, value = header
    if name == b"origin":
        return LOCAL_ORIGIN.fullmatch(value) is None
    return name in PROXIED or name.startswith(b"x-forwarded")


@lru_cache(1_024)
def _is_loopback(peer: str) -> bool:
    try:
        return ip_address(peer.lower().removeprefix("::ffff:")).is_loopback  # IPv4 as a socket for both sees it
    except ValueError:
        return False
