"""uvicorn's HTTP protocol, with a shortcut for predictions."""

from asyncio import Event, Future
from collections.abc import Mapping
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from vaticina.api.front_app import KEY, FrontApp
from vaticina.api.request import Call
from vaticina.api.response import Reply
from vaticina.contract import Parsed
from vaticina.serving.batch import Prediction
from vaticina.serving.engine import Engine


class Shortcut(HttpToolsProtocol):
    """Hands a plain prediction request from the parser to the front app, and its answer to the connection in one write.

    ASGI's task, events and messages cost as much as validating, predicting and recording together. Plain is a POST to
    a predict route that came whole in one piece, when nothing else of the connection is being answered; everything
    else, as every request on another server, takes the front app's ASGI way.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        straight = isinstance(self.app, FrontApp) and not self.root_path and self.limit_concurrency is None
        self._engines: Mapping[bytes, Engine] = self.app.predicting if straight else {}
        self._held: Call | None = None
        self._body = bytearray()
        self._common: tuple[object, bytes] = (None, b"")

    def data_received(self, data: bytes) -> None:
        """What the caller sent; a request that is not whole at its end takes the ordinary way."""
        super().data_received(data)
        if self._held is not None:
            self._held = None
            if not self.transport.is_closing():
                super().on_headers_complete()
                super().on_body(bytes(self._body))

    def on_headers_complete(self) -> None:
        """Holds a request back that is plain if its body is whole soon."""
        if self.url in self._engines and self._is_free() and self._is_usual():
            call = Call({**self.scope, "method": "POST", "path": self.url.decode()})
            if call.header(KEY) is None:
                self._held, self._body = call, bytearray()
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        """Answers a request that was held back."""
        call, self._held = self._held, None
        if call is None:
            super().on_message_complete()
            return
        self.cycle = turn = Turn(self.parser.should_keep_alive())  # type: ignore[assignment]
        try:
            parsed, prediction = self.app.predict(self._engines[self.url], call, bytes(self._body))
        except Exception as error:
            self._write(turn, call.refusal(error))
        else:
            prediction.add_done_callback(partial(self._answer, turn, call, parsed))

    def _is_free(self) -> bool:
        """Whether nothing is being answered, and the caller takes what was."""
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused

    def _is_usual(self) -> bool:
        parser = self.parser
        return (
            parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and not self.expect_100_continue
            and not parser.should_upgrade()
        )

    def _answer(self, turn: "Turn", call: Call, parsed: Parsed, prediction: "Future[Prediction]") -> None:
        try:
            reply = call.answer(prediction.result(), parsed)
        except Exception as error:
            reply = call.refusal(error)
        self._write(turn, reply)

    def _write(self, turn: "Turn", reply: Reply) -> None:
        turn.response_complete = True
        if turn.disconnected:
            return
        lines = [STATUS_LINE[reply.status], self._common_lines(), *(b"%b: %b\r\n" % header for header in reply.headers)]
        if not turn.keep_alive:
            lines.append(b"connection: close\r\n")
        self.transport.write(b"".join([*lines, b"\r\n", reply.body]))
        if not turn.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _common_lines(self) -> bytes:
        """The headers of every answer, which uvicorn makes anew each second."""
        default_headers = self.server_state.default_headers
        if self._common[0] is not default_headers:
            self._common = (default_headers, b"".join(b"%b: %b\r\n" % header for header in default_headers))
        return self._common[1]


class Turn:
    """A request being answered, as far as uvicorn's protocol asks."""

    __slots__ = ("disconnected", "keep_alive", "response_complete")

    message_event = Event()
    """Nobody waits for more of it."""

    def __init__(self, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.disconnected = False
        self.response_complete = False
