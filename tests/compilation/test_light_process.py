"""A server of a compiled model has nothing in its memory that trains, draws, migrates or talks to a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vaticina.bootstrap import Workspace

HEAVY = (
    *("sklearn", "pandas", "scipy", "joblib", "lightgbm", "mlflow", "matplotlib", "yaml"),
    *("typer", "rich", "alembic", "onnx", "skl2onnx", "vaticina.training.train", "vaticina.compilation"),
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
body = json.dumps([{"x": 3.5, "kind": "a"}, {"x": -3.5, "kind": "b"}]).encode()
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
    rows = [(round(x, 2), random.choice(["a", "b"]), "up" if x > 0 else "down") for x in random.normal(size=300)]
    (folder / "data.csv").write_text("x,kind,answer\n" + "".join(f"{x},{kind},{answer}\n" for x, kind, answer in rows))
    published = Workspace(folder).train()
    assert published.manifest.runtime == "onnx"
    assert published.manifest.verification["verified"]
    Workspace(folder).history().close()
    return folder


def test_a_compiled_model_is_served_by_a_light_process(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SERVER, str(folder)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert [answer["answer"] for answer in told["answers"]] == ["up", "down"]
    loaded = {name for name in told["modules"] for heavy in HEAVY if name == heavy or name.startswith(f"{heavy}.")}
    assert not loaded


def test_what_is_looked_for_is_there_where_models_are_trained(folder: Path) -> None:
    """The names are those under which the libraries are loaded: the process that trained holds the first of them."""
    trains = {"sklearn", "scipy", "joblib", "onnx", "vaticina.training.train", "vaticina.compilation"}
    assert trains <= set(sys.modules) & set(HEAVY)
