"""The document of medico: its commands and requests word for word, against a server started as it says."""

import importlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psycopg
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.api.conformance import Document, assert_complete, assert_history
from tests.compat.terminal import ROOT, Served, Terminal, blocks
from tests.compat.walks import GUIDES, Steps, steps
from vaticina.bootstrap import Workspace
from vaticina.contract import Validator
from vaticina.datasets.params import read_params
from vaticina.usecases.train import train_project

PORT = 8000
EXAMPLE = {"edad": 45, "fiebre": 39.5, "dolor": 8}
CLASSES = ["NO ENFERMO", "ENFERMEDAD LEVE", "ENFERMEDAD AGUDA", "ENFERMEDAD CRÓNICA", "ENFERMEDAD TERMINAL"]
STAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}")
RANGES = {"edad": (0, 150), "fiebre": (35, 45), "dolor": (0, 10)}
PAGES = [GUIDES / "medico.md", GUIDES / "medico.es.md"]


@pytest.fixture(scope="module")
def guide() -> Steps:
    return steps("medico")


@pytest.fixture(scope="module")
def server(medico: Path, guide: Steps) -> Iterator[Served]:
    """The documented server, for tests that change nothing but its history."""
    with Terminal(medico).serving(guide.serve, PORT) as served:
        yield served


def total(server: Served) -> int:
    found: int = server.get("/predictions").json()["total"]
    return found


def copied(medico: Path, place: Path) -> Path:
    """A copy of the trained project without its history."""
    return Path(shutil.copytree(medico, place / "medico", ignore=shutil.ignore_patterns("*.db*")))


def test_both_guides_say_the_same() -> None:
    assert steps("medico", PAGES[1]) == steps("medico", PAGES[0])


def test_uvicorn_app_app(server: Served, guide: Steps) -> None:
    assert guide.serve == "uvicorn app:app --reload --port 8000"
    assert server.get("/health").json()["status"] == "healthy"
    assert "reloader process" in server.log


def test_install(medico: Path, guide: Steps) -> None:
    assert "pip install -r requirements.txt" in guide.prepare
    assert "scikit-learn>=" in (medico / "requirements.txt").read_text(encoding="utf-8")
    assert "Would install" not in Terminal(medico).run("pip install --dry-run -r requirements.txt")


def test_diagnosis_is_predicted(server: Served) -> None:
    healthy, worse, worst = (
        server.predict({"edad": edad, "fiebre": fiebre, "dolor": dolor}).json()["prediccion"]
        for edad, fiebre, dolor in [(20, 36.5, 0), (45, 38.0, 5), (80, 43.0, 10)]
    )
    assert [healthy, worse, worst] == ["NO ENFERMO", "ENFERMEDAD AGUDA", "ENFERMEDAD TERMINAL"]
    assert sorted(server.get("/model/info").json()["contract"]["classes"]) == sorted(CLASSES)


def test_documented_example(server: Served) -> None:
    answer = server.predict(EXAMPLE).json()
    assert answer["prediccion"] == "ENFERMEDAD CRÓNICA"
    assert 0.75 <= answer["probabilidad"] <= 0.9


@pytest.mark.parametrize("body", [EXAMPLE, {"edad": 45.0, "fiebre": 39.5, "dolor": 8.0}, {**EXAMPLE, "otro": "x"}])
def test_predict_request(server: Served, body: dict[str, Any]) -> None:
    answer = server.predict(body)
    assert answer.status_code == 200
    assert answer.json()["entrada"] == {"edad": 45.0, "fiebre": 39.5, "dolor": 8.0}


def test_answers_are_as_the_document_says(server: Served) -> None:
    document = Document(server.url)
    assert_complete(document)
    assert next(iter(document.document["paths"])) == "/predict"
    for body in (EXAMPLE, [EXAMPLE, EXAMPLE], {}, {**EXAMPLE, "edad": 151}):
        document.ask("POST", "/predict", json=body)
    assert_history(document, server.predict(EXAMPLE).headers["vaticina-prediction"])


def test_predict_answer(server: Served) -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    heard = server.predict(EXAMPLE)
    answer = heard.json()
    assert heard.headers["content-type"] == "application/json"
    assert list(answer) == ["prediccion", "probabilidad", "timestamp", "entrada"]
    assert answer["prediccion"] in CLASSES
    assert 0 < answer["probabilidad"] <= 1
    assert list(answer["entrada"]) == ["edad", "fiebre", "dolor"]
    assert all(isinstance(value, float) for value in answer["entrada"].values())
    assert STAMP.fullmatch(answer["timestamp"])
    assert before <= datetime.fromisoformat(answer["timestamp"]) <= before + timedelta(minutes=1)


@pytest.mark.parametrize("field", RANGES)
def test_ranges(server: Served, field: str) -> None:
    low, high = RANGES[field]
    ends = server.predict([{**EXAMPLE, field: low}, {**EXAMPLE, field: high}])
    assert [answer["entrada"][field] for answer in ends.json()] == [low, high]
    for beyond in (low - 1, low - 1e-9, high + 1e-9, high + 1):
        refused = server.predict({**EXAMPLE, field: beyond}, Accept_Language="es")
        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert (error["field"], error["value"], error["min"], error["max"]) == (field, beyond, low, high)
        assert re.match(rf"{field} debe estar entre {low} y {high}\b.*, recibido: ", error["message"])
        english = server.predict({**EXAMPLE, field: beyond}, Accept_Language="en").json()
        assert re.match(rf"{field} must be between {low} and {high}\b.*, got ", english["errors"][0]["message"])


def test_inference_flow(server: Served) -> None:
    """Valid: predicted, inserted, answered. Invalid: 422, and nothing is inserted."""
    before = total(server)
    answered = server.predict(EXAMPLE)
    assert total(server) == before + 1
    assert server.predict({**EXAMPLE, "edad": -5}).status_code == 422
    assert server.predict([EXAMPLE, {**EXAMPLE, "edad": -5}]).status_code == 422
    assert total(server) == before + 1
    newest = server.get("/predictions?limit=1").json()["predicciones"][0]
    assert {name: newest[name] for name in answered.json()} == answered.json()


def test_predictions(server: Served) -> None:
    sent = [server.predict({**EXAMPLE, "edad": edad}).json() for edad in (20, 30, 40)]
    found = server.get("/predictions").json()
    newest = found["predicciones"][0]
    assert list(newest) == ["id", "entrada", "prediccion", "probabilidad", "timestamp"]
    assert [entry["entrada"]["edad"] for entry in found["predicciones"][:3]] == [40, 30, 20]
    assert [{k: entry[k] for k in sent[0]} for entry in found["predicciones"][:3]] == sent[::-1]
    ids = [entry["id"] for entry in found["predicciones"]]
    assert ids == sorted(ids, reverse=True)
    assert min(ids) == 1
    assert found["total"] >= len(ids)


def test_predictions_are_paged(server: Served) -> None:
    for _ in range(3):
        server.predict(EXAMPLE)
    whole = server.get("/predictions?limit=1000").json()
    pages: list[Any] = []
    following = None
    while True:
        address = "/predictions?limit=2" + (f"&before={following}" if following else "")
        page = server.get(address).json()
        assert page["total"] == whole["total"]
        pages += page["predicciones"]
        following = page["next"]
        if following is None:
            break
    assert pages == whole["predicciones"]
    label = server.get("/predictions", Accept="application/json").json()["predicciones"][0]["prediccion"]
    only = httpx.get(f"{server.url}/predictions", params={"label": label, "limit": 1000}).json()["predicciones"]
    assert only == [entry for entry in pages if entry["prediccion"] == label]
    moment = pages[1]["timestamp"]
    since = httpx.get(f"{server.url}/predictions", params={"since": moment, "limit": 1000}).json()["predicciones"]
    until = httpx.get(f"{server.url}/predictions", params={"until": moment, "limit": 1000}).json()["predicciones"]
    assert since + until == pages
    assert pages[1] in since


def test_statistics(server: Served) -> None:
    for edad in (10, 90):
        server.predict({**EXAMPLE, "edad": edad})
    found = server.get("/predictions/stats").json()
    listed = server.get("/predictions?limit=1000").json()
    assert list(found) == ["total", "por_categoria", "ultimas_predicciones", "ultima_prediccion"]
    assert found["total"] == listed["total"] == sum(found["por_categoria"].values())
    assert set(found["por_categoria"]) <= set(CLASSES)
    assert found["ultimas_predicciones"] == listed["predicciones"][:5]
    assert found["ultima_prediccion"] == listed["predicciones"][0]["timestamp"]


def test_root(server: Served) -> None:
    assert server.get("/").json() == {
        "mensaje": "API de predicción médica",
        "version": "1.0",
        "uso": "POST /predict con JSON {'edad': float, 'fiebre': float, 'dolor': float}",
    }


@pytest.mark.parametrize("body", [b"", b"  ", b"hola", b'{"edad": 45', b'{"edad": 1, "edad": 2}', b"\xff", b"NaN"])
def test_400(server: Served, body: bytes) -> None:
    refused = server.predict(body)
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "invalid_json"


@pytest.mark.parametrize("value", ["45", None, True, [45], 1e300, -5])
def test_422(server: Served, value: object) -> None:
    refused = server.predict({**EXAMPLE, "edad": value})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "edad"


def test_422_for_missing_fields(server: Served) -> None:
    refused = server.predict({"fiebre": 39.5})
    assert refused.status_code == 422
    missing = [(error["field"], error["code"]) for error in refused.json()["errors"]]
    assert missing == [("edad", "missing"), ("dolor", "missing")]
    assert server.predict([]).status_code == 422


def test_500(medico: Path, tmp_path: Path, guide: Steps) -> None:
    """A model that fails answers 500, which tells nothing of the inside, and the next patient is answered."""
    folder = copied(medico, tmp_path)
    workspace = Workspace(folder)
    registry = workspace.registry()
    contract = registry.manifest("medico", registry.resolve("medico", "production")).contract
    broken = registry.publish("medico", contract, "onnx", {"model.onnx": fails_without_pain(len(contract.classes))})
    registry.promote("medico", broken.version)
    with Terminal(folder).serving(guide.serve.replace(" --reload", ""), PORT) as server:
        failed = server.predict({**EXAMPLE, "dolor": 0})
        assert failed.status_code == 500
        assert failed.json()["code"] == "prediction_failed"
        assert not re.search(r"traceback|onnx|\.py|finite", failed.text, re.IGNORECASE)
        assert failed.json()["request_id"] in server.log
        assert server.predict(EXAMPLE).status_code == 200
        assert total(server) == 1


def fails_without_pain(classes: int) -> bytes:
    """A graph whose probabilities are no numbers when dolor is 0."""
    constants = [
        numpy_helper.from_array(np.array([2], dtype=np.int64), "third"),
        numpy_helper.from_array(np.full((1, classes), 1 / classes), "even"),
    ]
    nodes = [
        helper.make_node("Gather", ["X", "third"], ["pain"], axis=1),
        helper.make_node("Div", ["pain", "pain"], ["one"]),
        helper.make_node("Mul", ["one", "even"], ["probabilities"]),
        helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
    ]
    inputs = [helper.make_tensor_value_info("X", TensorProto.DOUBLE, [None, 3])]
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
        helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, [None, classes]),
    ]
    graph = helper.make_graph(nodes, "medico", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    written: bytes = model.SerializeToString()
    return written


def test_curl_of_predict_and_predictions(server: Served, medico: Path, guide: Steps) -> None:
    predict, predictions, stats, query = (line.replace(str(PORT), str(server.port)) for line in guide.ask)
    terminal = Terminal(medico)
    answer = json.loads(terminal.run(predict))
    assert answer["prediccion"] == "ENFERMEDAD CRÓNICA"
    newest = json.loads(terminal.run(predictions))["predicciones"][0]
    assert {name: newest[name] for name in answer} == answer
    assert json.loads(terminal.run(stats))["ultima_prediccion"] == answer["timestamp"]
    assert query == 'sqlite3 predicciones.db "SELECT * FROM prediccion LIMIT 5;"'


def test_curl_in_the_readme_of_the_project(server: Served, medico: Path) -> None:
    for name in ("README.md", "README.en.md"):
        shown = "".join(blocks(medico / name, "console")).replace("\\\n", " ").replace(str(PORT), str(server.port))
        (line,) = [line for line in shown.splitlines() if line.startswith("curl ")]
        answer = json.loads(Terminal(medico).run(line))
        (told,) = (json.loads(block) for block in blocks(medico / name, "json"))
        assert list(answer) == list(told)
        assert answer["prediccion"] == told["prediccion"]
        assert answer["probabilidad"] == pytest.approx(told["probabilidad"], abs=0.06)
        assert answer["entrada"] == told["entrada"]


def test_curl_postman_swagger(server: Served) -> None:
    """Postman imports an OpenAPI 3 document: its paths, methods, bodies and examples; Swagger shows the same one."""
    document = server.get("/openapi.json").json()
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert {"title", "version"} <= document["info"].keys()
    assert {"/", "/predict", "/predictions", "/predictions/stats", "/health"} <= document["paths"].keys()
    operation = document["paths"]["/predict"]["post"]
    media = operation["requestBody"]["content"]["application/json"]
    assert media["examples"]["row"]["value"] == EXAMPLE
    for example in media["examples"].values():
        assert server.predict(example["value"]).status_code == 200
    for path in re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(document)):
        place = document
        for part in path.split("/"):
            place = place[part]
    for page in ("/docs", "/redoc"):
        shown = server.get(page)
        assert shown.status_code == 200
        assert "openapi.json" in shown.text


def test_types_and_ranges_are_automatic(server: Served) -> None:
    """PatientInput and PredictionResponse: made from project.toml, in the document and in the validation alike."""
    schemas = server.get("/openapi.json").json()["components"]["schemas"]
    patient, answer = schemas["MedicoRow"], schemas["MedicoAnswer"]
    assert patient["required"] == list(RANGES)
    for name, bounds in RANGES.items():
        field = patient["properties"][name]
        assert (field["type"], field["minimum"], field["maximum"]) == ("number", *bounds)
    assert answer["required"] == ["prediccion", "probabilidad", "timestamp", "entrada"]
    assert sorted(answer["properties"]["prediccion"]["enum"]) == sorted(CLASSES)
    assert server.predict({**EXAMPLE, "dolor": "8"}).json()["errors"][0]["code"] == "not_a_number"


def test_predicciones_db(server: Served, medico: Path) -> None:
    server.predict(EXAMPLE)
    with sqlite3.connect(f"file:{medico / 'predicciones.db'}?mode=ro", uri=True) as database:
        assert database.execute("SELECT count(*) FROM prediccion").fetchone() == (total(server),)


def test_table_prediccion(server: Served, medico: Path) -> None:
    answer = server.predict(EXAMPLE).json()
    printed = Terminal(medico).run('sqlite3 predicciones.db "SELECT * FROM prediccion LIMIT 5;"').splitlines()
    assert 1 <= len(printed) <= 5
    assert all(re.fullmatch(r"\d+\|\{.+\}\|[A-ZÓ ]+\|0\.\d+\|" + STAMP.pattern, line) for line in printed)
    with sqlite3.connect(medico / "predicciones.db") as database:
        found = database.execute("SELECT * FROM prediccion ORDER BY id DESC LIMIT 1")
        assert [column[0] for column in found.description] == [
            "id",
            "entrada_json",
            "prediccion",
            "probabilidad",
            "timestamp",
        ]
        _, entrada, prediccion, probabilidad, timestamp = found.fetchone()
    assert json.loads(entrada) == answer["entrada"]
    assert (prediccion, timestamp) == (answer["prediccion"], answer["timestamp"])
    assert probabilidad == pytest.approx(answer["probabilidad"])


def test_history_on_postgresql(medico: Path, tmp_path: Path, guide: Steps, bare_postgres_url: str) -> None:
    folder = copied(medico, tmp_path)
    line = guide.serve.replace(" --reload", "")
    with Terminal(folder, DATABASE_URL=bare_postgres_url).serving(line, PORT) as server:
        answer = server.predict(EXAMPLE).json()
        (listed,) = server.get("/predictions").json()["predicciones"]
    assert {name: listed[name] for name in answer} == answer
    assert not list(folder.glob("*.db"))
    with psycopg.connect(bare_postgres_url) as connection:
        rows = connection.execute("SELECT * FROM prediccion LIMIT 5").fetchall()
    assert rows == [
        (1, '{"edad":45.0,"fiebre":39.5,"dolor":8.0}', answer["prediccion"], rows[0][3], answer["timestamp"])
    ]
    assert rows[0][3] == pytest.approx(answer["probabilidad"])


def test_concurrent_predictions(server: Served) -> None:
    """Many at once, each recorded exactly once, while others read."""
    before = total(server)

    def one(at: int) -> str:
        heard = server.predict({**EXAMPLE, "edad": at % 100})
        assert heard.json()["entrada"]["edad"] == at % 100
        assert server.get("/predictions?limit=5").status_code == 200
        return heard.headers["vaticina-prediction"]

    with ThreadPoolExecutor(16) as pool:
        uids = list(pool.map(one, range(96)))
    assert len(set(uids)) == 96
    assert total(server) == before + 96
    assert server.get(f"/predictions/{uids[7]}").json()["uid"].replace("-", "") == uids[7].replace("-", "")


def test_generate_raw_data(medico: Path, tmp_path: Path) -> None:
    folder = copied(medico, tmp_path)
    raw = folder / "data" / "raw.csv"
    trained_on = raw.read_bytes()
    raw.unlink()
    Terminal(folder).run("python scripts/generate_raw_data.py")
    assert raw.read_bytes() == trained_on
    header, *rows = raw.read_text(encoding="utf-8").splitlines()
    assert header == "id_paciente,edad,fiebre,dolor,diagnostico"
    assert {row.rpartition(",")[2] for row in rows} == set(CLASSES)


def test_params_yaml(medico: Path, tmp_path: Path) -> None:
    """What params.yaml says is what is trained."""
    folder = copied(medico, tmp_path)
    shipped = read_params(Workspace(folder).project)
    assert (shipped.test_size, shipped.seed, shipped.model["n_estimators"]) == (0.2, 42, 100)
    raw, file = folder / "data" / "raw.csv", folder / "params.yaml"
    raw.write_text("\n".join(raw.read_text(encoding="utf-8").splitlines()[:1001]) + "\n", encoding="utf-8")
    changed = file.read_text(encoding="utf-8").replace("n_estimators: 100", "n_estimators: 7")
    file.write_text(changed.replace("test_size: 0.2", "test_size: 0.3"), encoding="utf-8")
    manifest = train_project(folder).manifest
    assert manifest.training["params"]["n_estimators"] == 7
    assert manifest.data["held_rows"] == pytest.approx(300, abs=20)


def test_load_model(medico: Path) -> None:
    """The loader that the API uses: the version in production, verified and warmed up."""
    workspace = Workspace(medico)
    versions = workspace.versions()
    wanted = versions.target()
    assert wanted is not None
    loaded = versions.load(wanted)
    row = Validator(loaded.contract).check(dict(EXAMPLE))
    label = int(loaded.outputs(loaded.encoder.matrix([row])).columns["label"][0])
    assert loaded.contract.classes[label] == "ENFERMEDAD CRÓNICA"
    loaded.runtime.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_src_modules(medico: Path, page: Path) -> None:
    """Each old module's job has a place in the compatibility table, and what stands in its place exists."""
    rows = re.findall(r"^\| `(.+?)`.* \| (.+) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    table = {old: new for old, new in rows if old.endswith(".py")}
    modules = ["__init__", "prepare", "model", "model_utils", "preprocessor", "db", "models_db", "schemas"]
    modules += ["validator", "metrics", "estadisticas"]
    assert {f"src/{name}.py" for name in modules} <= table.keys()
    named = re.findall(r"`(vaticina[\w.]*):([\w.]+)`", page.read_text(encoding="utf-8"))
    assert len(named) >= 14
    for module, path in named:
        place = importlib.import_module(module)
        for part in path.split("."):
            place = getattr(place, part)
    for name in ("src/__init__.py", "src/prepare.py", "src/generator.py", "app.py", "train.py", "params.yaml"):
        assert (medico / name).is_file()
    assert (ROOT / "requirements" / "lock.txt").is_file()
