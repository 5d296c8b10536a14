"""The document of churn: a pickled model and its preprocessor behind an API, word for word."""

import json
import pickle
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.api.conformance import Document, assert_complete, assert_history
from tests.compat.terminal import Served, Terminal, blocks
from tests.compat.walks import GUIDES, Steps, steps
from tests.pickles.hostile import HOSTILE

PORT = 8000
PAGES = [GUIDES / "churn.md", GUIDES / "churn.es.md"]
PLACEHOLDER = '{"feature_numerica_1":123.45,"feature_categorica_1":"valor_A","feature_numerica_2":67.89}'
STAMPED = r"(model|preprocessor)_\d{8}_\d{6}\.pkl"


@pytest.fixture(scope="module")
def guide() -> Steps:
    return steps("churn")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, guide: Steps) -> Path:
    """The project, made and trained as its guide says."""
    place = tmp_path_factory.mktemp("churn")
    for line in guide.prepare:
        Terminal(place / "churn" if (place / "churn").is_dir() else place).run(line)
    return place / "churn"


@pytest.fixture(scope="module")
def server(project: Path, guide: Steps) -> Iterator[Served]:
    """The documented server, which imports the pair it finds."""
    with Terminal(project).serving(guide.serve, PORT) as served:
        yield served


@pytest.fixture(scope="module")
def body(guide: Steps) -> dict[str, Any]:
    """The customer of the guide."""
    found = re.search(r"-d '(.*)'", guide.ask[1])
    assert found is not None
    row: dict[str, Any] = json.loads(found[1])
    return row


def pair(folder: Path, stamp: str, seed: int = 0) -> tuple[Path, Path]:
    """A pair with exactly the columns of the document's placeholder, fitted outside and pickled."""
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "feature_numerica_1": random.normal(100, 30, 400),
            "feature_categorica_1": random.choice(["valor_A", "valor_B"], 400),
            "feature_numerica_2": random.normal(60, 10, 400),
        }
    )
    left = (rows.feature_numerica_1 > 100).to_numpy() ^ (random.random(400) < 0.1)
    numbers = Pipeline([("imputer", SimpleImputer(strategy="median")), ("scaler", StandardScaler())])
    texts = OneHotEncoder(handle_unknown="ignore")
    preprocessor = ColumnTransformer(
        [("n", numbers, ["feature_numerica_1", "feature_numerica_2"]), ("c", texts, ["feature_categorica_1"])]
    )
    model = lightgbm.LGBMClassifier(n_estimators=10, n_jobs=1, verbosity=-1)
    model.fit(preprocessor.fit_transform(rows), left.astype(int))
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / f"model_{stamp}.pkl", folder / f"preprocessor_{stamp}.pkl"
    for file, part in zip(files, (model, preprocessor), strict=True):
        file.write_bytes(pickle.dumps(part))
    return files


@pytest.fixture(scope="module")
def placeholder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that ``vaticina import`` makes of the placeholder's pair, by the line of the guide."""
    place = tmp_path_factory.mktemp("placeholder")
    pair(place / "models", "20250717_214053")
    line = next(line for line in blocks(PAGES[0], "console") if line.startswith("vaticina import")).splitlines()[0]
    Terminal(place).run("vaticina init churn --example churn")
    shutil.copy(place / "churn" / "own_pair.toml", place)
    Terminal(place).run(line)
    return place / "mi-modelo"


@pytest.fixture(scope="module")
def placeholder_server(placeholder: Path) -> Iterator[Served]:
    with Terminal(placeholder.parent).serving(f"vaticina serve mi-modelo --port {PORT}", PORT) as served:
        yield served


def test_both_guides_say_the_same() -> None:
    assert steps("churn", PAGES[1]) == steps("churn", PAGES[0])
    assert blocks(PAGES[1], "console") == blocks(PAGES[0], "console")


def test_model_and_preprocessor_are_named_by_their_time(project: Path, server: Served) -> None:
    names = sorted(file.name for file in (project / "models").glob("*.pkl"))
    assert len(names) == 2
    assert all(re.fullmatch(STAMPED, name) for name in names)
    info = server.get("/model/info").json()
    assert sorted(info["data"]["files"]) == names, "they are what answers"


def test_paths_of_the_document(project: Path) -> None:
    for path in ("requirements.txt", "api", "api/main.py", "models"):
        assert (project / path).exists(), path


def test_libraries_from_requirements(project: Path, guide: Steps) -> None:
    assert "pip install -r requirements.txt" in guide.prepare, "which the fixture ran"
    assert "scikit-learn>=" in (project / "requirements.txt").read_text(encoding="utf-8")


def test_answers_are_as_the_document_says(server: Served, body: dict[str, Any]) -> None:
    document = Document(server.url)
    assert_complete(document)
    sent: list[Any] = [body, [body, body], {"features": [body]}, {"features": []}, {"features": [{"tenure": "x"}]}]
    for rows in sent:
        document.ask("POST", "/predict", json=rows)
    assert_history(document, server.predict(body).headers["vaticina-prediction"])


def test_uvicorn_api_main_app(server: Served, guide: Steps) -> None:
    assert guide.serve == "uvicorn api.main:app --host 0.0.0.0 --port 8000"
    assert server.get("/").json() == {"message": "Bienvenido a la API de predicción"}
    health = server.get("/health").json()
    assert (health["status"], health["model_loaded"]) == ("healthy", True)


def test_the_guide_s_requests(server: Served, project: Path, guide: Steps) -> None:
    health, predict = (line.replace(str(PORT), str(server.port)) for line in guide.ask)
    assert json.loads(Terminal(project).run(health))["status"] == "healthy"
    answer = json.loads(Terminal(project).run(predict))
    assert list(answer) == ["customer_id", "prediction", "probability"]
    assert (answer["customer_id"], answer["prediction"]) == ("7590-VHVEG", int(answer["probability"] >= 0.5))


def test_the_answer_is_what_the_pickles_answer(server: Served, project: Path, body: dict[str, Any]) -> None:
    """Asked with the very pickles, as the original did."""
    import joblib

    parts = {file.name.split("_")[0]: joblib.load(file) for file in (project / "models").glob("*.pkl")}
    rows = [body, {**body, "tenure": 60, "Contract": "Two year"}, {**body, "TotalCharges": None, "Contract": "Other"}]
    frame = pd.DataFrame(rows).astype({"TotalCharges": float})
    with pytest.warns(UserWarning, match="unknown categories"):
        expected = parts["model"].predict_proba(parts["preprocessor"].transform(frame))[:, 1]
    answers = server.predict(rows).json()
    np.testing.assert_allclose([answer["probability"] for answer in answers], expected, atol=1e-6)


def test_three_shapes_of_a_request(server: Served, body: dict[str, Any]) -> None:
    nameless = {key: value for key, value in body.items() if key != "customerID"}
    flat = server.predict(body).json()
    assert server.predict([body, body]).json() == [flat, flat]
    assert server.predict({"features": [body]}).json() == {"results": [flat]}
    results = server.predict({"features": [nameless, body, nameless]}).json()["results"]
    assert [one["customer_id"] for one in results] == ["cust_0", "7590-VHVEG", "cust_2"]
    assert {one["probability"] for one in results} == {flat["probability"]}, "the identifier is no feature"
    assert server.predict(nameless).json()["customer_id"] == "cust_0"


def test_a_batch_keeps_its_probabilities(server: Served, body: dict[str, Any]) -> None:
    """The original answered 0.0 to every row of a batch, and the probability in the place of the class."""
    rows = [{**body, "tenure": months} for months in range(0, 72, 8)]
    results = server.predict({"features": rows}).json()["results"]
    shares = [one["probability"] for one in results]
    assert shares == [server.predict(row).json()["probability"] for row in rows]
    assert shares[0] > shares[-1] > 0
    assert {one["prediction"] for one in results} == {0, 1}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 422),
        (b'{"features": []}', 422),
        (b'{"features": [{}]}', 422),
        (b'{"tenure": "12"}', 422),
    ],
)
def test_what_cannot_be_answered(server: Served, sent: bytes, status: int) -> None:
    refused = server.predict(sent)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"


def test_openapi_shows_the_three_shapes(server: Served) -> None:
    document = server.get("/openapi.json").json()["paths"]["/predict"]["post"]
    shapes = document["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    answers = document["responses"]["200"]["content"]["application/json"]["schema"]["oneOf"]
    assert (len(shapes), len(answers)) == (3, 3)
    assert list(answers[2]["properties"]) == ["results"]


def test_the_placeholder_body_of_the_document(placeholder_server: Served, placeholder: Path) -> None:
    line = f"curl -X POST http://localhost:{placeholder_server.port}/predict -d '{PLACEHOLDER}'"
    answer = json.loads(Terminal(placeholder).run(line))
    assert answer["customer_id"] == "cust_0"
    assert answer["prediction"] in (0, 1)
    assert 0 < answer["probability"] < 1
    enveloped = placeholder_server.predict({"features": [json.loads(PLACEHOLDER)] * 2}).json()
    assert [one["probability"] for one in enveloped["results"]] == [answer["probability"]] * 2
    shown = blocks(PAGES[0], "console")
    assert any(
        json.loads(PLACEHOLDER) == json.loads(found) for part in shown for found in re.findall(r"-d '(.*)'", part)
    )


def test_url(placeholder_server: Served) -> None:
    assert placeholder_server.url == f"http://127.0.0.1:{placeholder_server.port}"
    assert placeholder_server.get("/docs").status_code == 200
    assert placeholder_server.get("/redoc").status_code == 200


def test_app_port(placeholder: Path) -> None:
    with Terminal(placeholder).serving("APP_PORT=9000 vaticina serve", 9000) as served:
        assert served.predict(PLACEHOLDER.encode()).status_code == 200


def versions(folder: Path) -> list[str]:
    return [one["version"] for one in json.loads(Terminal(folder).run("vaticina models list --json"))]


def test_a_new_pair_answers_without_a_restart_and_a_bad_one_changes_nothing(
    placeholder: Path, placeholder_server: Served, tmp_path: Path
) -> None:
    """Bad first: it holds os.system; then one with other columns; then a good one, under requests all the time."""
    before = placeholder_server.predict(PLACEHOLDER.encode())
    models, canary = placeholder / "models", tmp_path / "canary"
    harmful = pair(models, "20250718_000000")
    harmful[0].write_bytes(HOSTILE["os.system"].build(canary))
    until(lambda: "os.system" in placeholder_server.log)
    assert "model_20250718_000000.pkl" in placeholder_server.log
    assert not canary.exists()
    assert placeholder_server.predict(PLACEHOLDER.encode()).json() == before.json()
    assert len(versions(placeholder)) == 1

    pair(models, "20250719_000000", seed=7)
    statuses = []

    def changed() -> bool:
        answer = placeholder_server.predict(PLACEHOLDER.encode())
        statuses.append(answer.status_code)
        return answer.headers["vaticina-version"] != before.headers["vaticina-version"]

    until(changed)
    assert set(statuses) == {200}, "no request was dropped"
    assert placeholder_server.predict(PLACEHOLDER.encode()).json() != before.json()
    info = placeholder_server.get("/model/info").json()
    assert "model_20250719_000000.pkl" in info["data"]["files"]
    Terminal(placeholder).run("vaticina models rollback")
    until(lambda: placeholder_server.predict(PLACEHOLDER.encode()).json() == before.json())


def until(happened: Any, patience: float = 90.0) -> None:
    """Returns once ``happened`` does."""
    end = time.monotonic() + patience
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)


def test_serving_holds_no_training_library(placeholder_server: Served) -> None:
    """The import runs in a process of its own."""
    maps = [
        Path(f"/proc/{found}/maps").read_text(encoding="utf-8")
        for found in Path(f"/proc/{placeholder_server._process.pid}/task/{placeholder_server._process.pid}/children")
        .read_text(encoding="utf-8")
        .split()
    ] or [Path(f"/proc/{placeholder_server._process.pid}/maps").read_text(encoding="utf-8")]
    assert not any(name in text for text in maps for name in ("sklearn", "pandas", "lightgbm"))
