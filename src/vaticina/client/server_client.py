"""A server as its callers see it: one base address, its readiness, what it wants, its answers."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, InvalidURL

from vaticina.client.api_schema import Wanted, from_info, from_openapi
from vaticina.errors import ServerUnavailable, SettingsError

LOOK = 0.2
"""Seconds between looks whether it is ready."""

LOOKING = ClientTimeout(total=5)
"""A look may not hang longer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a request: the answer, or the kind of error and what was said."""

    answer: Any
    kind: str | None = None
    message: str = ""

    @property
    def told(self) -> str:
        """The error in one line."""
        return f"{self.kind}: {self.message}" if self.message else str(self.kind)


class Server:
    """The server at ``url``, which is its root, a project's ``/models/NAME``, or the predict route itself."""

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
        while (trouble := await self._trouble()) is not None:
            if clock() >= end:
                raise ServerUnavailable(f"{self.base} was not ready within {seconds:g} seconds: {trouble}.")
            await asyncio.sleep(LOOK)

    async def wanted(self) -> Wanted:
        """What the server says of its inputs. Raises ServerUnavailable when it says nothing that can be used."""
        told = from_info(await self._document(f"{self.base}/model/info"))
        if told is not None:
            return told
        parts = urlsplit(self.base)
        root = f"{parts.scheme}://{parts.netloc}/openapi.json"
        document: Any = None
        for address, path in ((f"{self.base}/openapi.json", "/predict"), (root, f"{parts.path}/predict")):
            document = await self._document(address) or document
            told = from_openapi(document, path)
            if told is not None:
                return told
        raise ServerUnavailable(f"{self.base} has no /predict that it describes.{_elsewhere(document)}")

    async def ask(self, body: bytes, key: str | None = None) -> Reply:
        """What came of ``POST /predict`` with ``body``, after retries, all of them under the idempotency ``key``."""
        headers = {"Idempotency-Key": key} if key else None
        try:
            async with self._session.post(self._predict, data=body, headers=headers) as response:
                return _reply(response.status, await response.read())
        except TimeoutError:
            return Reply(None, "timeout", "no answer in time")
        except ClientConnectorError as error:
            return Reply(None, "not reached", _said(error))
        except ClientError as error:
            return Reply(None, "cut off", _said(error))

    async def _trouble(self) -> str | None:
        """Why the server is not ready; None when it is."""
        try:
            async with self._session.get(f"{self.base}/health/ready", timeout=LOOKING, middlewares=()) as response:
                return f"it answers {response.status}" if response.status >= 500 else None
        except InvalidURL:
            raise SettingsError(f"{self.base!r} is no address of a server.") from None
        except TimeoutError:
            return "it takes connections, but does not answer"
        except ClientError as error:
            return _said(error)

    async def _document(self, address: str) -> Any:
        """The JSON at ``address``; None when there is none."""
        try:
            async with self._session.get(address) as response:
                return orjson.loads(await response.read()) if response.status == 200 else None
        except (ClientError, TimeoutError, orjson.JSONDecodeError):
            return None


def base_address(url: str) -> str:
    """``url`` without ``/predict`` at its end. Raises SettingsError unless it is one of http or https."""
    base = url.rstrip("/").removesuffix("/predict")
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingsError(f"{url!r} is no address of a server; write one like http://localhost:5000.")
    return base


def _reply(status: int, body: bytes) -> Reply:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if status == 200:
        return Reply(document) if document is not None else Reply(None, "200 without JSON", _text(body))
    if isinstance(document, dict) and "code" in document:
        return Reply(None, f"{status} {document['code']}", str(document.get("detail", "")))
    return Reply(None, str(status), _text(body))


def _said(error: ClientError) -> str:
    """What happened to a connection, as the system says it."""
    if isinstance(error, ClientConnectorError):
        return error.os_error.strerror or str(error.os_error)
    return str(error) or type(error).__name__


def _text(body: bytes) -> str:
    return body[:200].decode(errors="replace")


def _elsewhere(document: Any) -> str:
    """The predict routes that an OpenAPI document names, for those who named another."""
    paths = document.get("paths", {}) if isinstance(document, dict) else {}
    found = [path for path in paths if path.endswith("/predict")]
    return f" It has {', '.join(found[:5])}: name one in the address." if found else ""
