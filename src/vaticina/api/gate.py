"""The gate: one small ASGI callable in front of everything.

For every path it bounds the body, names the request, knows the caller and turns errors into answers. It serves the
predict routes itself and hands the rest to FastAPI.
"""

import logging
from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import uuid_utils

from vaticina.api.problems import Headers, problem
from vaticina.contract.messages import Language, language_of
from vaticina.errors import BodyTooLarge, MethodNotAllowed, NotLocal, VaticinaError
from vaticina.serving.batch import Prediction
from vaticina.serving.engine import Engine

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

log = logging.getLogger("vaticina")

LOOPBACK = ("127.0.0.1", "::1")
LOCAL_HOSTS = (b"127.0.0.1", b"localhost", b"[::1]", b"::1")
MAX_REQUEST_ID = 128
LISTED_UIDS = 100
"""A list of up to so many rows names each uid; a longer one names the first and the last, and they are consecutive."""


class Gate:
    """Serves ``engines`` (by the path of their predict route) and hands all else to ``inner``."""

    def __init__(self, engines: Mapping[str, Engine], inner: App, *, open_to_all: bool, max_body: int) -> None:
        self._engines = dict(engines)
        self._inner = inner
        self._open = open_to_all
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI call."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        call = Call(scope, self._max_body, receive, send)
        try:
            if not self._open and not is_local(scope):
                raise NotLocal
            call.check_length()
            engine = self._engines.get(scope["path"])
            if engine is not None:
                await predict(engine, call)
            else:
                scope["state"] = {**scope.get("state", {}), "request_id": call.request_id, "language": call.language()}
                await self._inner(scope, call.bounded_receive, call.named_send)
        except VaticinaError as error:
            await call.refuse(error)
        except CancelledError:
            raise
        except Exception:
            log.exception("request %s to %s failed", call.request_id, scope["path"])
            await call.refuse(VaticinaError())


async def predict(engine: Engine, call: "Call") -> None:
    """The predict route: body, contract, engine, answer."""
    if call.scope["method"] != "POST":
        raise MethodNotAllowed("Send a POST with the rows as JSON.")
    loaded = engine.slot.current
    parsed = loaded.validator.parse(await call.body())
    prediction = await engine.predict(loaded, parsed, call.request_id, None)
    await call.answer(prediction, parsed.many)


class Call:
    """One HTTP request at the gate."""

    __slots__ = ("_accept_language", "_length", "_max_body", "_receive", "_send", "_started", "request_id", "scope")

    def __init__(self, scope: Scope, max_body: int, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.request_id = ""
        self._max_body = max_body
        self._receive = receive
        self._send = send
        self._started = False
        self._accept_language = self._length = b""
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                self.request_id = _clean(value)
            elif name == b"accept-language":
                self._accept_language = value
            elif name == b"content-length":
                self._length = value
        self.request_id = self.request_id or str(uuid_utils.uuid7())

    def language(self) -> Language:
        """The language the caller asked for."""
        return language_of(self._accept_language.decode("latin-1"))

    def check_length(self) -> None:
        """Raises BodyTooLarge when the caller announces more than is taken."""
        if self._length.isdigit() and int(self._length[:20]) > self._max_body:
            raise self._too_large()

    async def body(self) -> bytes:
        """The whole body. Raises BodyTooLarge."""
        message = await self._receive()
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            return body
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await self._receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._max_body:
                raise self._too_large()
        return b"".join(parts)

    async def answer(self, prediction: Prediction, many: bool) -> None:
        """Sends the answers, with the uids and the version in headers."""
        bodies = [answered.body for answered in prediction.answers]
        body = b"[" + b",".join(bodies) + b"]" if many else bodies[0]
        headers = [
            (b"content-type", b"application/json"),
            (b"vaticina-prediction", _listed(prediction.uids)),
            (b"vaticina-version", prediction.version.encode()),
        ]
        await self._respond(200, headers, body)

    async def refuse(self, error: VaticinaError) -> None:
        """Sends ``error``, unless an answer has already begun."""
        if self._started:
            return
        found = problem(error, self.language(), self.scope["path"], self.request_id)
        extra: Headers = [(b"allow", b"POST")] if isinstance(error, MethodNotAllowed) else []
        await self._respond(found.status, found.headers + extra, found.body)

    async def bounded_receive(self) -> Message:
        """``receive`` for the app behind, which may not read more than the bound either."""
        message = await self._receive()
        self._max_body -= len(message.get("body", b""))
        if self._max_body < 0:
            raise self._too_large()
        return message

    async def named_send(self, message: Message) -> None:
        """``send`` for the app behind, which adds the request's id."""
        if message["type"] == "http.response.start":
            self._started = True
            message["headers"] = [*message.get("headers", []), (b"x-request-id", self.request_id.encode())]
        await self._send(message)

    async def _respond(self, status: int, headers: Headers, body: bytes) -> None:
        self._started = True
        headers.append((b"content-length", str(len(body)).encode()))
        headers.append((b"x-request-id", self.request_id.encode()))
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge("The body is larger than this server takes; send fewer rows at a time.")


def is_local(scope: Scope) -> bool:
    """Whether the caller is on this machine: a loopback peer, a loopback Host, and no sign of a proxy in between."""
    client = scope.get("client")
    if not client or client[0] not in LOOPBACK:
        return False
    host = b""
    for name, value in scope["headers"]:
        if name == b"forwarded" or name.startswith(b"x-forwarded"):
            return False
        if name == b"host":
            host = value
    name = host if host.startswith(b"[") else host.rpartition(b":")[0] or host
    return name.partition(b"]")[0] + b"]" in LOCAL_HOSTS if name.startswith(b"[") else name in LOCAL_HOSTS


def _clean(value: bytes) -> str:
    """A caller's request id, if it is short and printable; else none."""
    text = value.decode("latin-1")
    return text if len(text) <= MAX_REQUEST_ID and text.isascii() and text.isprintable() else ""


def _listed(uids: list[str]) -> bytes:
    if len(uids) > LISTED_UIDS:
        return f"{uids[0]}..{uids[-1]}".encode()
    return ",".join(uids).encode()
