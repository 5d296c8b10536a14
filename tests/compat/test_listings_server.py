"""The document of listings, its server: commands and requests word for word, against a server started as it says."""

import asyncio
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from tests.api.conformance import Document, assert_complete, assert_history
from tests.compat.terminal import Served, Terminal, blocks, commands
from tests.compat.walks import GUIDES, Steps, steps

pytestmark = pytest.mark.slow

PORT = 5000
PAGES = [GUIDES / "listings.md", GUIDES / "listings.es.md"]
EXAMPLE = {
    "state": "SP",
    "city": "Sao Paulo",
    "local_pickup": True,
    "free_shipping": False,
    "shipping_mode": "standard",
    "listing_type": "gold_special",
    "buying_mode": "buy_it_now",
    "status": "active",
    "accepts_mercadopago": True,
    "currency": "BRL",
    "automatic_relist": False,
    "stock_quantity": 10,
    "available_quantity": 5,
    "total_amount": 100.0,
    "date_difference_hr": 24.0,
    "time_difference_hr": 12.0,
}
"""The sixteen documented fields."""

OPTIONAL = ("attribute_group_id", "attribute_group", "attribute_id")

QUICK = """
time_limit = 60
hyperparameters = { GBM = { num_boost_round = 60 }, LR = { "proc.skew_threshold" = 1000000 } }
threshold_metric = "f1"
"""
"""In place of the project's own two minutes."""


@pytest.fixture(scope="module")
def guide() -> Steps:
    return steps("listings")


@pytest.fixture(scope="module")
def listings(tmp_path_factory: pytest.TempPathFactory, guide: Steps) -> Path:
    """The project, made and trained as the guide says, on fewer items and with fewer members than it comes with."""
    place = tmp_path_factory.mktemp("listings")
    init, install, train = guide.prepare
    Terminal(place).run(init)
    folder = place / "listings"
    settings, generator = folder / "project.toml", folder / "scripts" / "generate_items.py"
    text = settings.read_text(encoding="utf-8").replace('time_limit = 120\nthreshold_metric = "f1"\n', QUICK)
    assert QUICK in text
    settings.write_text(text, encoding="utf-8")
    fewer = generator.read_text(encoding="utf-8").replace("TRAIN, TEST = 12_000, 2_000", "TRAIN, TEST = 3_000, 300")
    generator.write_text(fewer, encoding="utf-8")
    for line in (install, train):
        Terminal(folder).run(line)
    return folder


@pytest.fixture(scope="module")
def server(listings: Path, guide: Steps) -> Iterator[Served]:
    """The documented server; its port is the project's own, so another is told by PORT."""
    with Terminal(listings).serving(f"PORT={PORT} {guide.serve}", PORT) as served:
        yield served


def answer(server: Served, body: object) -> Any:
    told = server.predict(body)
    assert told.status_code == 200, told.text
    return told.json()


def test_both_guides_say_the_same() -> None:
    assert steps("listings", PAGES[1]) == steps("listings", PAGES[0])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_guide_starts_with_git(page: Path) -> None:
    assert steps("listings", page).install[0] == "git clone URL vaticina"


def test_python_servidor_py(server: Served, guide: Steps) -> None:
    assert guide.serve == "python servidor.py"
    health = server.get("/health").json()
    assert (health["status"], health["model_loaded"]) == ("healthy", True)
    assert f"Uvicorn running on http://0.0.0.0:{server.port}" in server.log
    assert "answers everybody" in server.log, "it says loudly that it is open"


def test_port_is_5000(listings: Path) -> None:
    assert tomllib.loads((listings / "project.toml").read_text(encoding="utf-8"))["project"]["port"] == PORT


def test_uvicorn_servidor_app(listings: Path) -> None:
    """The line of the original's container."""
    line = f"uvicorn servidor:app --host 0.0.0.0 --port {PORT}"
    with Terminal(listings).serving(line, PORT) as served:
        assert answer(served, EXAMPLE).keys() == {"prediction", "probability"}


def test_file_tree(listings: Path) -> None:
    assert {"servidor.py", "cliente.py", "pyproject.toml", "data", "requirements.txt"} <= {
        entry.name for entry in listings.iterdir()
    }
    assert {entry.name for entry in (listings / "data").iterdir()} == {"train_data.parquet", "test_data.parquet"}


def test_poetry_reads_the_project(listings: Path) -> None:
    project = tomllib.loads((listings / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == "listings"
    assert project["dependencies"] == ["vaticina[train,autogluon,parquet,replay]"]


def test_documented_example(server: Served) -> None:
    told = answer(server, EXAMPLE)
    assert list(told) == ["prediction", "probability"]
    assert told["prediction"] == "new"
    assert 0.5 < told["probability"] <= 1


def test_answers_are_as_the_document_says(server: Served) -> None:
    document = Document(server.url)
    assert_complete(document)
    for body in (EXAMPLE, [EXAMPLE, {**EXAMPLE, **dict.fromkeys(OPTIONAL)}], {}):
        document.ask("POST", "/predict", json=body)
    assert_history(document, server.predict(EXAMPLE).headers["vaticina-prediction"])


def test_curl_of_the_guide(server: Served, listings: Path, guide: Steps) -> None:
    (line,) = guide.ask
    assert json.loads(line.partition("-d '")[2].rstrip("'")) == EXAMPLE
    said = json.loads(Terminal(listings).run(line.replace(str(PORT), str(server.port))))
    (shown,) = (json.loads(block) for block in blocks(PAGES[0], "json"))
    assert said == answer(server, EXAMPLE)
    assert (list(said), said["prediction"]) == (list(shown), shown["prediction"])


@pytest.mark.parametrize("name", ["README.md", "README.en.md"])
def test_readme_shows_the_same_request(listings: Path, name: str, guide: Steps) -> None:
    lines = "".join(blocks(listings / name, "console")).splitlines()
    assert [line for line in lines if line.startswith("curl ")] == guide.ask
    assert guide.serve in lines


@pytest.mark.parametrize("field", EXAMPLE)
def test_all_sixteen_fields_are_required(server: Served, field: str) -> None:
    told = server.predict({name: value for name, value in EXAMPLE.items() if name != field})
    assert told.status_code == 422
    assert [(error["field"], error["code"]) for error in told.json()["errors"]] == [(field, "missing")]


def test_three_more_fields_are_optional(server: Served) -> None:
    plain = answer(server, EXAMPLE)
    assert answer(server, {**EXAMPLE, **dict.fromkeys(OPTIONAL)}) == plain
    answer(server, {**EXAMPLE, "attribute_group_id": "FIND", "attribute_group": "Ficha técnica", "attribute_id": "X"})


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("local_pickup", 1, "not_a_flag"),
        ("stock_quantity", 1.5, "not_an_integer"),
        ("stock_quantity", "10", "not_a_number"),
        ("total_amount", "100", "not_a_number"),
        ("state", 5, "not_a_text"),
        ("city", None, "null"),
    ],
)
def test_types_are_strict(server: Served, field: str, value: object, code: str) -> None:
    told = server.predict({**EXAMPLE, field: value})
    assert told.status_code == 422
    assert [(error["field"], error["code"]) for error in told.json()["errors"]] == [(field, code)]


def test_text_is_lower_cased_and_stripped_before_the_model(server: Served) -> None:
    item = {**EXAMPLE, "state": "capital federal", "currency": "ars", "shipping_mode": "me2", "listing_type": "free"}
    shouted = {name: f"  {value.upper()} " if isinstance(value, str) else value for name, value in item.items()}
    assert answer(server, shouted) == answer(server, item)
    assert server.get("/predictions?limit=1").json()["predictions"][0]["input"]["state"] == "capital federal"


def test_an_unseen_category_is_a_value_and_marked_in_the_history(server: Served) -> None:
    assert answer(server, {**EXAMPLE, "state": "Atlantis"}) == answer(server, {**EXAMPLE, "state": "Lemuria"})


def test_the_answer_follows_the_sense_of_the_data(server: Served, listings: Path) -> None:
    items = pd.read_parquet(listings / "data" / "test_data.parquet")
    rows = json.loads(items.drop(columns="condition").to_json(orient="records"))
    told = answer(server, rows)
    right = [one["prediction"] == truth for one, truth in zip(told, items["condition"], strict=True)]
    assert sum(right) / len(right) > 0.78
    assert {one["prediction"] for one in told} == {"new", "used"}


def test_the_decision_threshold_is_calibrated(server: Served) -> None:
    threshold = server.get("/model/info").json()["contract"]["model"]["threshold"]
    assert 0 < threshold < 1


def test_model_loaded_at_start_is_autogluons(server: Served, listings: Path) -> None:
    info = server.get("/model/info").json()
    assert info["contract"]["model"]["kind"] == "autogluon"
    assert "autogluon WeightedEnsemble_L2" in Terminal(listings).run("vaticina models show")


def test_concurrent_requests_are_answered_together_and_health_meanwhile(server: Served) -> None:
    async def scenario() -> tuple[list[httpx.Response], list[httpx.Response]]:
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(base_url=server.url, limits=limits, timeout=60) as client:
            asked = [client.post("/predict", json={**EXAMPLE, "stock_quantity": at}) for at in range(128)]
            looked = [client.get("/health") for _ in range(8)]
            found = await asyncio.gather(*asked, *looked)
            return found[:128], found[128:]

    answers, health = asyncio.run(scenario())
    assert {response.status_code for response in answers + health} == {200}
    alone = [answer(server, {**EXAMPLE, "stock_quantity": at}) for at in (0, 1, 127)]
    assert [answers[at].json() for at in (0, 1, 127)] == alone, "each got its own answer"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_two_diagrams(page: Path, listings: Path) -> None:
    """Components, then the sequence of a request; in the guide and in the project's own README."""
    readme = listings / ("README.md" if page.name.endswith(".es.md") else "README.en.md")
    for place in (page, readme):
        components, sequence = blocks(place, "mermaid")
        assert components.startswith("flowchart ")
        assert sequence.startswith("sequenceDiagram")
        assert "POST /predict" in components
        assert re.search(r"C->>S: POST /predict", sequence)


def test_the_documented_client_is_answered_a_hundred_times(listings: Path, server: Served) -> None:
    line, *_ = commands(PAGES[0], "console")
    assert line == "SERVER_HOST=localhost python cliente.py"
    said = Terminal(listings, PORT=str(server.port)).run(line).splitlines()
    assert len(said) == 100
    assert {line.split("'")[3] for line in said} == {"new", "used"}
    assert all(line.startswith("Respuesta solicitud: {'prediction': '") for line in said)
