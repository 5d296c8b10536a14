"""A client of one prediction server: its address, whether it is ready, its schema, its answers."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, InvalidURL

from vaticina.client.api_schema import ServerSchema, from_info, from_openapi
from vaticina.errors import ServerUnavailable, SettingsError

CHECK_PAUSE = 0.2
"""Seconds between two checks whether the server is ready."""

CHECK_TIMEOUT = ClientTimeout(total=5)
"""How long one check may take."""


@dataclass(frozen=True, slots=True)
class ServerReply:
    """The result of a request: the answer, or the kind of error and its message."""

    answer: Any
    kind: str | None = None
    message: str = ""

    @property
    def error(self) -> str:
        """The error in one line."""
        if not self.message:
            return str(self.kind)
        return f"{self.kind}: {self.message}"


class ServerClient:
    """A client of the server at ``url``: its root, a project's ``/models/NAME``, or the predict route itself."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self.base = base_address(url)
        self._session = session
        self._predict = f"{self.base}/predict"

    async def wait_until_ready(self, seconds: float) -> None:
        """Returns once a prediction would be answered; a server without ``/health/ready`` is ready when it answers.

        Raises:
            ServerUnavailable: it was not within ``seconds``.
        """
        clock = asyncio.get_running_loop().time
        end = clock() + seconds
        while (reason := await self._why_not_ready()) is not None:
            if clock() >= end:
                raise ServerUnavailable(f"{self.base} was not ready within {seconds:g} seconds: {reason}.")
            await asyncio.sleep(CHECK_PAUSE)

    async def schema(self) -> ServerSchema:
        """What the server takes and answers. Raises ServerUnavailable when it does not describe it."""
        schema = from_info(await self._document(f"{self.base}/model/info"))
        if schema is not None:
            return schema
        parts = urlsplit(self.base)
        root = f"{parts.scheme}://{parts.netloc}/openapi.json"
        document: Any = None
        for address, path in ((f"{self.base}/openapi.json", "/predict"), (root, f"{parts.path}/predict")):
            document = await self._document(address) or document
            schema = from_openapi(document, path)
            if schema is not None:
                return schema
        raise ServerUnavailable(f"{self.base} has no /predict that it describes.{_other_routes(document)}")

    async def predict(self, body: bytes, key: str | None = None) -> ServerReply:
        """The result of ``POST /predict`` with ``body``, after retries, which all send the same Idempotency-Key."""
        headers = {"Idempotency-Key": key} if key else None
        try:
            async with self._session.post(self._predict, data=body, headers=headers) as response:
                return _reply(response.status, await response.read())
        except TimeoutError:
            return ServerReply(None, "timeout", "no answer in time")
        except ClientConnectorError as error:
            return ServerReply(None, "not reached", _reason(error))
        except ClientError as error:
            return ServerReply(None, "cut off", _reason(error))

    async def _why_not_ready(self) -> str | None:
        """Why the server is not ready; None when it is."""
        try:
            ready = f"{self.base}/health/ready"
            async with self._session.get(ready, timeout=CHECK_TIMEOUT, middlewares=()) as response:
                if response.status < 500:
                    return None
                return f"it answers {response.status}"
        except InvalidURL:
            raise SettingsError(f"{self.base!r} is no address of a server.") from None
        except TimeoutError:
            return "it takes connections, but does not answer"
        except ClientError as error:
            return _reason(error)

    async def _document(self, address: str) -> Any:
        """The JSON at ``address``; None when there is none."""
        try:
            async with self._session.get(address) as response:
                if response.status != 200:
                    return None
                return orjson.loads(await response.read())
        except (ClientError, TimeoutError, orjson.JSONDecodeError):
            return None


def base_address(url: str) -> str:
    """``url`` without ``/predict`` at its end. Raises SettingsError unless it is one of http or https."""
    base = url.rstrip("/").removesuffix("/predict")
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError(f"{url!r} is no address of a server; write one like http://localhost:5000.")
    return base


def _reply(status: int, body: bytes) -> ServerReply:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if status == 200 and document is not None:
        return ServerReply(document)
    if status == 200:
        return ServerReply(None, "200 without JSON", _text(body))
    if isinstance(document, dict) and "code" in document:
        return ServerReply(None, f"{status} {document['code']}", str(document.get("detail", "")))
    return ServerReply(None, str(status), _text(body))


def _reason(error: ClientError) -> str:
    """Why a connection failed, in the words of the system."""
    if isinstance(error, ClientConnectorError):
        return error.os_error.strerror or str(error.os_error)
    return str(error) or type(error).__name__


def _text(body: bytes) -> str:
    return body[:200].decode(errors="replace")


def _other_routes(document: Any) -> str:
    """The predict routes in an OpenAPI document, for an error about an address that has none."""
    if not isinstance(document, dict):
        return ""
    routes = [path for path in document.get("paths", {}) if path.endswith("/predict")]
    if not routes:
        return ""
    return f" It has {', '.join(routes[:5])}: name one in the address."
