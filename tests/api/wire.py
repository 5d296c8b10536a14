"""HTTP by hand: what a well-behaved client library would not send."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import orjson


@dataclass(frozen=True)
class Heard:
    """A response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


class Wire:
    """One connection to a port of this machine."""

    def __init__(self, port: int, timeout: float = 20) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout)
        self._buffer = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hang_up(self) -> None:
        """Says that nothing more will come; answers can still be heard."""
        self._socket.shutdown(socket.SHUT_WR)

    def hear(self, *, body: bool = True) -> Heard:
        """The next response; a HEAD's has no body."""
        head = self._until(b"\r\n\r\n").decode("latin-1")
        status, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0)) if body else 0
        while len(self._buffer) < length:
            self._more()
        content, self._buffer = self._buffer[:length], self._buffer[length:]
        return Heard(int(status.split()[1]), headers, content)

    def ended(self) -> bool:
        """Whether the server closed the connection."""
        try:
            return self._socket.recv(1) == b""
        except ConnectionError:
            return True

    def _until(self, end: bytes) -> bytes:
        while end not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(end)
        return head

    def _more(self) -> None:
        data = self._socket.recv(65_536)
        if not data:
            raise EOFError(f"the connection ended after {self._buffer!r}")
        self._buffer += data


def request(method: str, path: str, body: bytes | None = None, *headers: tuple[str, str]) -> bytes:
    """The bytes of a request; Host and Content-Length are given unless ``headers`` name them."""
    lines = [f"{method} {path} HTTP/1.1"]
    given = {name.lower() for name, _ in headers}
    if "host" not in given:
        lines.append("Host: 127.0.0.1")
    if body is not None and not given & {"content-length", "transfer-encoding"}:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def ask(port: int, method: str, path: str, body: bytes | None = None, *headers: tuple[str, str]) -> Heard:
    """One request on a connection of its own."""
    with Wire(port) as wire:
        wire.send(request(method, path, body, *headers))
        return wire.hear(body=method != "HEAD")


def predict(port: int, rows: object, *headers: tuple[str, str]) -> Heard:
    """POST /predict with ``rows`` as JSON."""
    return ask(port, "POST", "/predict", orjson.dumps(rows), *headers)
