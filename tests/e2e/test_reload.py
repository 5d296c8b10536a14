"""Versions come and go while callers ask."""

import signal

import pytest

from tests.api.clinic import wait_until
from tests.api.wire import ask
from tests.e2e.load import Load
from tests.e2e.process import Server, serve
from tests.e2e.toy import Toy


def predict(server: Server) -> tuple[int, str | None]:
    heard = ask(server.port, "POST", "/predict", b'{"x": 2}')
    return heard.status, heard.headers.get("vaticina-version")


def health(server: Server) -> tuple[str, str | None]:
    found = ask(server.port, "GET", "/health").json()
    return found["status"], found.get("problem")


@pytest.mark.slow
def test_promotions_under_load_fail_no_request(toy: Toy) -> None:
    with serve(toy.folder) as server:
        load = Load(server.port)
        promoted = []
        with load:
            for factor in (2.0, 3.0, 4.0):
                promoted.append(toy.publish(factor))
                wait_until(lambda: load.told.versions[promoted[-1]], 30)
        assert set(load.told.statuses) == {200}, load.told.wrong[:3]
        assert load.told.wrong == []
        assert set(promoted) <= set(load.told.versions)
        assert "Traceback" not in server.log


@pytest.mark.slow
def test_a_bad_version_is_told_and_the_good_one_answers_on_until_it_is_rolled_back(toy: Toy) -> None:
    with serve(toy.folder) as server:
        good = predict(server)[1]
        server.signal(signal.SIGSTOP)  # so that the version is damaged after its promotion and before it is fetched
        bad = toy.publish(2.0)
        (model,) = toy.store.rglob(f"*{bad}*/model.onnx")
        data = bytearray(model.read_bytes())
        data[len(data) // 2] ^= 1
        model.write_bytes(data)
        server.signal(signal.SIGCONT)
        wait_until(lambda: health(server) == ("degraded", "bundle_corrupt"), 30)
        assert predict(server) == (200, good)
        assert "model.onnx" in server.log
        toy.registry.rollback("toy")
        wait_until(lambda: health(server) == ("healthy", None), 30)
        better = toy.publish(3.0)
        wait_until(lambda: predict(server) == (200, better), 30)
        assert health(server) == ("healthy", None)


@pytest.mark.slow
def test_without_its_store_it_answers_restarts_and_then_continues(toy: Toy) -> None:
    store, aside = toy.store, toy.folder / "aside"
    with serve(toy.folder) as server:
        good = predict(server)
        store.rename(aside)
        store.touch()  # a file where the folder was: nothing can be read or made there
        wait_until(lambda: health(server)[0] == "degraded", 30)
        assert predict(server) == good
    with serve(toy.folder) as server:
        assert predict(server) == good
        assert health(server)[0] == "degraded"
        store.unlink()
        aside.rename(store)
        wait_until(lambda: health(server) == ("healthy", None), 30)
        better = toy.publish(2.0)
        wait_until(lambda: predict(server) == (200, better), 30)
