"""The gate: one small ASGI callable in front of everything.

For every path it bounds the body, names the request, knows the caller and turns errors into answers. It serves the
predict routes itself and hands the rest to FastAPI.
"""

import asyncio
import logging
import re
from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, MutableMapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

import uuid_utils

from vaticina.api.arrival import Rest, at_once, by
from vaticina.api.keyed import Keyed
from vaticina.api.problems import Headers, problem
from vaticina.api.service import Service
from vaticina.contract.messages import Language, language_of
from vaticina.errors import BodyTooLarge, MethodNotAllowed, NotLocal, VaticinaError
from vaticina.serving.batch import Prediction
from vaticina.serving.engine import Engine

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("vaticina")

LOCAL_HOST = re.compile(rb"(127\.0\.0\.1|localhost|\[::1\])(:\d*)?", re.IGNORECASE)
LOCAL_ORIGIN = re.compile(rb"https?://" + LOCAL_HOST.pattern, re.IGNORECASE)
PROXIED = frozenset({b"forwarded", b"via", b"x-real-ip"})
"""Headers that, like any X-Forwarded one, are a proxy's: the caller is not the peer."""

JSON = (b"content-type", b"application/json")


def options(methods: Iterable[str]) -> str:
    """An Allow header for a route with ``methods``; every route answers OPTIONS."""
    return ", ".join(sorted({*methods, "OPTIONS"}))


PREDICT = options(["POST"]).encode()
"""What the predict routes take."""

MAX_REQUEST_ID = 128
LISTED_UIDS = 100
"""A list of up to so many rows names each uid; a longer one names the first and the last, and they are consecutive."""


class Bounds(NamedTuple):
    """How large a body may be, in bytes, and how many seconds one may take that is not there at once."""

    max_body: int
    body_timeout: float


class Gate:
    """Serves ``services`` (by the path of their predict route) and hands all else to ``inner``."""

    def __init__(self, services: Mapping[str, Service], inner: App, bounds: Bounds, *, open_to_all: bool) -> None:
        self._engines = {path: service.engine for path, service in services.items()}
        self._keyed = {path: Keyed(service) for path, service in services.items()}
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
        call = Call(scope, self._bounds, receive, send)
        try:
            if not self._open and not is_local(scope):
                raise NotLocal
            call.check_length()
            engine = self._engines.get(scope["path"])
            if engine is not None:
                await predict(engine, call, self._keyed)
            else:
                await self._inner(call.scope_behind(), call.bounded_receive, call.named_send)
        except VaticinaError as error:
            await call.refuse(error)
        except CallerGone:
            return
        except CancelledError:
            raise
        except Exception:
            log.exception("request %s to %.200r failed", call.request_id, scope["path"])
            await call.refuse(VaticinaError())


async def predict(engine: Engine, call: "Call", keyed: Mapping[str, Keyed]) -> None:
    """The predict route: body, contract, engine, answer; with an idempotency key, by way of ``keyed``."""
    if call.scope["method"] != "POST":
        if call.scope["method"] == "OPTIONS":
            await call.tell_methods()
            return
        raise MethodNotAllowed("Send a POST with the rows as JSON.")
    body = await call.body()
    key = call.header(b"idempotency-key")
    if key is not None:
        prediction, parsed = await keyed[call.scope["path"]].predict(body, key, call.request_id, None)
        await call.answer(prediction, parsed.frame if parsed.many else None)
        return
    loaded = engine.slot.current  # only now: from here to the queue nothing waits, so that it cannot be swapped away
    parsed = loaded.validator.parse(body)
    prediction = await engine.predict(loaded, parsed, call.request_id, None)
    await call.answer(prediction, parsed.frame if parsed.many else None)


class CallerGone(Exception):
    """The caller hung up before the body was whole: what came is not what was meant, so nothing is predicted."""


class Call:
    """One HTTP request at the gate."""

    __slots__ = (
        "_bounds",
        "_end",
        "_headers",
        "_left",
        "_receive",
        "_send",
        "_started",
        "_whole",
        "request_id",
        "scope",
    )

    def __init__(self, scope: Scope, bounds: Bounds, receive: Receive, send: Send) -> None:
        self.scope = scope
        self._bounds = bounds
        self._receive = receive
        self._send = send
        self._started = False
        self._whole = False
        self._end = 0.0
        self._left = bounds.max_body
        self._headers = headers = dict(scope["headers"])
        own = headers.get(b"x-request-id")
        self.request_id = (own and _clean(own)) or str(uuid_utils.uuid7())

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, if it was sent."""
        return self._headers.get(name)

    def language(self) -> Language:
        """The language the caller asked for."""
        return language_of(self._headers.get(b"accept-language", b"").decode("latin-1"))

    def check_length(self) -> None:
        """Raises BodyTooLarge when the caller announces more than is taken."""
        length = self._headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > self._bounds.max_body:
            raise self._too_large()

    async def body(self) -> bytes:
        """The whole body. Raises BodyTooLarge, BodyTimeout and CallerGone."""
        parts: list[bytes] = []
        more = True
        while more:
            message = at_once(self._receive())
            if isinstance(message, Rest):
                message = await self._late(message)
            if message["type"] == "http.disconnect":
                raise CallerGone
            parts.append(self._part(message))
            more = message.get("more_body", False)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def answer(self, prediction: Prediction, frame: tuple[bytes, bytes] | None) -> None:
        """Sends the answers, a list of them in its ``frame``, with the uids and the version in headers."""
        bodies = prediction.bodies
        body = bodies[0] if frame is None else frame[0] + b",".join(bodies) + frame[1]
        headers = [
            JSON,
            (b"vaticina-prediction", _listed(prediction.uids)),
            (b"vaticina-version", prediction.version.encode()),
        ]
        await self._respond(200, headers, body)

    async def refuse(self, error: VaticinaError) -> None:
        """Sends ``error``, unless an answer has already begun."""
        if self._started:
            return
        found = problem(error, self.language(), self.scope["path"], self.request_id)
        extra: Headers = [(b"allow", PREDICT)] if isinstance(error, MethodNotAllowed) else []
        await self._respond(found.status, found.headers + extra, found.body)

    async def tell_methods(self) -> None:
        """Answers an OPTIONS for the predict route."""
        headers = [(b"allow", PREDICT)]  # a 204 has no length
        await self.named_send({"type": "http.response.start", "status": 204, "headers": headers})
        await self._send({"type": "http.response.body", "body": b""})

    def scope_behind(self) -> Scope:
        """The scope for the app behind. A HEAD is a GET whose body the server leaves out."""
        state = {**self.scope.get("state", {}), "request_id": self.request_id, "language": self.language()}
        method = "GET" if self.scope["method"] == "HEAD" else self.scope["method"]
        return {**self.scope, "state": state, "method": method}

    async def bounded_receive(self) -> Message:
        """``receive`` for the app behind, whose bodies are bounded too; once one is whole, it may wait for ever."""
        if self._whole:
            return await self._receive()
        message = at_once(self._receive())
        if isinstance(message, Rest):
            message = await self._late(message)
        self._part(message)
        self._whole = not message.get("more_body", False)
        return message

    def _part(self, message: Message) -> bytes:
        """The part of the body in ``message``. Raises BodyTooLarge."""
        part: bytes = message.get("body", b"")
        self._left -= len(part)
        if self._left < 0:
            raise self._too_large()
        return part

    async def _late(self, rest: Rest[Message]) -> Message:
        """A message that is not there yet; the first of them starts the time that the body may take."""
        if not self._end:
            self._end = asyncio.get_running_loop().time() + self._bounds.body_timeout
        return await by(self._end, rest)

    async def named_send(self, message: Message) -> None:
        """``send`` for the app behind, which adds the request's id."""
        if message["type"] == "http.response.start":
            self._started = True
            message["headers"] = [*message.get("headers", []), (b"x-request-id", self.request_id.encode())]
        await self._send(message)

    async def _respond(self, status: int, headers: Headers, body: bytes) -> None:
        self._started = True
        headers += ((b"content-length", b"%d" % len(body)), (b"x-request-id", self.request_id.encode()))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _too_large(self) -> BodyTooLarge:
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


def _clean(value: bytes) -> str:
    """A caller's request id, if it is short and printable; else none."""
    text = value.decode("latin-1")
    return text if len(text) <= MAX_REQUEST_ID and text.isascii() and text.isprintable() else ""


def _listed(uids: list[str]) -> bytes:
    if len(uids) == 1:
        return uids[0].encode()
    if len(uids) > LISTED_UIDS:
        return f"{uids[0]}..{uids[-1]}".encode()
    return ",".join(uids).encode()
