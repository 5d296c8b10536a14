"""A server of a compiled model has nothing in its memory that trains, draws, migrates or talks to a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tasks.waves import wave
from vaticina.bootstrap import Workspace
from vaticina.usecases.train import train, train_series

HEAVY = (
    *("sklearn", "pandas", "scipy", "joblib", "lightgbm", "mlflow", "matplotlib", "yaml"),
    *("typer", "rich", "alembic", "onnx", "skl2onnx", "vaticina.usecases.train"),
    *("vaticina.exact.compile", "vaticina.exact.graph", "vaticina.exact.verify"),
)

PROJECT = """
[project]
name = "light"
[data]
source = "data.csv"
target = "answer"
[inputs.x]
type = "number"
[inputs.kind]
type = "category"
[model]
estimator = "sklearn.ensemble.RandomForestClassifier"
params = { n_estimators = 5 }
[outputs]
answer = "label"
[security]
auth = "none"
"""

WINDOWS = """
[project]
name = "windows"
[inputs.data]
type = "series"
[inputs.window_size]
type = "integer"
default = 10
[model]
kind = "window"
[outputs]
prediction = "value"
interval = "interval"
metrics = "metrics"
[security]
auth = "none"
"""

SERVER = """
import json, socket, sys, threading, time, urllib.request
import uvicorn
from vaticina.api.server import create_app

bound = socket.create_server(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(create_app(sys.argv[1]), log_level="error"))
thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
thread.start()
while not server.started:
    assert thread.is_alive()
    time.sleep(0.02)
body = sys.argv[2].encode()
url = f"http://127.0.0.1:{bound.getsockname()[1]}/predict"
asked = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
answers = json.load(urllib.request.urlopen(asked))
server.should_exit = True
thread.join()
print(json.dumps({"answers": answers, "modules": sorted(sys.modules)}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained project, its history at today's schema."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "project.toml").write_text(PROJECT)
    random = np.random.default_rng(0)
    lines = ["x,kind,answer"]
    for x in random.normal(size=300):
        answer = "up" if x > 0 else "down"
        lines.append(f"{round(x, 2)},{random.choice(['a', 'b'])},{answer}")
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    published = train(Workspace(folder))
    assert published.manifest.runtime == "onnx"
    assert published.manifest.verification["verified"]
    Workspace(folder).history().close()
    return folder


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two trained windows, its history at today's schema."""
    folder = tmp_path_factory.mktemp("windows")
    (folder / "project.toml").write_text(WINDOWS)
    for size in (10, 5):
        train_series(Workspace(folder), wave(200), {"window_size": size, "epochs": 5})
    Workspace(folder).history().close()
    return folder


def served(folder: Path, rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], set[str]]:
    """The answers of a server in a process of its own, and what that process holds that it should not."""
    ran = subprocess.run(
        [sys.executable, "-c", SERVER, str(folder), json.dumps(rows)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    return document["answers"], set(filter(is_heavy, document["modules"]))


def is_heavy(module: str) -> bool:
    return any(module == heavy or module.startswith(f"{heavy}.") for heavy in HEAVY)


def test_a_compiled_model_is_served_by_a_light_process(folder: Path) -> None:
    answers, loaded = served(folder, [{"x": 3.5, "kind": "a"}, {"x": -3.5, "kind": "b"}])
    assert [answer["answer"] for answer in answers] == ["up", "down"]
    assert not loaded


def test_windows_are_served_by_a_light_process(windows: Path) -> None:
    points = [{"timestamp": f"2024-01-09T{hour:02}:00:00Z", "value": 100.0 + hour} for hour in range(12)]
    answers, loaded = served(windows, [{"data": points}, {"data": points[-5:], "window_size": 5}])
    assert all(90 < answer["prediction"] < 125 for answer in answers)
    assert all(answer["interval"][0] < answer["prediction"] < answer["interval"][1] for answer in answers)
    assert [answer["metrics"]["window_size"] for answer in answers] == [10, 5]
    assert not loaded


def test_what_is_looked_for_is_there_where_models_are_trained(folder: Path) -> None:
    """The names are those under which the libraries are loaded: the process that trained holds the first of them."""
    trains = {"sklearn", "scipy", "joblib", "onnx", "vaticina.usecases.train", "vaticina.exact.compile"}
    assert trains <= set(sys.modules) & set(HEAVY)
