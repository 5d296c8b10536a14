"""What the front app does for every path: sizes, names, methods, callers who are rude, slow, gone or not from here."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from fastapi import FastAPI, Request

from tests.api.clinic import ROW, Published, Rule, open_app, project, served, service, wait_until
from tests.api.wire import Heard, Wire, ask, chunk, predict, request
from tests.history.memory import MemoryHistory
from vaticina.api.app import make_app
from vaticina.api.front_app import is_local
from vaticina.history import Stats

BODY = orjson.dumps(ROW)
MAX_BODY = 100_000  # the clinic's


def is_too_large(heard: Heard) -> None:
    assert (heard.status, heard.json()["code"]) == (413, "body_too_large")


def resident() -> int:
    """This process's memory in bytes."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[0]) * 1024


def test_a_large_body_is_refused_by_its_announcement_before_any_of_it_is_sent(port: int) -> None:
    with Wire(port) as wire:
        wire.send(request("POST", "/predict", b"", ("Content-Length", str(60 * 2**20))))
        is_too_large(wire.hear())


def test_a_large_body_that_is_sent_all_the_same_is_neither_kept_nor_hurts_the_connection(port: int) -> None:
    before = resident()
    with Wire(port) as wire:
        wire.send(request("POST", "/predict", b"", ("Content-Length", str(60 * 2**20))))
        for _ in range(60):
            wire.send(b"x" * 2**20)
        is_too_large(wire.hear())
        wire.send(request("POST", "/predict", BODY))
        assert wire.hear().status == 200
    assert resident() - before < 20 * 2**20


def test_an_unannounced_large_body_is_refused_when_it_passes_the_limit(port: int) -> None:
    before = resident()
    with Wire(port) as wire:
        wire.send(request("POST", "/predict", b"", ("Transfer-Encoding", "chunked")))
        for _ in range(60):
            wire.send(chunk(b"x" * 2**20))
        is_too_large(wire.hear())  # although the last chunk has not come
    assert resident() - before < 20 * 2**20
    assert predict(port, ROW).status == 200


def test_the_limit_holds_for_one_chunk_too_and_is_exact(port: int) -> None:
    padded = BODY + b" " * (MAX_BODY - len(BODY))
    chunked = ("Transfer-Encoding", "chunked")
    assert ask(port, "POST", "/predict", padded).status == 200
    assert ask(port, "POST", "/predict", chunk(padded) + chunk(b""), chunked).status == 200
    is_too_large(ask(port, "POST", "/predict", padded + b" "))
    is_too_large(ask(port, "POST", "/predict", chunk(padded + b" ") + chunk(b""), chunked))


def test_the_limit_holds_behind_the_gate_too(port: int) -> None:
    is_too_large(ask(port, "POST", "/health", b"x" * (MAX_BODY + 1)))


def test_an_app_behind_the_gate_cannot_read_more_than_the_limit_either() -> None:
    gate = make_app([service()])
    assert isinstance(gate._inner, FastAPI)

    @gate._inner.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    with served(gate) as port:
        chunked = ("Transfer-Encoding", "chunked")
        assert ask(port, "POST", "/length", chunk(b"x" * MAX_BODY) + chunk(b""), chunked).json() == MAX_BODY
        is_too_large(ask(port, "POST", "/length", chunk(b"x" * (MAX_BODY // 2 + 1)) * 2 + chunk(b""), chunked))


def test_a_chunked_body_is_one_body(port: int) -> None:
    with Wire(port) as wire:
        wire.send(request("POST", "/predict", b"", ("Transfer-Encoding", "chunked")))
        for at in range(len(BODY)):
            wire.send(chunk(BODY[at : at + 1]))
        wire.send(chunk(b""))
        assert wire.hear().json()["risk"] == "low"


@pytest.mark.parametrize(
    "head",
    [
        b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: five\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id : a\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_http_is_refused_and_the_connection_ends(port: int, head: bytes) -> None:
    with Wire(port) as wire:
        wire.send(head)
        assert 400 <= wire.hear().status < 500
        assert wire.ended()
    assert predict(port, ROW).status == 200


def test_a_caller_who_hangs_up_in_the_middle_of_a_body_is_not_predicted_for() -> None:
    history = MemoryHistory()
    with served(open_app(service(history=history))) as port:
        for head in (
            request("POST", "/predict", BODY, ("Content-Length", str(len(BODY) + 100))),
            request("POST", "/predict", chunk(BODY), ("Transfer-Encoding", "chunked")),
            request("POST", "/predict", BODY[:10], ("Content-Length", str(len(BODY)))),
            b"POST /predict HTTP/1.1\r\nHost: 127.0",
        ):
            with Wire(port) as wire:
                wire.send(head)
                time.sleep(0.05)
        assert predict(port, ROW).status == 200
        assert history.total("clinic") == 1


def test_a_caller_who_hangs_up_before_the_answer_harms_nobody() -> None:
    history = MemoryHistory()
    with served(open_app(service(history=history))) as port:
        for _ in range(20):
            with Wire(port) as wire:
                wire.send(request("POST", "/predict", orjson.dumps({**ROW, "age": 77.77})))
        assert predict(port, ROW).status == 200
        wait_until(lambda: history.total("clinic") == 21)


def test_slow_callers_keep_nobody_waiting(port: int) -> None:
    slow = [Wire(port) for _ in range(50)]
    for wire in slow:
        wire.send(request("POST", "/predict", BODY[:5], ("Content-Length", str(len(BODY)))))
    assert predict(port, ROW).status == 200
    for wire in slow:
        wire.send(BODY[5:])
    for wire in slow:
        with wire:
            assert wire.hear().status == 200


def test_a_version_that_is_swapped_away_while_a_body_arrives_is_not_asked_any_more() -> None:
    published = Published()
    with served(open_app(service(published=published))) as port, Wire(port) as wire:
        wire.send(request("POST", "/predict", BODY[:5], ("Content-Length", str(len(BODY)))))
        time.sleep(0.1)
        published.promoted = "v2"
        wait_until(lambda: predict(port, ROW).headers["vaticina-version"] == "v2")
        wire.send(BODY[5:])
        heard = wire.hear()
        assert (heard.status, heard.headers["vaticina-version"]) == (200, "v2")


def test_pipelined_requests_are_answered_in_their_order(port: int) -> None:
    with Wire(port) as wire:
        wire.send(
            b"".join(request("POST", "/predict", orjson.dumps({**ROW, "age": float(age)})) for age in range(40))
            + request("GET", "/health/live")
            + request("POST", "/predict", b"{")
            + request("POST", "/predict", BODY)
        )
        assert [wire.hear().json()["input"]["age"] for _ in range(40)] == [float(age) for age in range(40)]
        assert wire.hear().json() == {"status": "live"}
        assert wire.hear().status == 400
        assert wire.hear().status == 200


def test_many_connections_at_once_each_get_their_own_answer(port: int) -> None:
    def one(age: int) -> bool:
        heard = predict(port, {**ROW, "age": age / 10})
        return heard.status == 429 or bool(heard.json()["input"]["age"] == age / 10)

    with ThreadPoolExecutor(20) as pool:
        assert all(pool.map(one, range(400)))


@pytest.mark.parametrize("name", ["abc-123", "a" * 128, "with spaces and (signs)"])
def test_a_request_keeps_the_name_its_caller_gave(port: int, name: str) -> None:
    heard = predict(port, ROW, ("X-Request-Id", name))
    assert heard.headers["x-request-id"] == name
    assert ask(port, "GET", f"/predictions/{heard.headers['vaticina-prediction']}").json()["request_id"] == name
    assert ask(port, "GET", "/health/live", None, ("X-Request-Id", name)).headers["x-request-id"] == name
    assert ask(port, "GET", "/nowhere", None, ("X-Request-Id", name)).json()["request_id"] == name


@pytest.mark.parametrize("name", ["", "a" * 129, "a" * 60_000, "ñandú", "tab\there", "\x85next", "\xa0"])
def test_a_hostile_name_is_replaced(port: int, name: str) -> None:
    heard = predict(port, ROW, ("X-Request-Id", name))
    assert heard.status == 200
    assert re.fullmatch(r"[0-9a-f-]{36}", heard.headers["x-request-id"])


@pytest.mark.parametrize("breaker", [b"\n", b"\r", b"\x00", b"\r\nSet-Cookie: a=b\r\n b"])
def test_a_name_cannot_break_out_of_its_header(port: int, breaker: bytes) -> None:
    with Wire(port) as wire:
        wire.send(b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Request-Id: a" + breaker + b"b\r\n")
        wire.send(f"Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
        heard = wire.hear()
        assert heard.status in (200, 400)
        assert "set-cookie" not in heard.headers
        assert "a" + breaker.decode() + "b" not in heard.headers.get("x-request-id", "")


def test_requests_without_a_name_get_different_ones(port: int) -> None:
    names = {predict(port, ROW).headers["x-request-id"] for _ in range(5)}
    assert len(names) == 5


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_on_predict_are_405_and_name_the_right_one(port: int, method: str) -> None:
    heard = ask(port, method, "/predict")
    assert (heard.status, heard.headers["allow"]) == (405, "OPTIONS, POST")
    assert heard.json()["code"] == "method_not_allowed"
    assert ask(port, "HEAD", "/predict").status == 405


@pytest.mark.parametrize("path", ["/health", "/predictions", "/model/info", "/"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_elsewhere_are_405_problems_with_allow(port: int, method: str, path: str) -> None:
    heard = ask(port, method, path)
    assert heard.status == 405
    assert heard.headers["allow"] == "GET, HEAD, OPTIONS"
    assert heard.headers["content-type"] == "application/problem+json"
    assert heard.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("path", "allow"), [("/predict", "OPTIONS, POST"), ("/health", "GET, HEAD, OPTIONS"), ("/", "GET, HEAD, OPTIONS")]
)
def test_options_tells_the_methods(port: int, path: str, allow: str) -> None:
    with Wire(port) as wire:
        wire.send(request("OPTIONS", path) * 2)
        for _ in range(2):
            heard = wire.hear()
            assert (heard.status, heard.headers["allow"], heard.body) == (204, allow, b"")
            assert not heard.headers.keys() & {"content-length", "transfer-encoding"}, "a 204 has no body"
            assert heard.headers["x-request-id"]
    assert ask(port, "OPTIONS", "/nowhere").status == 404


@pytest.mark.parametrize("path", ["/health", "/health/live", "/predictions", "/model/info", "/", "/openapi.json"])
def test_head_is_get_without_its_body(port: int, path: str) -> None:
    with Wire(port) as wire:
        wire.send(request("HEAD", path) + request("GET", "/health/live"))
        assert wire.hear(body=False).status == 200
        assert wire.hear().json() == {"status": "live"}


@pytest.mark.parametrize(
    "path", ["/nowhere", "/predict/", "/predict/x", "/PREDICT", "//predict", "/predict%00", "/..%2f..%2fetc/passwd"]
)
def test_what_is_nowhere_is_a_404_problem(port: int, path: str) -> None:
    heard = ask(port, "POST", path, BODY)
    assert heard.status == 404
    assert heard.headers["content-type"] == "application/problem+json"
    assert heard.json()["code"] == "not_found"


def test_a_path_cannot_forge_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryHistory):
        def find(self, project: str, uid: str) -> None:
            raise RuntimeError("broken")

    with served(open_app(service(history=Broken()))) as port:
        assert ask(port, "GET", "/predictions/x%0aERROR%20forged").status == 500
    assert not [line for line in caplog.text.splitlines() if line.startswith("ERROR forged")]


def test_an_unknown_error_says_nothing_of_the_inside_and_the_log_names_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(MemoryHistory):
        def stats(self, project: str) -> Stats:
            raise RuntimeError("postgresql://user:hunter2@db failed")

    with served(open_app(service(history=Broken()))) as port:
        heard = ask(port, "GET", "/predictions/stats", None, ("X-Request-Id", "who-asked"), ("Accept-Language", "es"))
    assert (heard.status, heard.headers["content-type"]) == (500, "application/problem+json")
    assert heard.json()["code"] == "internal_error"
    assert heard.json()["title"] == "Error interno"
    assert "hunter2" not in heard.body.decode()
    assert "who-asked" in caplog.text


def test_what_a_model_says_when_it_fails_stays_inside(port: int) -> None:
    heard = predict(port, {**ROW, "age": 13.13})
    assert (heard.status, heard.json()["code"]) == (500, "prediction_failed")
    assert "hunter2" not in heard.body.decode()
    assert "ValueError" not in heard.body.decode()


def test_a_deadline_is_504_and_a_full_queue_429_with_retry_after() -> None:
    class Stuck(Rule):
        seconds = 1.5

    with served(open_app(service(project(deadline=0.3), Published(make=Stuck)))) as port:

        def ages(*found: float) -> list[Heard]:
            with ThreadPoolExecutor(len(found)) as pool:
                return list(pool.map(lambda age: predict(port, {**ROW, "age": age}), found))

        late = ages(77.77, 1.0)
        assert {heard.status for heard in late} <= {504, 200}
        assert late[0].json()["code"] == "deadline_exceeded"
        wait_until(lambda: predict(port, ROW).status == 200)
        heard = ages(77.77, *(float(age) for age in range(80)))
        refused = [one for one in heard if one.status == 429]
        assert refused, "the queue of 64 took 81"
        assert all(one.json()["code"] == "queue_full" and int(one.headers["retry-after"]) >= 1 for one in refused)
        wait_until(lambda: predict(port, ROW).status == 200)


LOCAL = ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:8000", "LocalHost:1", "[::1]", "[::1]:8000"]
ELSEWHERE = [
    "evil.com",
    "evil.com:8000",
    "127.0.0.1.evil.com",
    "localhost.evil.com",
    "[::1].evil.com",
    "[::1]evil",
    "127.0.0.1:80@evil.com",
    "127.0.0.1:80:80",
    "192.168.1.5:8000",
    "0.0.0.0",
    "::1",
    "",
]
PROXIES = [
    ("Forwarded", "for=10.0.0.1"),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-Host", "localhost"),
    ("x-forwarded-proto", "https"),
    ("X-Forwarded-Anything", ""),
    ("X-Real-IP", "127.0.0.1"),
    ("Via", "1.1 proxy"),
]
ORIGINS = ["http://evil.com", "https://localhost.evil.com", "null", "http://127.0.0.1.evil.com:8000", "file://"]


@pytest.mark.parametrize("host", LOCAL)
def test_a_local_caller_is_answered(private_port: int, host: str) -> None:
    assert predict(private_port, ROW, ("Host", host)).status == 200
    assert predict(private_port, ROW, ("Host", host), ("Origin", f"http://{host}")).status == 200
    assert ask(private_port, "GET", "/health", None, ("Host", host)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        *([("Host", host)] for host in ELSEWHERE),
        *([("Host", "127.0.0.1"), proxy] for proxy in PROXIES),
        *([("Host", "127.0.0.1"), ("Origin", origin)] for origin in ORIGINS),
        [("Host", "127.0.0.1"), ("Host", "evil.com")],
        [("Host", "evil.com"), ("Host", "127.0.0.1")],
    ],
)
def test_a_caller_from_elsewhere_is_403(private_port: int, headers: list[tuple[str, str]]) -> None:
    heard = predict(private_port, ROW, *headers)
    assert heard.status in (400, 403)
    if heard.status == 403:
        assert heard.json()["code"] == "not_local"


def test_a_request_without_a_host_is_not_local(private_port: int) -> None:
    with Wire(private_port) as wire:
        wire.send(b"GET /health HTTP/1.0\r\n\r\n")
        assert wire.hear().status == 403


def test_an_absolute_address_does_not_stand_in_for_the_host(private_port: int) -> None:
    with Wire(private_port) as wire:
        wire.send(b"GET http://127.0.0.1/health HTTP/1.1\r\nHost: evil.com\r\n\r\n")
        assert wire.hear().status in (400, 403)


@pytest.mark.parametrize(
    ("peer", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("fe80::1", False),
        ("unix", False),
        ("", False),
    ],
)
def test_the_peer_must_be_this_machine(peer: str, local: bool) -> None:
    assert is_local({"client": (peer, 1), "headers": [(b"host", b"localhost")]}) is local


def test_a_peer_that_is_not_known_is_not_local() -> None:
    assert not is_local({"client": None, "headers": [(b"host", b"localhost")]})


def test_an_open_project_answers_whoever_calls(port: int) -> None:
    assert predict(port, ROW, ("Host", "medico.example.org"), ("X-Forwarded-For", "10.0.0.1")).status == 200
