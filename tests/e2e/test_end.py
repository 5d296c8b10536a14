"""How a server ends."""

import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.api.wire import Wire, ask, request
from tests.e2e.process import Server, serve
from tests.e2e.slow_server import MAX_QUEUE
from tests.e2e.toy import Toy
from tests.history.ledger import uids


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well_with_every_request_in_flight_answered_and_recorded(
    tmp_path: Path, end: signal.Signals
) -> None:
    command = [sys.executable, "-m", "tests.e2e.slow_server"]
    with Server(command, {"VATICINA_PROJECTS": str(tmp_path)}) as server:
        with ExitStack() as stack:
            wires = [stack.enter_context(Wire(server.port)) for _ in range(MAX_QUEUE)]
            for wire in wires:
                wire.send(request("POST", "/predict", b'{"x":5}'))
            time.sleep(0.1)
            server.signal(end)
            heard = [wire.hear() for wire in wires]
        assert {one.status for one in heard} == {200}
        assert server.ended() == 0, server.log
        assert "Traceback" not in server.log
    answered = [one.headers["vaticina-prediction"] for one in heard]
    assert sorted(uids(f"sqlite:///{tmp_path / 'history.db'}")) == sorted(answered)


@pytest.mark.slow
def test_the_command_becomes_a_server_that_says_where_it_is_and_ends_well(toy: Toy) -> None:
    command = [str(Path(sys.executable).with_name("vaticina")), "serve", str(toy.folder)]
    with Server(command, {"LOG_LEVEL": "INFO"}) as server:
        assert ask(server.port, "POST", "/predict", b'{"x": 2}').json()["y"] == 2.0
        assert ask(server.port, "GET", "/health", None, ("Host", "evil.com")).status == 403
        server.signal(signal.SIGTERM)
        assert server.ended() == 0
        assert f"http://127.0.0.1:{server.port}/docs" in server.log
        assert "serving version" in server.log


@pytest.mark.slow
def test_log_level_is_honoured_and_no_secret_is_in_the_log(toy: Toy, postgres_url: str) -> None:
    secret = "hunter2"
    assert "@" in postgres_url
    user, _, rest = postgres_url.partition("@")
    with serve(toy.folder, DATABASE_URL=f"{user}:{secret}@{rest}", LOG_LEVEL="debug") as server:
        assert ask(server.port, "POST", "/predict", b'{"x": 2}').status == 200
        assert ask(server.port, "POST", "/predict", b'{"x": "two"}').status == 422
        assert ask(server.port, "GET", "/predictions").status == 200
        server.signal(signal.SIGTERM)
        server.ended()
        assert "serving version" in server.log
        assert secret not in server.log
    (toy.folder / ".env").write_text("LOG_LEVEL=warning\n")
    with serve(toy.folder) as server:
        assert "serving version" not in server.log
