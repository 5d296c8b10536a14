"""One road in: ``vaticina import``, a watched folder and a bucket take the same models, whatever files hold them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import lightgbm
import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.cli.shell import done
from tests.compat.old_versions import ARTEFACTS, assert_same, manifests
from tests.formats.churn import customers, pair, saved
from tests.formats.test_graphs import ours
from tests.usecases.small_set import small_set
from vaticina.bootstrap import Workspace
from vaticina.contract import Manifest
from vaticina.errors import ImportRefused
from vaticina.formats import find_source
from vaticina.registry.store import Store
from vaticina.usecases.bucket_mirror import NOTES, BucketMirror
from vaticina.usecases.follow import followed_versions, newest_files, version_of_files
from vaticina.usecases.pull import pull

Write = Callable[[Path, int], None]
"""Writes a model's files into a folder; another seed gives another model of the same inputs."""


def numbers(seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(80, 2))
    return rows, (rows[:, 0] + random.normal(0, 0.3, 80) > 0).astype(int)


def write_file(folder: Path, seed: int) -> None:
    saved(make_pipeline(StandardScaler(), LogisticRegression()).fit(*numbers(seed)), folder / "churn.pkl")


def write_pair(folder: Path, seed: int) -> None:
    model, preprocessor = pair(folder, LogisticRegression(C=seed + 1.0))
    model.rename(folder / "model.pkl")
    preprocessor.rename(folder / "preprocessor.pkl")


def write_stamped_pairs(folder: Path, seed: int) -> None:
    """The newest is the one to take."""
    pair(folder, LogisticRegression(C=9.0), "20250101_000000")
    pair(folder, LogisticRegression(C=seed + 1.0), f"2025020{seed + 1}_000000")


def write_skops(folder: Path, seed: int) -> None:
    skops.io.dump(LogisticRegression().fit(*numbers(seed)), folder / "model.skops")


def write_booster(folder: Path, seed: int) -> None:
    rows, left = customers()
    data = lightgbm.Dataset(rows[["tenure", "charges"]], left)
    options = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    lightgbm.train(options, data, seed + 2).save_model(folder / "model.txt")


def write_onnx(folder: Path, seed: int) -> None:
    (folder / "graph.onnx").write_bytes(ours(LogisticRegression().fit(*numbers(seed)), (0, 1)))


def write_set(folder: Path, seed: int) -> None:
    for name, data in small_set(seed).items():
        (folder / name).write_bytes(data)
    (folder / "notes.txt").write_text("which is no part of the set")


def write_predictor(folder: Path, seed: int) -> None:
    version = list(manifests("autogluon"))[seed]
    predictor = ARTEFACTS / "projects/autogluon/.vaticina/registry/autogluon/versions" / version / "predictor"
    shutil.copytree(predictor, folder, dirs_exist_ok=True)


SOURCES: dict[str, Write] = {
    "file": write_file,
    "pair": write_pair,
    "stamped pairs": write_stamped_pairs,
    "skops file": write_skops,
    "LightGBM file": write_booster,
    "ONNX file": write_onnx,
    "set of clusters": write_set,
    "AutoGluon folder": write_predictor,
}

EVERY = [
    pytest.param(name, marks=pytest.mark.slow if write is write_predictor else ()) for name, write in SOURCES.items()
]

Projects = Callable[[str], Workspace]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Projects:
    """The project that ``vaticina import`` makes of the first model of a kind of source, made once for each."""
    made: dict[str, Workspace] = {}

    def project(source: str) -> Workspace:
        if source not in made:
            place = tmp_path_factory.mktemp("imported")
            files = written(place / "files", source, 0)
            done("import", files, "--name", "churn", "--folder", place)
            made[source] = Workspace(place / "churn")
        return made[source]

    return project


@pytest.fixture
def project(imported: Projects, request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    """A copy of that project, for the test to change."""
    first = imported(request.getfixturevalue("source")).project.folder
    return Workspace(Path(shutil.copytree(first, tmp_path / "churn")))


def written(folder: Path, source: str, seed: int) -> Path:
    folder.mkdir()
    SOURCES[source](folder, seed)
    return folder


def check_served(workspace: Workspace, version: str | None) -> Manifest:
    """Checks that ``version`` is in production, and answers what its manifest says."""
    assert version is not None
    assert workspace.registry().resolve("churn", "production") == version
    manifest = workspace.registry().manifest("churn", version)
    loaded = workspace.versions().load(version)
    rows = [loaded.validator.check(example.input) for example in manifest.examples]
    outputs = loaded.outputs(loaded.encoder.matrix(rows))
    loaded.runtime.close()
    assert rows
    assert_same([outputs.row(at) for at in range(len(rows))], [example.outputs for example in manifest.examples])
    return manifest


@pytest.mark.parametrize("source", EVERY)
def test_import_takes_it(source: str, project: Workspace) -> None:
    [manifest] = project.registry().versions("churn")
    check_served(project, manifest.version)


def watched(project: Workspace, source: str) -> tuple[Workspace, Path]:
    """The project with a folder of models that holds a newer one."""
    file = project.project.folder / "project.toml"
    models = written(project.project.folder / "watched", source, 1)
    text = file.read_text(encoding="utf-8").replace('models = "models"', 'models = "watched"')
    if "[import]" not in text:
        text += '\n[import]\nmodels = "watched"\n'
    file.write_text(text, encoding="utf-8")
    return Workspace(project.project.folder), models


@pytest.mark.parametrize("source", EVERY)
def test_a_watched_folder_takes_it(source: str, project: Workspace) -> None:
    """By the command that a server runs beside itself."""
    workspace, models = watched(project, source)
    files = newest_files(models)
    assert set(files) == set(find_source(models).files)
    told = done("import", models, "--into", workspace.project.folder, "--new-only", "--json").json
    assert len(check_served(workspace, told["version"]).data["files"]) == len(files)
    assert version_of_files(workspace, find_source(models).fingerprint()) == told["version"]


@pytest.mark.parametrize("source", ["ONNX file", pytest.param("AutoGluon folder", marks=pytest.mark.slow)])
def test_a_server_that_watches_the_folder_waits_for_its_first_version(source: str, project: Workspace) -> None:
    shutil.rmtree(project.project.folder / ".vaticina")
    workspace, _ = watched(project, source)
    check_served(workspace, followed_versions(workspace).target())


@pytest.mark.parametrize("source", EVERY)
def test_a_bucket_is_taken(source: str, project: Workspace, tmp_path: Path) -> None:
    bucket = Store(written(tmp_path / "bucket", source, 1).as_posix())
    mirror = BucketMirror(bucket, tmp_path / "mirror", settle=0)
    pulled = pull(project, mirror=mirror)
    assert pulled.is_new
    files = check_served(project, pulled.version).data["files"]
    assert files == find_source(tmp_path / "bucket").fingerprint()
    here = {path.relative_to(mirror.folder).as_posix() for path in mirror.folder.rglob("*") if path.is_file()}
    assert here - {NOTES} == set(files), "nothing else is fetched"
    assert not pull(project, mirror=mirror).is_new


@pytest.mark.parametrize("source", ["file"])
def test_a_model_under_another_name_replaces_the_old_one(source: str, project: Workspace, tmp_path: Path) -> None:
    """As in a watched folder, from which the old file was removed."""
    bucket = written(tmp_path / "bucket", source, 1)
    mirror = BucketMirror(Store(bucket.as_posix()), tmp_path / "mirror", settle=0)
    first = pull(project, mirror=mirror)
    (bucket / "churn.pkl").unlink()
    write_file(bucket, 2)
    (bucket / "churn.pkl").rename(bucket / "newer.pkl")
    second = pull(project, mirror=mirror)
    assert second.version != first.version
    assert list(check_served(project, second.version).data["files"]) == ["newer.pkl"]


@pytest.mark.parametrize("source", ["stamped pairs"])
def test_half_of_a_pair_is_not_taken_for_a_model(source: str, project: Workspace, tmp_path: Path) -> None:
    """A part that the bucket no longer has is kept."""
    bucket = written(tmp_path / "bucket", source, 1)
    mirror = BucketMirror(Store(bucket.as_posix()), tmp_path / "mirror", settle=0)
    first = pull(project, mirror=mirror)
    for file in bucket.glob("preprocessor_*"):
        file.unlink()
    (bucket / "model_20250101_000000.pkl").unlink()
    again = pull(project, mirror=mirror)
    assert (again.version, again.is_new) == (first.version, False)


@pytest.mark.parametrize("source", ["file"])
def test_two_models_are_refused_before_they_are_fetched(source: str, project: Workspace, tmp_path: Path) -> None:
    bucket = written(tmp_path / "bucket", source, 1)
    write_onnx(bucket, 1)
    mirror = BucketMirror(Store(bucket.as_posix()), tmp_path / "mirror", settle=0)
    with pytest.raises(ImportRefused, match=r"\(files: churn\.pkl, graph\.onnx\); name .*, or leave one model there"):
        pull(project, mirror=mirror)
    assert list((tmp_path / "mirror").iterdir()) == []


@pytest.mark.parametrize("source", ["file"])
def test_a_text_that_is_no_model_is_refused_by_name(source: str, project: Workspace, tmp_path: Path) -> None:
    bucket = Store((tmp_path / "bucket").as_posix())
    bucket.put("notes.txt", b"no model")
    with pytest.raises(ImportRefused, match=r"notes\.txt is no model that LightGBM wrote"):
        pull(project, mirror=BucketMirror(bucket, tmp_path / "mirror", settle=0))
