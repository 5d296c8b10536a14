"""A bucket on this machine: just enough of S3's protocol, with the faults that real ones have."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

NOT_FOUND = b"<Error><Code>NoSuchKey</Code></Error>"


class Bucket(ThreadingHTTPServer):
    """``conditional`` is whether put-if-absent is honoured; ``status`` answers everything, if set; ``silent`` nothing.

    ``lose`` answers are dropped after the work was done.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.objects: dict[str, bytes] = {}
        self.lock = threading.Lock()
        self.conditional = True
        self.status = 0
        self.silent = threading.Event()
        self.over = threading.Event()
        self.lose = 0
        self.requests: list[str] = []
        self.regions: list[str] = []
        """The region for which each request was signed."""

    @property
    def options(self) -> dict[str, str]:
        return {
            "endpoint": f"http://127.0.0.1:{self.server_address[1]}",
            "access_key_id": "AKIATESTING",
            "secret_access_key": "very-secret-key",
            "region": "us-east-1",
        }

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


class Request(BaseHTTPRequestHandler):
    server: Bucket
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if "list-type" in query:
            return self._answer(200, self._listing(query["prefix"][0]))
        data = self.server.objects.get(unquote(url.path))
        return self._answer(404, NOT_FOUND) if data is None else self._answer(200, data)

    def do_PUT(self) -> None:
        key = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            if self.headers["If-None-Match"] and self.server.conditional and key in self.server.objects:
                return self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
            self.server.objects[key] = body
        return self._answer(200)

    def _listing(self, prefix: str) -> bytes:
        start = f"/{urlsplit(self.path).path.strip('/')}/"
        keys = [key.removeprefix(start) for key in sorted(self.server.objects) if key.startswith(start + prefix)]
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>1</Size><ETag>x</ETag>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for key in keys
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>".encode()

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        self.server.regions += re.findall(r"/([^/]+)/s3/aws4_request", self.headers.get("Authorization", ""))
        if self.server.silent.is_set():
            self.server.over.wait(30)
        if self.server.lose:
            self.server.lose -= 1
            self.close_connection = True
            return
        if self.server.status:
            status, body = self.server.status, b"<Error><Message>very-secret-key was wrong</Message></Error>"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"x"')
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Quiet."""


@contextmanager
def bucket() -> Iterator[Bucket]:
    server = Bucket()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
