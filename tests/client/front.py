"""A front that stands before a real server and, for some requests, does what servers do on bad days."""

import socket
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any


class Front:
    """Passes requests on to ``port``; the POSTs, in their order, are treated as ``script`` says, then passed on too.

    ``429:2`` refuses with Retry-After 2, ``503`` without one, ``drop`` hangs up, ``half`` hangs up within the answer,
    ``lost`` passes it on and hangs up, ``hang`` says nothing for a while, ``pass`` passes it on. The first
    ``not_ready`` GETs are refused. ``moments`` are the times at which POSTs came.
    """

    def __init__(self, port: int, script: list[str], not_ready: int = 0) -> None:
        self.script = list(script)
        self.not_ready = not_ready
        self.moments: list[float] = []
        self._to = port
        self._lock = Lock()
        front = self

        class Desk(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                front.look(self)

            def do_POST(self) -> None:
                front.treat(self)

            def log_message(self, *words: Any) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Front":
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def look(self, desk: BaseHTTPRequestHandler) -> None:
        self.not_ready -= 1
        if self.not_ready >= 0:
            answer(desk, 503, b"{}", {})
        else:
            self.pass_on(desk)

    def treat(self, desk: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.moments.append(time.monotonic())
            what, _, seconds = (self.script.pop(0) if self.script else "pass").partition(":")
        if what == "pass":
            self.pass_on(desk)
            return
        if what == "lost":
            self.ask(desk)
            hang_up(desk)
            return
        desk.rfile.read(int(desk.headers["Content-Length"]))
        if what == "hang":
            time.sleep(3)
        if what.isdigit():
            headers = {"Retry-After": seconds} if seconds else {}
            answer(desk, int(what), b'{"code": "busy", "detail": "Come back."}', headers)
            return
        if what == "half":
            desk.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        hang_up(desk)

    def pass_on(self, desk: BaseHTTPRequestHandler) -> None:
        answer(desk, *self.ask(desk), {})

    def ask(self, desk: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        """What the real server answers."""
        body = desk.rfile.read(int(desk.headers.get("Content-Length", 0)))
        keys = {name: value for name, value in desk.headers.items() if name == "Idempotency-Key"}
        connection = HTTPConnection("127.0.0.1", self._to, timeout=20)
        connection.request(desk.command, desk.path, body or None, keys)
        response = connection.getresponse()
        found = response.status, response.read()
        connection.close()
        return found


def hang_up(desk: BaseHTTPRequestHandler) -> None:
    desk.close_connection = True
    desk.connection.shutdown(socket.SHUT_RDWR)


def answer(desk: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    desk.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        desk.send_header(name, value)
    desk.end_headers()
    desk.wfile.write(body)
