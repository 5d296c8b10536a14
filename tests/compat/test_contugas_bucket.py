"""The document of contugas: models that live in a bucket, fetched when the documented server starts."""

import io
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from tests.compat.terminal import ROOT, Served, Terminal, blocks, reserved
from tests.compat.walks import GUIDES, steps
from tests.foreign_artefacts import CLUSTER_SET, needs_python_3_10
from tests.s3 import S3, moto, rclone

BUCKET, FOLDER = "contugas-models-dev", "models/"
NAMES = ["scaler.joblib", "kmeans_model.joblib", *(f"modelo_cluster_{number}_prod.joblib" for number in range(5))]
INPUTS = ["presion", "temperatura", "volumen"]
PAGES = [GUIDES / "contugas.md", GUIDES / "contugas.es.md"]
DOCUMENTED = "/tmp/modelos"
HEAVY = ("sklearn", "pandas", "scipy", "lightgbm")


def lines(page: Path = PAGES[0]) -> list[str]:
    """What the guide's section on the bucket tells to type."""
    (block,) = (block for block in blocks(page, "console") if "s3://" in block)
    return block.splitlines()


def documented() -> dict[str, bytes]:
    return {f"{FOLDER}{name}": (CLUSTER_SET / name).read_bytes() for name in NAMES}


@pytest.fixture(scope="module")
def server() -> Iterator[S3]:
    """The bucket as the document has it."""
    with moto() as s3:
        s3.fill(BUCKET, documented())
        yield s3


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the files are kept: the documented folder, unless somebody has one on this machine."""
    place = Path(DOCUMENTED)
    if place.exists():
        yield tmp_path_factory.mktemp("local") / "modelos"
        return
    yield place
    shutil.rmtree(place, ignore_errors=True)


def made(folder: Path, server: S3, local: Path, environments: Path) -> Terminal:
    """A terminal in the project, as the guide makes it, with its bucket named but nothing trained."""
    started = Terminal(folder, **server.variables, VATICINA_CACHE=str(environments.parent), HOME=str(folder))
    started.environment.setdefault("PYENV_ROOT", str(Path.home() / ".pyenv"))
    started.run("vaticina init contugas --example contugas")
    terminal = Terminal(folder / "contugas")
    terminal.environment = started.environment
    terminal.run(lines()[0])
    file = folder / "contugas" / "project.toml"
    text = file.read_text(encoding="utf-8")
    kept, documented_line, rest = text.rpartition(f'local = "{DOCUMENTED}"\n')
    assert (bool(documented_line), rest) == (True, ""), "the line of the guide"
    file.write_text(f'{kept}local = "{local}"\nevery = 1\n', encoding="utf-8")
    return terminal


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, server: S3, local: Path, environments: Path) -> Terminal:
    return made(tmp_path_factory.mktemp("bucket"), server, local, environments)


@pytest.fixture(scope="module")
def served(terminal: Terminal) -> Iterator[Served]:
    """The documented command, in a folder where nothing was trained."""
    assert lines()[2] == steps("contugas").serve == "uvicorn main:app --host 0.0.0.0 --port 5000"
    with terminal.serving(lines()[2], 5000) as started:
        yield started


def reference() -> tuple[list[dict[str, float]], list[dict[str, int]]]:
    """Inputs, and what scikit-learn 1.0.2 answered."""
    known = np.load(CLUSTER_SET / "reference.npz")
    rows = [dict(zip(INPUTS, row, strict=True)) for row in known["inputs"].tolist()]
    answers = zip(known["cluster"].tolist(), known["prediccion"].tolist(), strict=True)
    return rows, [{"cluster": cluster, "prediccion": anomaly} for cluster, anomaly in answers]


def test_both_guides_say_the_same() -> None:
    assert lines(PAGES[1]) == lines(PAGES[0])
    assert 'models = "s3://contugas-models-dev/models/"' in lines()[0]
    assert lines()[1] == "aws configure"


@needs_python_3_10
def test_models_live_in_the_documented_bucket(served: Served, terminal: Terminal) -> None:
    """The server was never trained, and answers what the models in the bucket answer, cluster numbers and all."""
    rows, answers = reference()
    assert served.predict(rows).json() == answers
    shown = json.loads(terminal.run("vaticina models show --json"))
    assert shown["data"]["source"] == f"s3://{BUCKET}/{FOLDER}"
    assert not (terminal.folder / "data").exists()


@needs_python_3_10
def test_files_are_fetched_under_their_documented_names(served: Served, local: Path) -> None:
    assert {path.name for path in local.glob("*.joblib")} == set(NAMES)
    assert all((local / name).read_bytes() == (CLUSTER_SET / name).read_bytes() for name in NAMES)
    assert local.stat().st_mode & 0o777 == 0o700


def test_the_documented_folder_is_the_example_s() -> None:
    example = (ROOT / "src/vaticina/examples/contugas/project.toml").read_text(encoding="utf-8")
    assert f'\n# local = "{DOCUMENTED}"\n' in example
    assert f'\\nlocal = "{DOCUMENTED}"\\n' in lines()[0]


@needs_python_3_10
def test_neither_python_3_10_nor_scikit_learn_1_0_2_is_needed_to_serve(served: Served, terminal: Terminal) -> None:
    """They opened the files once; what answers is a graph, in a process that holds no training library."""
    shown = json.loads(terminal.run("vaticina models show --json"))
    assert shown["training"]["opened_with"]["python"] in ("3.10", "3.9", "3.8")
    assert shown["training"]["opened_with"]["scikit-learn"] == "1.0.2"
    assert (shown["runtime"], shown["verification"]["flips"]) == ("onnx", 0)
    assert not shown["python"].startswith("3.10")
    assert list(shown["files"]) == ["model.onnx", "import.json"]
    maps = mapped(served)
    assert "/onnxruntime" in maps
    assert not [name for name in HEAVY if f"/{name}" in maps]


def mapped(served: Served) -> str:
    """The files in the memory of the server's own process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"main:app" in (folder / "cmdline").read_bytes() and os.getpgid(int(folder.name)) == served.group:
                found.append((folder / "maps").read_text())
    return max(found, key=len)


@needs_python_3_10
def test_files_that_are_there_start_without_the_bucket(
    served: Served, server: S3, local: Path, tmp_path: Path, environments: Path
) -> None:
    """Another project on the same machine, which has imported nothing yet, and a store that is away."""
    own = tmp_path / "modelos"
    shutil.copytree(local, own)
    own.chmod(0o700)
    terminal = made(tmp_path, server, own, environments)
    terminal.environment["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
    with terminal.serving(lines()[2], 5000) as started:
        rows, answers = reference()
        assert started.predict(rows[:50]).json() == answers[:50]


def today() -> dict[str, bytes]:
    """A set as anybody would save it today: other readings, two clusters, no scikit-learn 1.0.2."""
    random = np.random.default_rng(3)
    rows = np.concatenate([random.normal([3, 25, 130], 1, (300, 3)), random.normal([18, 24, 20], 1, (300, 3))])
    scaler = StandardScaler().fit(rows)
    kmeans = KMeans(5, random_state=0, n_init=3).fit(scaler.transform(rows))
    made: dict[str, Any] = {"scaler.joblib": scaler, "kmeans_model.joblib": kmeans}
    for number in range(5):
        own = rows[kmeans.labels_ == number]
        inside = StandardScaler().fit(own)
        model = IsolationForest(n_estimators=20, random_state=0).fit(inside.transform(own))
        package = {"model": model, "scaler": inside, "features": INPUTS, "threshold": -0.1}
        made[f"modelo_cluster_{number}_prod.joblib"] = package
    return {f"{FOLDER}{name}": dumped(one) for name, one in made.items()}


def dumped(value: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(value, buffer, compress=3)
    return buffer.getvalue()


@needs_python_3_10
def test_new_models_need_no_scikit_learn_1_0_2(served: Served, server: S3) -> None:
    """Saved with today's, under the same names: noticed while the server runs, and served without a restart."""
    before = served.get("/model/info").json()["version"]
    try:
        for key, data in today().items():
            server.put(BUCKET, key, data)
        found = _another(served, before)
        assert found["training"]["opened_with"] == "the versions installed here"
        answer = served.predict({"presion": 3.0, "temperatura": 25.0, "volumen": 130.0})
        assert answer.headers["vaticina-version"] == found["version"]
        assert answer.json()["prediccion"] == 0
    finally:
        for key, data in documented().items():
            server.put(BUCKET, key, data)


def _another(served: Served, before: str) -> dict[str, Any]:
    """The version that took over from ``before``, made of a whole new set: files may be changed one by one."""
    until = time.monotonic() + 400
    while time.monotonic() < until:
        info: dict[str, Any] = served.get("/model/info").json()
        if info["version"] != before and info["training"]["opened_with"] == "the versions installed here":
            return info
        time.sleep(0.5)
    raise AssertionError(served.log)


@needs_python_3_10
def test_credentials_of_the_environment_or_of_aws_configure(tmp_path: Path, environments: Path) -> None:
    """Against a server that checks signatures: wrong keys, none, and what 'aws configure' wrote."""
    (tmp_path / "store").mkdir()
    with rclone(tmp_path / "store") as strict:
        strict.fill(BUCKET, documented())
        (tmp_path / "home").mkdir()
        terminal = made(tmp_path / "home", strict, tmp_path / "modelos", environments)
        secret = terminal.environment.pop("AWS_SECRET_ACCESS_KEY")
        key = terminal.environment.pop("AWS_ACCESS_KEY_ID")
        assert refused_to_serve(terminal).startswith(
            f"error: The store s3://{BUCKET}/{FOLDER} did not list its files: no cred"
        )
        wrong = terminal.ran(f"AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY=wrong vaticina models pull")
        assert "it refuses these credentials" in one_line(wrong.stderr)
        assert key not in wrong.stderr
        configured = Path(terminal.environment["HOME"]) / ".aws"
        configured.mkdir()
        (configured / "credentials").write_text(
            f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
        )
        assert "imported as version" in terminal.run("vaticina models pull")


def refused_to_serve(terminal: Terminal) -> str:
    """The one line with which a server does not start."""
    with reserved(5001) as port:
        refused = terminal.ran(f"vaticina serve . --port {port}")
    assert refused.returncode == 1
    return one_line(refused.stderr)


def one_line(text: str) -> str:
    """The error, which is one line; warnings may stand before it."""
    (line,) = [line for line in text.splitlines() if not line.startswith("warning: ")]
    return line


def test_the_wrong_bucket_is_named(server: S3, tmp_path: Path, environments: Path) -> None:
    """As the document's troubleshooting has it: the right one is contugas-models-dev."""
    terminal = made(tmp_path, server, tmp_path / "modelos", environments)
    file = terminal.folder / "project.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("s3://contugas-models-dev/", "s3://contugas-models/"), encoding="utf-8")
    refusal = refused_to_serve(terminal)
    assert "s3://contugas-models/models/" in refusal
    assert "there is no such bucket" in refusal
    file.write_text(text.replace("/models/", "/model/"), encoding="utf-8")
    shutil.rmtree(tmp_path / "modelos")
    assert "holds no file of a model" in refused_to_serve(terminal)


@needs_python_3_10
def test_a_set_with_a_cluster_missing_is_refused(server: S3, tmp_path: Path, environments: Path) -> None:
    """Never a server that answers 200 with an error inside."""
    server.fill("incomplete", {key: data for key, data in documented().items() if "cluster_3" not in key})
    terminal = made(tmp_path, server, tmp_path / "modelos", environments)
    file = terminal.folder / "project.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(BUCKET, "incomplete"), encoding="utf-8")
    assert "modelo_cluster_3_prod.joblib is missing" in refused_to_serve(terminal)


def test_requirements_hold_the_documents_technologies(terminal: Terminal) -> None:
    """scikit-learn, joblib (its own), pandas and boto3; FastAPI and numpy come with Vaticina."""
    lines = (terminal.folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = {re.split(r"[^A-Za-z0-9-]", line)[0] for line in lines if not line.startswith("#")}
    assert {"scikit-learn", "boto3", "pandas", "uv"} <= names
    base = {re.split(r"[^A-Za-z0-9-]", text)[0] for text in requires("vaticina") or () if "extra ==" not in text}
    assert {"fastapi", "numpy"} <= base
    assert "joblib" in {re.split(r"[^a-z]", text)[0] for text in requires("scikit-learn") or ()}


def _extra(text: str) -> str:
    return text.partition("extra ==")[2].strip(" '\"")
