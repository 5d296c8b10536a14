"""A wire to a server that can be cut at the worst moment."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from sqlalchemy import URL


class CuttingWire:
    """Listens on ``port`` of this machine and passes everything on to the server of ``url``.

    After ``cut_next_answer`` the server's next answer is lost with its connection: the server has done its work, and
    its client cannot know.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._armed = Event()

    def cut_next_answer(self) -> None:
        self._armed.set()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = self._connect()
                Thread(target=self._pass, args=(client, server, False), daemon=True).start()
                Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _connect(self) -> socket.socket:
        host, port = self._url.host or str(self._url.query.get("host", "localhost")), self._url.port or 5432
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _pass(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if answers and self._armed.is_set():
                    self._armed.clear()
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def cutting_wire(url: URL) -> Iterator[CuttingWire]:
    wire = CuttingWire(url)
    thread = Thread(target=wire.run)
    thread.start()
    yield wire
    wire.close()
    thread.join()
