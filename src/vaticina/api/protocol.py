"""uvicorn's HTTP protocol, whose answers leave in one piece."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

STATUS_LINE = b"HTTP/1.1 "


class OnePiece(HttpToolsProtocol):
    """uvicorn writes the head of an answer and then its body, each a system call that wakes the caller."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The connection, through a transport that joins the two."""
        super().connection_made(Joined(transport, self.loop))


class Joined(asyncio.Transport):
    """A transport that holds what looks like a head back until the body follows, at most to the next turn of the loop.

    What only looks like one, and a head whose body is not ready yet, leaves by itself a moment later.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head: bytes | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Writes ``data``, or keeps it for the next write."""
        if self._head is not None:
            data, self._head = self._head + data, None
        elif data[:9] == STATUS_LINE:
            self._head = bytes(data)
            self._loop.call_soon(self._flush)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Closes once all is written."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Closes at once."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the connection knows of itself."""
        return self._transport.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Lets what comes wait."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Hears again."""
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hands the connection over, as a web socket's is; the head that may wait goes first."""
        self._flush()
        self._transport.set_protocol(protocol)

    def _flush(self) -> None:
        if self._head is not None:
            head, self._head = self._head, None
            self._transport.write(head)
