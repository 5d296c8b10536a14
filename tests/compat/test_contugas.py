"""The document of contugas: its commands and requests word for word, against a server started as it says."""

import csv
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.api.conformance import Document, assert_complete, assert_history
from tests.compat.terminal import ROOT, Served, Terminal, blocks
from tests.compat.walks import GUIDES, Steps, steps
from vaticina.bootstrap import Workspace

PORT = 5000
EXAMPLE = {"presion": 1.2, "temperatura": 25.5, "volumen": 100.0}
ANSWER = {"cluster": 2, "prediccion": 1}
PAGES = [GUIDES / "contugas.md", GUIDES / "contugas.es.md"]


@pytest.fixture(scope="module")
def guide() -> Steps:
    return steps("contugas")


@pytest.fixture(scope="module")
def server(contugas: Path, guide: Steps) -> Iterator[Served]:
    """The documented server."""
    with Terminal(contugas).serving(guide.serve, PORT) as served:
        yield served


def reading(presion: float, temperatura: float, volumen: float) -> dict[str, float]:
    return {"presion": presion, "temperatura": temperatura, "volumen": volumen}


def test_both_guides_say_the_same() -> None:
    assert steps("contugas", PAGES[1]) == steps("contugas", PAGES[0])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_guide_starts_with_git(page: Path, tmp_path: Path) -> None:
    clone, enter, setup, activate = steps("contugas", page).install
    assert (clone, enter) == ("git clone URL vaticina", "cd vaticina")
    assert (setup, activate) == ("make setup", ". .venv/bin/activate")
    (tmp_path / "gitconfig").write_text("[safe]\n\tdirectory = *\n")
    terminal = Terminal(tmp_path, GIT_CONFIG_GLOBAL=str(tmp_path / "gitconfig"))
    terminal.run(clone.replace("URL", f"'{ROOT}'"))
    assert "setup:" in (tmp_path / "vaticina" / "Makefile").read_text(encoding="utf-8")


def test_uvicorn_main_app(server: Served, guide: Steps) -> None:
    assert guide.serve == "uvicorn main:app --host 0.0.0.0 --port 5000"
    assert server.get("/health").json()["status"] == "healthy"


def test_anomalies_are_answered_from_a_trained_model(server: Served, contugas: Path) -> None:
    info = server.get("/model/info").json()
    assert info["version"] == server.predict(EXAMPLE).headers["vaticina-version"]
    assert list(info["contract"]["inputs"]) == ["presion", "temperatura", "volumen"]
    assert info["data"]["held_rows"] > 0
    with (contugas / "data" / "readings.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[-2000:]  # the last hours: held out
    found = server.predict([{name: float(row[name]) for name in EXAMPLE} for row in rows]).json()
    assert 0.001 < np.mean([one["prediccion"] for one in found]) < 0.1


def test_answers_are_as_the_document_says(server: Served) -> None:
    document = Document(server.url)
    assert_complete(document)
    for body in (EXAMPLE, [EXAMPLE, reading(-1, 25, 100)], {}):
        document.ask("POST", "/predict", json=body)
    assert_history(document, server.predict(EXAMPLE).headers["vaticina-prediction"])


def test_models_show_says_what_is_told(contugas: Path) -> None:
    assert "none: it tells whether a row is an anomaly" in Terminal(contugas).run("vaticina models show")


@pytest.mark.parametrize("body", [EXAMPLE, reading(1, 25, 100), {**EXAMPLE, "cliente": "X"}, reading(-1e30, -5.26, 0)])
def test_predict_receives_json(server: Served, body: dict[str, Any]) -> None:
    assert server.predict(body).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"presion": 1.2, "temperatura": 25.5}', 422, "missing"),
        (b'{"presion": "1.2", "temperatura": 25.5, "volumen": 100.0}', 422, "not_a_number"),
        (b'{"presion": null, "temperatura": 25.5, "volumen": 100.0}', 422, "null"),
        (b'{"presion": true, "temperatura": 25.5, "volumen": 100.0}', 422, "not_a_number"),
        (b'{"presion": 1e39, "temperatura": 25.5, "volumen": 100.0}', 422, "out_of_range"),
        (b'{"presion": NaN, "temperatura": 25.5, "volumen": 100.0}', 400, None),
        (b"", 400, None),
    ],
)
def test_predict_refuses(server: Served, body: bytes, status: int, code: str | None) -> None:
    refused = server.predict(body)
    assert refused.status_code == status
    assert [error["code"] for error in refused.json().get("errors", [])] == [code] * bool(code)


def test_answer_is_cluster_and_prediction(server: Served) -> None:
    answer = server.predict(EXAMPLE).json()
    assert list(answer) == ["cluster", "prediccion"]
    assert type(answer["cluster"]) is type(answer["prediccion"]) is int
    assert answer["prediccion"] in (0, 1)


def test_documented_example(server: Served) -> None:
    assert server.predict(EXAMPLE).json() == ANSWER


def test_five_clusters(server: Served) -> None:
    """One for each group of clients, numbered from the coolest gas to the warmest; the middle of each is normal."""
    middles = [(17.0, 23.3, 90), (17.5, 24.3, 25), (3.6, 25.5, 138), (18.0, 26.7, 165), (17.7, 28.0, 20)]
    found = server.predict([reading(*middle) for middle in middles]).json()
    assert found == [{"cluster": cluster, "prediccion": 0} for cluster in range(5)]


def test_order_is_scaler_clusters_model_of_the_cluster(server: Served) -> None:
    """At one pressure and temperature, 25 m³ and 90 m³ are usual, each for clients of its own; 60 m³ is for nobody.

    Without scaling, volume alone would rule the clusters: 60 is nearer to 90 than to 25. Without a model for each
    cluster, what lies between two usual volumes would be usual.
    """
    found = server.predict([reading(17.5, 24.3, volume) for volume in (25, 60, 90)]).json()
    assert [(one["cluster"], one["prediccion"]) for one in found] == [(1, 0), (1, 1), (0, 0)]


def test_reachable_on_localhost(server: Served, contugas: Path) -> None:
    """And by the machine's own address, since the server listens on all of them."""
    for host in {"localhost", "127.0.0.1", _own_address()}:
        line = f"curl -s http://{host}:{server.port}/health"
        assert json.loads(Terminal(contugas).run(line))["status"] == "healthy"


def _own_address() -> str:
    """The address by which others reach this machine, or loopback where there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: asks which way it would go
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address


def test_docs(server: Served) -> None:
    page = server.get("/docs")
    assert page.status_code == 200
    assert "openapi.json" in page.text
    operation = server.get("/openapi.json").json()["paths"]["/predict"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["examples"]["row"]["value"]
    assert example == EXAMPLE
    assert server.predict(example).json() == ANSWER


def test_curl_of_predict(server: Served, contugas: Path, guide: Steps) -> None:
    (line,) = guide.ask
    (told,) = (json.loads(block) for block in blocks(PAGES[0], "json"))
    assert json.loads(Terminal(contugas).run(line.replace(str(PORT), str(server.port)))) == told == ANSWER


def test_curl_in_the_readme_of_the_project(server: Served, contugas: Path) -> None:
    for name in ("README.md", "README.en.md"):
        shown = "".join(blocks(contugas / name, "console")).replace("\\\n", " ").replace(str(PORT), str(server.port))
        (line,) = [line for line in shown.splitlines() if line.startswith("curl ")]
        (told,) = (json.loads(block) for block in blocks(contugas / name, "json"))
        assert json.loads(Terminal(contugas).run(line)) == told == ANSWER


def test_port_in_use(server: Served, contugas: Path, guide: Steps) -> None:
    """The port's owner and a free port are named; another port works, as documented."""
    refused = Terminal(contugas).ran(f"vaticina serve . --host 0.0.0.0 --port {server.port}")
    assert refused.returncode == 1
    assert f"port {server.port} of 0.0.0.0 is taken" in refused.stderr.lower()
    assert "choose another with --port" in refused.stderr
    other = guide.serve.replace(str(PORT), "5001")
    assert f"```console\n{other}\n```" in PAGES[0].read_text(encoding="utf-8")
    with Terminal(contugas).serving(other, 5001) as second:
        assert second.port != server.port
        assert second.predict(EXAMPLE).json() == ANSWER


def test_answers_are_in_the_history(server: Served, contugas: Path) -> None:
    uid = server.predict(EXAMPLE).headers["vaticina-prediction"]
    found = server.get(f"/predictions/{uid}").json()
    assert {name: found[name] for name in ANSWER} == ANSWER
    assert found["input"] == EXAMPLE
    assert Path(Workspace(contugas).places.history.removeprefix("sqlite:///")).is_file()
    assert (contugas / ".vaticina" / "history.db").is_file()
