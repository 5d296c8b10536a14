"""The documented client of listings: python cliente.py, against a server of the documented contract."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.compat.items import PORT, contract, items
from tests.compat.terminal import ROOT, Served, Terminal

CLIENT = ROOT / "src" / "vaticina" / "examples" / "listings" / "cliente.py"


@pytest.fixture(scope="module")
def listings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained project with the documented client and its data."""
    folder = tmp_path_factory.mktemp("listings")
    (folder / "data").mkdir()
    (folder / "project.toml").write_text(contract(), encoding="utf-8")
    items(400).to_csv(folder / "data" / "train.csv", index=False)
    items(60).to_parquet(folder / "data" / "test_data.parquet")
    shutil.copy(CLIENT, folder)
    Terminal(folder).run("vaticina train")
    return folder


@pytest.fixture(scope="module")
def server(listings: Path) -> Iterator[Served]:
    with Terminal(listings).serving(f"vaticina serve --port {PORT}", PORT) as served:
        yield served


@pytest.fixture(scope="module")
def said(listings: Path, server: Served) -> list[str]:
    """What ``python cliente.py`` printed."""
    return Terminal(listings, SERVER_HOST=f"localhost:{server.port}").run("python cliente.py").splitlines()


def entries(server: Served) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("/predictions?limit=100").json()["predictions"]
    return found


def test_python_cliente(said: list[str]) -> None:
    assert len(said) == 100
    assert all(line.startswith("Respuesta solicitud: {'prediction': '") for line in said)
    assert {line.split("'")[3] for line in said} == {"new", "used"}


def test_test_data_are_read_from_parquet(said: list[str], server: Served) -> None:
    inputs = [entry["input"] for entry in entries(server)]
    assert len(inputs) == 100
    assert all("condition" not in row for row in inputs), "the first column is the label"
    assert {type(row["stock_quantity"]) for row in inputs} == {int}
    assert {row["attribute_id"] for row in inputs} == {"attribute_id x", None}, "what is missing is null, never NaN"


def test_requests_are_sent_asynchronously_after_random_pauses(said: list[str], server: Served) -> None:
    moments = sorted(datetime.fromisoformat(entry["time"]) for entry in entries(server))
    last, pauses = (moments[-1] - moments[0]).total_seconds(), len({moment.second for moment in moments})
    assert last < 100 * 0.5, "one after the other, the shortest pauses alone would last longer"
    assert pauses > 1, "not all at once either"


def test_server_host_names_the_server(listings: Path, server: Served) -> None:
    text = (listings / "cliente.py").read_text(encoding="utf-8").replace("(0.5, 3.0)", "(0.0, 0.1)")
    (listings / "pronto.py").write_text(text, encoding="utf-8")
    here = Terminal(listings, PORT=str(server.port))
    assert len(here.run("python pronto.py").splitlines()) == 100, "without it, this machine"
    there = Terminal(listings, SERVER_HOST="no-such-host.invalid").ran("timeout 5 python pronto.py")
    assert there.returncode != 0, "there is no such server, and the client waits for it"
    assert "Respuesta" not in there.stdout


def test_client_for_load_tests(listings: Path, server: Served) -> None:
    line = f"vaticina replay data/test_data.parquet --url {server.url} --count 500 --delay 0 --concurrency 64"
    said = Terminal(listings).run(line).splitlines()
    assert said[0].startswith("500 of 500 answered in ")
    assert said[1].startswith("agreement with condition: ")
