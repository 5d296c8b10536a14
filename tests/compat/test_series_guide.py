"""The document of series: its commands and requests word for word, against a server started as its guide says."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.described import Document, assert_complete, assert_history
from tests.compat.terminal import Served, Terminal, blocks
from tests.compat.walks import GUIDES, Steps, steps
from tests.e2e.process import free_port
from tests.sources.wire import MongoServer

PORT = 8000
PAGES = [GUIDES / "series.md", GUIDES / "series.es.md"]
TRAINING = {"collection_name": "sensor_data", "window_size": 10, "epochs": 100}
DOCUMENTED = {"mae", "mse", "rmse", "final_loss", "epochs_trained", "window_size", "training_samples"}
DATA = [{"timestamp": f"2024-01-01T{hour:02}:00:00Z", "value": 23.5 + hour / 10} for hour in range(10)]


@pytest.fixture(scope="module")
def guide() -> Steps:
    return steps("series")


@pytest.fixture(scope="module")
def server(series: Path, guide: Steps) -> Iterator[Served]:
    """The documented server, before anything was trained."""
    with Terminal(series).serving(guide.serve, PORT, ready="/health") as served:
        yield served


@pytest.fixture(scope="module")
def untrained(server: Served) -> dict[str, httpx.Response]:
    """What a server hears and says before its first training."""
    return {path: server.get(path) for path in ("/health", "/health/ready", "/model/info")} | {
        "/predict": server.predict({"data": DATA, "window_size": 10}, Accept_Language="es")
    }


@pytest.fixture(scope="module")
def trained(server: Served, untrained: dict[str, httpx.Response]) -> httpx.Response:
    """The answer to the documented training."""
    assert untrained
    return post(server, "/train", TRAINING)


def post(server: Served, path: str, body: object = None, **options: str) -> httpx.Response:
    headers = {k.replace("_", "-"): v for k, v in options.items()}
    return httpx.post(server.url + path, json=body, headers=headers, timeout=300)


def here(line: str, server: Served) -> str:
    """``line`` for the port that the server got."""
    return line.replace(str(PORT), str(server.port))


def test_both_guides_say_the_same() -> None:
    assert steps("series", PAGES[1]) == steps("series", PAGES[0])
    assert blocks(PAGES[0], "python") == blocks(PAGES[1], "python") != []


def test_install(series: Path, guide: Steps) -> None:
    assert guide.install[-1] == ". .venv/bin/activate"
    assert all(r".venv\Scripts\activate" in page.read_text(encoding="utf-8") for page in PAGES)
    assert "pip install -r requirements.txt" in guide.prepare
    assert "Would install" not in Terminal(series).run("pip install --dry-run -r requirements.txt")


def test_uvicorn_main_app(server: Served, guide: Steps) -> None:
    assert guide.serve == "uvicorn main:app --reload --host 0.0.0.0 --port 8000"
    assert "reloader process" in server.log
    assert server.get("/").json() == {"message": "ML Time Series API", "status": "running", "version": "1.0.0"}


def test_file_tree(series: Path) -> None:
    for name in ("main.py", "requirements.txt", ".env.example", ".gitignore", "README.md", "README.en.md"):
        assert (series / name).is_file()
    assert {".env", "models/"} <= set((series / ".gitignore").read_text(encoding="utf-8").split())
    for page in PAGES:
        for module, name in re.findall(r"`(vaticina(?:\.\w+)+):(\w+)`", page.read_text(encoding="utf-8")):
            imported = __import__(module, fromlist=[name])
            assert hasattr(imported, name)


def test_env_example(series: Path, guide: Steps) -> None:
    assert "cp .env.example .env" in guide.prepare
    text = (series / ".env.example").read_text(encoding="utf-8")
    given = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    expected = {"PORT": "8000", "DEFAULT_WINDOW_SIZE": "10", "DEFAULT_EPOCHS": "100"}
    assert expected.items() <= given.items()
    assert given["MODEL_SAVE_PATH"] == "./models/saved_model.pkl"
    assert {"MONGODB_URL", "MONGODB_DATABASE", "ENVIRONMENT"} <= given.keys()
    settings = json.loads(Terminal(series).ran("vaticina doctor --json").stdout)["settings"]
    origin = {setting["name"]: setting["source"] for setting in settings}
    assert origin["store"] == ".env (MODEL_SAVE_PATH)"
    assert origin["epochs"] == ".env (DEFAULT_EPOCHS)"


def test_health_before_the_first_training(untrained: dict[str, httpx.Response]) -> None:
    assert untrained["/health"].status_code == 200
    expected = {"status": "healthy", "database": "connected", "model_loaded": False}
    assert {name: untrained["/health"].json()[name] for name in expected} == expected
    assert untrained["/health/ready"].status_code == 503


def test_untrained_is_409(untrained: dict[str, httpx.Response]) -> None:
    refused = untrained["/predict"]
    assert refused.status_code == 409
    assert refused.json()["code"] == "not_trained"
    assert refused.json()["detail"].startswith("El modelo no está entrenado. Entrene primero con /train")


def test_model_info_before_the_first_training(untrained: dict[str, httpx.Response]) -> None:
    nothing = {"status": "not_trained"}
    expected = {"is_trained": False, "metrics": nothing, "parameters": nothing, "database": "connected"}
    assert untrained["/model/info"].json() == expected


def test_answers_before_the_first_training_are_as_the_document_says(
    server: Served, untrained: dict[str, httpx.Response]
) -> None:
    document = Document(server.url)
    for path, heard in untrained.items():
        document.compare("POST" if path == "/predict" else "GET", path, heard)


def test_train(trained: httpx.Response) -> None:
    assert trained.status_code == 200
    answer = trained.json()
    assert answer["status"] == "success"
    assert answer["message"] == "Modelo entrenado exitosamente para value"
    assert answer["parameter"] == "value"
    assert answer["data_points"] == 2880
    assert answer["metrics"].keys() >= DOCUMENTED


def test_metrics(trained: httpx.Response) -> None:
    """MAE, MSE, RMSE, Final Loss, Training Samples: on rows that training never saw."""
    metrics = trained.json()["metrics"]
    assert metrics["rmse"] == pytest.approx(metrics["mse"] ** 0.5)
    assert 0 < metrics["mae"] <= metrics["rmse"] < metrics["naive_rmse"]
    assert metrics["training_samples"] + metrics["held_samples"] == 2870
    assert metrics["window_size"] == 10
    assert metrics["final_loss"] >= 0


def test_health_with_a_model(server: Served, trained: httpx.Response) -> None:
    assert server.get("/health").json()["version"] == trained.json()["version"]
    assert server.get("/health").json()["model_loaded"] is True
    assert server.get("/health/ready").status_code == 200


@pytest.mark.usefixtures("trained")
def test_predict(server: Served) -> None:
    answered = server.predict({"data": DATA, "window_size": 10})
    assert answered.status_code == 200
    answer = answered.json()
    assert {"prediction", "confidence", "metrics", "interval"} <= answer.keys()
    assert isinstance(answer["prediction"], float)
    assert 22 < answer["prediction"] < 27
    assert 0 <= answer["confidence"] <= 1
    assert answer["interval"][0] < answer["prediction"] < answer["interval"][1]
    assert answer["metrics"].keys() >= DOCUMENTED
    extra = [{**point, "additional_features": {"sensor_id": "sensor_001", "location": "office"}} for point in DATA]
    assert server.predict({"data": extra}).json() == answer, "features are taken, and a window of 10 is the default"


def test_answers_are_as_the_document_says(server: Served, trained: httpx.Response) -> None:
    document = Document(server.url)
    assert_complete(document)
    document.compare("POST", "/train", trained)
    for change in ({"parameter": "x"}, {"collection_name": "nada"}, {"limit": 12}, {"epochs": 0}):
        assert document.ask("POST", "/train", json={**TRAINING, **change}).status_code >= 400
    for body in ({"data": DATA}, [{"data": DATA}], {"data": DATA[:9]}, {"data": DATA, "window_size": 7}, {}):
        document.ask("POST", "/predict", json=body)
    assert_history(document, server.predict({"data": DATA}).headers["vaticina-prediction"])
    for path in ("/collections", "/collections/sensor_data/info", "/collections/nada/info", "/data/sample/sensor_data"):
        document.ask("GET", path)
    for path in ("/data/sample/nada", "/data/sample/sensor_data?limit=0", "/database/test", "/jobs", "/jobs/nobody"):
        document.ask("GET", path)


@pytest.mark.usefixtures("trained")
def test_a_list_of_windows_is_answered_in_order(server: Served) -> None:
    higher = [{**point, "value": float(str(point["value"])) + 1} for point in DATA]
    rows = [{"data": data, "window_size": 10} for data in (DATA, higher)]
    first, second = server.predict(rows).json()
    for answer, row in zip((first, second), rows, strict=True):
        assert answer["prediction"] == pytest.approx(server.predict(row).json()["prediction"])
    assert second["prediction"] > first["prediction"]


@pytest.mark.usefixtures("trained")
def test_the_last_points_count(server: Served) -> None:
    earlier = [{"timestamp": f"2023-12-31T{hour:02}:00:00Z", "value": 5.0} for hour in range(24)]
    assert server.predict({"data": [*earlier, *DATA]}).json() == server.predict({"data": DATA}).json()


@pytest.mark.usefixtures("trained")
def test_too_few_points(server: Served) -> None:
    refused = server.predict({"data": DATA[:9], "window_size": 10})
    assert (refused.status_code, refused.json()["code"]) == (400, "too_few_points")
    assert re.search(r"at least 10 points .*got 9", refused.json()["detail"])


@pytest.mark.usefixtures("trained")
def test_a_window_that_was_not_trained(server: Served) -> None:
    refused = server.predict({"data": DATA, "window_size": 7})
    assert (refused.status_code, refused.json()["code"]) == (400, "window_not_trained")
    assert "trained: " in refused.json()["detail"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"data": None}, "data"),
        ({"data": [{"timestamp": "2024-01-01T00:00:00Z"}]}, "data[0].value"),
        ({"data": [{"value": 23.5}]}, "data[0].timestamp"),
        ({"data": [{"timestamp": "2024-01-01T00:00:00Z", "value": "23.5"}]}, "data[0].value"),
        ({"data": [{"timestamp": "yesterday", "value": 23.5}]}, "data[0].timestamp"),
        ({"window_size": 0}, "window_size"),
    ],
)
@pytest.mark.usefixtures("trained")
def test_required_fields(server: Served, change: dict[str, Any], field: str) -> None:
    refused = server.predict({"data": DATA, **change}, Accept_Language="es")
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


def test_unknown_parameter(server: Served) -> None:
    refused = post(server, "/train", {**TRAINING, "parameter": "presion"})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_parameter")
    assert "value, temperatura, ph, oxigeno" in refused.json()["detail"]
    for odd in ("p\0h", "--help"):
        assert post(server, "/train", {**TRAINING, "parameter": odd}).json()["code"] == "unknown_parameter"
    for odd in ("p\0h", "--help", "$cmd", "a/../b"):
        assert post(server, "/train", {**TRAINING, "collection_name": odd}).status_code == 404


def test_no_data(server: Served) -> None:
    refused = post(server, "/train", {**TRAINING, "collection_name": "nada"})
    assert (refused.status_code, refused.json()["code"]) == (404, "no_data")
    assert refused.json()["detail"].startswith("No se encontraron datos")


def test_too_few_documents(server: Served) -> None:
    refused = post(server, "/train", {**TRAINING, "limit": 12})
    assert (refused.status_code, refused.json()["code"]) == (400, "too_few_points")
    assert re.search(r"at least \d+ points .*got 12", refused.json()["detail"])


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"{", 400), (b"[]", 422), (b"{}", 422), (b'{"collection_name": 1}', 422)]
)
def test_trainings_that_are_none(server: Served, body: bytes, status: int) -> None:
    refused = httpx.post(f"{server.url}/train", content=body)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"
    beyond = post(server, "/train", {**TRAINING, "epochs": 0})
    assert beyond.status_code == 422
    assert beyond.json()["errors"][0]["field"] == "epochs"


@pytest.mark.usefixtures("trained")
def test_a_training_to_follow(server: Served) -> None:
    document = Document(server.url)
    body = {**TRAINING, "window_size": 8, "limit": 400, "parameter": "ph"}
    started = document.ask("POST", "/train?wait=false", json=body)
    assert started.status_code == 202
    job = started.json()
    assert (job["kind"], job["request"]["parameter"]) == ("train", "ph")
    assert started.headers["location"] == f"jobs/{job['id']}"
    end = time.monotonic() + 280
    while (told := document.ask("GET", f"/jobs/{job['id']}").json())["status"] in ("queued", "running"):
        assert server.predict({"data": DATA, "window_size": 10}).status_code == 200
        assert time.monotonic() < end
        time.sleep(0.1)
    assert (told["status"], told["progress"]) == ("succeeded", 1.0)
    assert told["result"]["message"] == "Modelo entrenado exitosamente para ph"
    assert (told["result"]["data_points"], told["result"]["documents"]) == (400, 400), "a limit bounds what is read"
    assert job["id"] in {one["id"] for one in document.ask("GET", "/jobs").json()["jobs"]}
    assert server.predict({"data": DATA, "window_size": 8}).status_code == 200
    assert server.predict({"data": DATA, "window_size": 10}).status_code == 200, "windows trained before are kept"
    assert server.get("/jobs/nobody").status_code == 404


def test_database(server: Served) -> None:
    answer = server.get("/database/test").json()
    assert list(answer) == ["status", "database", "server_version", "collections", "collection_count"]
    assert (answer["status"], answer["collections"], answer["collection_count"]) == ("connected", ["sensor_data"], 1)


def test_collections(server: Served) -> None:
    found = {"status": "success", "collections": ["sensor_data"], "count": 1}
    assert server.get("/collections").json() == found
    info = server.get("/collections/sensor_data/info").json()["info"]
    assert list(info) == ["collection_name", "document_count", "sample_document", "date_range"]
    assert info["document_count"] == 2880
    assert info["date_range"] == {"start": "2024-01-01T00:00:00Z", "end": "2024-04-29T23:00:00Z"}
    assert server.get("/collections/nada/info").status_code == 404


def test_document_format(server: Served) -> None:
    """``{_id, timestamp, value, additional_features: {sensor_id, location}}``"""
    document = server.get("/collections/sensor_data/info").json()["info"]["sample_document"]
    assert {"_id", "timestamp", "value", "additional_features"} <= document.keys()
    assert document["additional_features"] == {"sensor_id": "sensor_001", "location": "office"}
    assert isinstance(document["value"], float)


def test_sample(server: Served) -> None:
    answer = server.get("/data/sample/sensor_data?limit=3").json()
    assert (answer["status"], answer["collection"], answer["sample_size"]) == ("success", "sensor_data", 3)
    assert answer["total_records"] == {"value": 3, "temperatura": 3, "ph": 3, "oxigeno": 3}
    assert [point["timestamp"] for point in answer["data"]["ph"]] == [f"2024-04-29T{at}:00:00Z" for at in (21, 22, 23)]
    assert len(server.get("/data/sample/sensor_data").json()["documents"]) == 10
    assert server.get("/data/sample/nada").status_code == 404
    assert server.get("/data/sample/sensor_data?limit=0").status_code == 422


@pytest.mark.usefixtures("trained")
def test_model_info(server: Served) -> None:
    info = server.get("/model/info").json()
    assert info["is_trained"] is True
    assert info["database"] == "connected"
    assert info["metrics"].keys() >= DOCUMENTED
    assert {"learning_rate", "n_weights", "bias", "weights_mean", "weights_std"} <= info["parameters"].keys()
    assert "10" in info["windows"]


@pytest.mark.usefixtures("trained")
def test_python_client(server: Served) -> None:
    """The client of the guide, as a program of its own."""
    (program,) = blocks(PAGES[0], "python")
    ran = subprocess.run([sys.executable, "-c", here(program, server)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    health, training, prediction = ran.stdout.splitlines()
    assert "'database': 'connected'" in health
    assert training.startswith("Modelo entrenado exitosamente para value {'mae': ")
    assert 22 < float(prediction.split()[0]) < 27


@pytest.mark.usefixtures("trained")
def test_curl_lines(server: Served, series: Path, guide: Steps) -> None:
    """/health, /database/test, /train, /model/info and a prediction with a window of 5, as the guide has them."""
    heard = [json.loads(Terminal(series).run(here(line, server))) for line in guide.ask]
    health, database, training, info, prediction = heard
    assert (health["status"], database["status"], training["status"]) == ("healthy", "connected", "success")
    assert (training["metrics"]["window_size"], info["is_trained"]) == (5, True)
    assert 23 < prediction["prediction"] < 26
    assert prediction["metrics"]["window_size"] == 5


@pytest.mark.usefixtures("trained")
def test_predictions_are_recorded(server: Served) -> None:
    before = server.get("/predictions").json()["total"]
    answer = server.predict({"data": DATA}).json()
    listed = server.get("/predictions?limit=1").json()
    assert listed["total"] == before + 1
    assert listed["predictions"][0]["prediction"] == answer["prediction"]


@pytest.fixture(scope="module")
def copy(series: Path, trained: httpx.Response, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is after a training, where it can be changed."""
    assert trained.status_code == 200
    return Path(shutil.copytree(series, tmp_path_factory.mktemp("copy") / "series"))


def test_models_survive_a_restart_and_a_reset_too(copy: Path, trained: httpx.Response) -> None:
    assert (copy / "models" / "saved_model" / "series").is_dir(), "MODEL_SAVE_PATH is where they are"
    serve = f"vaticina serve --port {PORT}"
    with Terminal(copy).serving(serve, PORT) as again:
        assert again.predict({"data": DATA}).status_code == 200
        assert "10" in again.get("/model/info").json()["windows"]
        assert Document(again.url).ask("POST", "/model/reset").json() == {
            "status": "success",
            "message": "Modelo reiniciado",
        }
        assert again.predict({"data": DATA}).status_code == 409
        assert again.get("/health").json()["model_loaded"] is False
        assert again.get("/health").status_code == 200
        assert post(again, "/model/reset").status_code == 200, "twice is no mistake"
    with Terminal(copy).serving(serve, PORT, ready="/health") as later:
        assert later.predict({"data": DATA}).status_code == 409
        answer = post(later, "/train", {**TRAINING, "window_size": 4, "limit": 300}).json()
        assert answer["promoted"] is True
        assert list(later.get("/model/info").json()["windows"]) == ["4"], "a reset forgets the windows before"


def test_all_parameters(copy: Path) -> None:
    lines = [line.split(",") for line in (copy / "data" / "readings.csv").read_text().splitlines()[:201]]
    (copy / "agua.csv").write_text("\n".join(f"{row[0]},{row[3]},{row[4]}" for row in lines))
    Terminal(copy).run("vaticina data load agua agua.csv")
    with Terminal(copy).serving(f"vaticina serve --port {PORT}", PORT, ready="/health") as served:
        before = served.get("/health").json()["version"]
        line = "/train/all-parameters?collection_name=agua&window_size=6&limit=100"
        answer = Document(served.url).ask("POST", line).json()
        assert (answer["status"], answer["collection"]) == ("completed", "agua")
        assert list(answer["results"]) == ["ph", "oxigeno"]
        assert {result["status"] for result in answer["results"].values()} == {"success"}
        assert {result["promoted"] for result in answer["results"].values()} == {False}
        assert served.get("/health").json()["version"] == before
        assert post(served, "/train/all-parameters", {"collection_name": "nada"}).status_code == 404


def test_port_and_environment(copy: Path, wire: MongoServer) -> None:
    """The documented variables: MongoDB, a port, production and what goes with it."""
    variables = {
        "MONGODB_URL": wire.url,
        "MONGODB_DATABASE": wire.database(),
        "ENVIRONMENT": "production",
        "DEFAULT_WINDOW_SIZE": "5",
        "DEFAULT_EPOCHS": "20",
    }
    terminal = Terminal(copy, **variables)
    (copy / "few.csv").write_text("\n".join((copy / "data" / "readings.csv").read_text().splitlines()[:201]))
    terminal.run("vaticina data load sensor_data few.csv")
    with terminal.serving("PORT=8000 vaticina serve", PORT, ready="/health") as served:
        tested = served.get("/database/test").json()
        assert (tested["status"], tested["database"]) == ("connected", variables["MONGODB_DATABASE"])
        answer = post(served, "/train", {"collection_name": "sensor_data"}).json()
        assert (answer["metrics"]["window_size"], answer["data_points"]) == (5, 200)
        assert answer["metrics"]["epochs_trained"] <= 20
        assert served.predict({"data": DATA[:5]}).json()["metrics"]["window_size"] == 5
        lines = [json.loads(line) for line in served.log.splitlines() if line.startswith("{")]
        assert {"time", "level", "logger", "message"} <= lines[-1].keys()
        assert any("serving version" in line["message"] for line in lines)


def test_production_does_not_reload(copy: Path) -> None:
    variables = {"ENVIRONMENT": "production", "MONGODB_URL": "mongodb://127.0.0.1:1", "MONGODB_DATABASE": "agua"}
    command = [str(Path(sys.executable).with_name("uvicorn")), "main:app", "--reload", "--port", str(free_port())]
    environment = {**Terminal(copy).environment, **variables}
    with subprocess.Popen(command, cwd=copy, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("error: "))
        process.terminate()
    assert "ENVIRONMENT=production does not reload: leave --reload out" in said


def test_production_refuses_what_forgets(copy: Path) -> None:
    terminal = Terminal(copy, ENVIRONMENT="production")
    refused = terminal.ran(f"vaticina serve --port {free_port()}")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: MONGODB_URL is not set, and with ENVIRONMENT=production")
    assert len(refused.stderr.splitlines()) == 1


def test_uvicorn_tells_in_one_line_what_keeps_it_from_starting(copy: Path) -> None:
    refused = Terminal(copy, ENVIRONMENT="production").ran(f"uvicorn main:app --port {free_port()}")
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: MONGODB_URL is not set, and with ENVIRONMENT=production")
    assert len(refused.stderr.splitlines()) == 1


def test_a_database_that_is_away(copy: Path) -> None:
    """Predictions go on; what needs the database says that it is away, and never the password."""
    away = "mongodb://ana:s3cret@127.0.0.1:1/?serverSelectionTimeoutMS=300"
    with Terminal(copy, MONGODB_URL=away, MONGODB_DATABASE="agua").serving(
        f"vaticina serve --port {PORT}", PORT
    ) as served:
        health = served.get("/health")
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        assert health.json()["database"] == "disconnected"
        assert served.get("/model/info").json()["database"] == "disconnected"
        tested = Document(served.url).ask("GET", "/database/test")
        assert (tested.status_code, tested.json()["status"]) == (200, "error")
        assert "check MONGODB_URL" in tested.json()["error"]
        assert Document(served.url).ask("POST", "/train", json=TRAINING).status_code == 503
        assert Document(served.url).ask("GET", "/collections").status_code == 503
        for size in served.get("/model/info").json()["windows"]:
            assert served.predict({"data": DATA, "window_size": int(size)}).status_code == 200
        assert "s3cret" not in served.log + tested.text
