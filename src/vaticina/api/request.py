"""A call: what an HTTP request says of itself, and what is answered to it."""

import logging
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote

import uuid_utils

from vaticina.api.problems import problem
from vaticina.api.response import Headers, Reply
from vaticina.contract import Parsed
from vaticina.contract.messages import Language, language_of
from vaticina.errors import MethodNotAllowed, VaticinaError
from vaticina.serving.batch import Prediction

Scope = MutableMapping[str, Any]

log = logging.getLogger("vaticina")

JSON = (b"content-type", b"application/json")
PREDICT = b"OPTIONS, POST"
"""What the predict routes take."""

MAX_REQUEST_ID = 128
LONGEST_LIST = 2_000
"""Bytes of names in a header: proxies take 4 to 8 KiB of headers in all."""

LISTED_UIDS = 100
"""A list of up to so many rows names each uid; a longer one names the first and the last, and they are consecutive."""


class Call:
    """One HTTP request, by its ASGI ``scope``; it has a name, its own or one that it is given.

    ``languages`` are those of the projects that are served, by their prefixes, for a caller who asks for none.
    """

    __slots__ = ("_headers", "_languages", "request_id", "scope")

    def __init__(self, scope: Scope, languages: Mapping[str, Language]) -> None:
        self.scope = scope
        self._languages = languages
        self._headers = headers = dict(scope["headers"])
        own = headers.get(b"x-request-id")
        self.request_id = (own and _clean(own)) or str(uuid_utils.uuid7())

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, if it was sent."""
        return self._headers.get(name)

    @property
    def name(self) -> tuple[bytes, bytes]:
        """The header that tells the request's name."""
        return b"x-request-id", self.request_id.encode()

    @property
    def language(self) -> Language:
        """The language the caller asked for, else that of the project."""
        prefix = "/".join(self.scope["path"].split("/", 3)[:3])  # /models/NAME; one project alone has none
        default = self._languages.get(prefix) or self._languages.get("", "en")
        return language_of(self._headers.get(b"accept-language", b"").decode("latin-1"), default)

    @property
    def length(self) -> int:
        """The bytes of body that the caller announces; 0 when there is no announcement."""
        announced = self._headers.get(b"content-length", b"")
        return int(announced[:20]) if announced.isdigit() else 0

    def behind(self) -> Scope:
        """The scope for the app behind. A HEAD is a GET whose body the server leaves out."""
        state = {**self.scope.get("state", {}), "request_id": self.request_id, "language": self.language}
        method = "GET" if self.scope["method"] == "HEAD" else self.scope["method"]
        return {**self.scope, "state": state, "method": method}

    def answer(self, prediction: Prediction, parsed: Parsed) -> Reply:
        """The answers to the rows in ``parsed``, with their uids and the version in headers."""
        bodies = prediction.bodies
        headers = [
            JSON,
            (b"vaticina-prediction", _listed(prediction.uids)),
            (b"vaticina-version", prediction.version.encode()),
        ]
        if prediction.outside:
            headers.append((b"vaticina-outside", listed_names(prediction.outside)))
        if not parsed.many:
            return self._reply(200, headers, bodies[0])
        before, after = parsed.frame
        return self._reply(200, headers, before + b",".join(bodies) + after)

    def refusal(self, error: Exception) -> Reply:
        """What is answered in place of a prediction; an error that is not one of ours is told to the log alone."""
        if not isinstance(error, VaticinaError):
            log.error("request %s to %.200r failed", self.request_id, self.scope["path"], exc_info=error)
            error = VaticinaError()
        status, headers, body = problem(error, self.language, self.scope["path"], self.request_id)
        extra: Headers = [(b"allow", PREDICT)] if isinstance(error, MethodNotAllowed) else []
        return self._reply(status, headers + extra, body)

    def _reply(self, status: int, headers: Headers, body: bytes) -> Reply:
        return Reply(status, [*headers, (b"content-length", b"%d" % len(body)), self.name], body)


def _clean(value: bytes) -> str:
    """A caller's request id, if it is short and printable; else none."""
    text = value.decode("latin-1")
    return text if len(text) <= MAX_REQUEST_ID and text.isascii() and text.isprintable() else ""


def listed_names(names: Sequence[str]) -> bytes:
    """Names with commas between them, each percent-encoded (RFC 3986): a header holds ASCII.

    After ``LONGEST_LIST`` bytes there comes only how many more there are, as ``+3``; a name never starts so.
    """
    listed: list[str] = []
    length = 0
    for name in names:
        encoded = quote(name, safe="")
        length += len(encoded) + 2
        if length > LONGEST_LIST:
            return ", ".join([*listed, f"+{len(names) - len(listed)}"]).encode()
        listed.append(encoded)
    return ", ".join(listed).encode()


def _listed(uids: list[str]) -> bytes:
    if len(uids) == 1:
        return uids[0].encode()
    if len(uids) > LISTED_UIDS:
        return f"{uids[0]}..{uids[-1]}".encode()
    return ",".join(uids).encode()
