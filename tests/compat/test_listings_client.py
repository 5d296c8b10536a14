"""The documented client of listings: python cliente.py, against a server of the documented contract."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.compat.terminal import ROOT, Served, Terminal

PORT = 5000

CLIENT = ROOT / "src" / "vaticina" / "examples" / "listings" / "cliente.py"

FLAGS = ("local_pickup", "free_shipping", "accepts_mercadopago", "automatic_relist")
TEXTS = ("state", "city", "shipping_mode", "listing_type", "buying_mode", "status", "currency")
OPTIONAL = ("attribute_group_id", "attribute_group", "attribute_id")
WHOLE = ("stock_quantity", "available_quantity")
REAL = ("total_amount", "date_difference_hr", "time_difference_hr")


def contract() -> str:
    """The 16 documented fields and the three optional ones, as a project that trains in a moment."""
    kinds = {"flag": FLAGS, "category": TEXTS, "integer": WHOLE, "number": REAL}
    inputs = [f'[inputs.{name}]\ntype = "{kind}"\n' for kind, names in kinds.items() for name in names]
    inputs += [f'[inputs.{name}]\ntype = "category"\noptional = true\n' for name in OPTIONAL]
    return (
        f'[project]\nname = "listings"\nport = {PORT}\n[data]\nsource = "data/train.csv"\ntarget = "condition"\n'
        '[model]\nestimator = "sklearn.linear_model.LogisticRegression"\n[security]\nauth = "none"\n'
        '[outputs]\nprediction = "label"\nprobability = "probability"\n' + "".join(inputs)
    )


def items(count: int) -> pd.DataFrame:
    """Items whose condition hangs on the stock; optional values missing, as in the original data."""
    frame = pd.DataFrame({"condition": ["new" if at % 20 > 9 else "used" for at in range(count)]})
    for name in FLAGS:
        frame[name] = [at % 3 == 0 for at in range(count)]
    for name in TEXTS:
        frame[name] = [f"{name} {'abc'[at % 3]}" for at in range(count)]
    for name in OPTIONAL:
        frame[name] = [None if at % 2 else f"{name} x" for at in range(count)]
    frame["stock_quantity"] = [float(at % 20) for at in range(count)]
    frame["available_quantity"] = [at % 20 for at in range(count)]
    for name in REAL:
        frame[name] = [at * 1.5 for at in range(count)]
    return frame


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
    """What ``poetry run python cliente.py`` printed."""
    return Terminal(listings, SERVER_HOST=f"localhost:{server.port}").run("poetry run python cliente.py").splitlines()


def entries(server: Served) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.get("/predictions?limit=100").json()["predictions"]
    return found


def test_poetry_run_python_cliente(said: list[str]) -> None:
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
