"""From a bucket to the registry: what is imported, when, and what is only looked at."""

from pathlib import Path

import pytest

from tests.formats.churn import pair
from tests.usecases.small_set import INPUTS, small_set
from vaticina.bootstrap import Workspace
from vaticina.errors import ImportRefused, ProjectError, RegistryError
from vaticina.formats import find_source
from vaticina.registry.store import Store
from vaticina.usecases.bucket_mirror import BucketMirror
from vaticina.usecases.pull import Pulled, open_mirror, pull


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return small_set(seed=0)


@pytest.fixture
def bucket(tmp_path: Path, files: dict[str, bytes]) -> Store:
    store = Store((tmp_path / "bucket").as_posix())
    for name, data in files.items():
        store.put(name, data)
    return store


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return project(tmp_path, 'kind = "clusters"\nclusters = 2')


def project(folder: Path, model: str) -> Workspace:
    place = folder / "project"
    place.mkdir()
    inputs = "".join(f'[inputs.{name}]\ntype = "number"\n' for name in INPUTS)
    text = f'[project]\nname = "pulled"\n[import]\nmodels = "s3://bucket/models/"\n{inputs}[model]\n{model}\n'
    (place / "project.toml").write_text(text)
    return Workspace(place)


def pulled(workspace: Workspace, bucket: Store, folder: Path, *, present: bool = False) -> Pulled:
    mirror = BucketMirror(bucket, folder / "modelos", settle=0)
    return pull(workspace, present=present, mirror=mirror)


def away(bucket: Store) -> Store:
    """The same bucket, which does not answer."""
    store = Store("s3://nowhere/models/", {"endpoint": "http://127.0.0.1:9", "skip_signature": "true"})
    store.name = bucket.name
    return store


def test_a_set_is_imported_once_and_promoted(tmp_path: Path, bucket: Store, workspace: Workspace) -> None:
    first = pulled(workspace, bucket, tmp_path)
    assert first.is_new
    assert workspace.registry().resolve("pulled", "production") == first.version
    assert pulled(workspace, bucket, tmp_path) == Pulled(first.version, is_new=False)
    assert pulled(workspace, bucket, tmp_path, present=True) == Pulled(first.version, is_new=False)
    manifest = workspace.registry().manifest("pulled", first.version)
    assert manifest.data["source"] == "s3://bucket/models/"


def test_a_changed_object_becomes_a_new_version(
    tmp_path: Path, bucket: Store, workspace: Workspace, files: dict[str, bytes]
) -> None:
    first = pulled(workspace, bucket, tmp_path)
    for name, data in small_set(seed=1).items():
        bucket.put(name, data)
    unasked = pulled(workspace, bucket, tmp_path, present=True)  # the bucket is not asked
    assert unasked == Pulled(first.version, is_new=False)
    second = pulled(workspace, bucket, tmp_path)
    assert second.is_new
    assert second.version != first.version
    for name, data in files.items():
        bucket.put(name, data)
    assert pulled(workspace, bucket, tmp_path) == Pulled(first.version, is_new=False)


def test_files_that_are_here_are_enough_to_start(tmp_path: Path, bucket: Store, workspace: Workspace) -> None:
    BucketMirror(bucket, tmp_path / "modelos", settle=0).refresh()
    first = pulled(workspace, away(bucket), tmp_path, present=True)
    assert first.is_new
    again = pulled(workspace, away(bucket), tmp_path)
    assert (again.version, again.is_new) == (first.version, False)
    assert "no connection" in again.warning
    assert again.warning.endswith("The files on this machine are used.")


def test_without_files_the_bucket_must_answer(tmp_path: Path, bucket: Store, workspace: Workspace) -> None:
    with pytest.raises(RegistryError, match="no connection"):
        pulled(workspace, away(bucket), tmp_path, present=True)


def test_a_file_that_is_missing_here_is_fetched(
    tmp_path: Path, bucket: Store, workspace: Workspace, files: dict[str, bytes]
) -> None:
    first = pulled(workspace, bucket, tmp_path)
    (tmp_path / "modelos" / "kmeans_model.joblib").unlink()
    assert pulled(workspace, bucket, tmp_path, present=True) == Pulled(first.version, is_new=False)
    assert (tmp_path / "modelos" / "kmeans_model.joblib").read_bytes() == files["kmeans_model.joblib"]


def test_a_set_that_is_refused_leaves_no_version(
    tmp_path: Path, bucket: Store, workspace: Workspace, files: dict[str, bytes]
) -> None:
    bucket.put("kmeans_model.joblib", files["scaler.joblib"])
    with pytest.raises(ImportRefused, match="where a KMeans is due"):
        pulled(workspace, bucket, tmp_path)
    assert workspace.registry().versions("pulled") == []
    bucket.put("kmeans_model.joblib", files["kmeans_model.joblib"])
    assert pulled(workspace, bucket, tmp_path).is_new


def test_a_version_that_the_registry_lost_is_imported_again(
    tmp_path: Path, bucket: Store, workspace: Workspace
) -> None:
    first = pulled(workspace, bucket, tmp_path)
    other = project(tmp_path / "modelos", 'kind = "clusters"\nclusters = 2')
    second = pulled(other, bucket, tmp_path)
    assert second.is_new
    assert second.version != first.version


def test_a_pair_in_a_bucket_is_taken_as_from_a_folder(tmp_path: Path) -> None:
    store = Store((tmp_path / "bucket").as_posix())
    (tmp_path / "pair").mkdir()
    for file in pair(tmp_path / "pair"):
        store.put(file.name, file.read_bytes())
    place = tmp_path / "project"
    place.mkdir()
    (place / "project.toml").write_text(
        """
[project]
name = "pulled"
[import]
models = "s3://bucket/models/"
[inputs.tenure]
optional = true
[inputs.charges]
optional = true
[inputs.contract]
type = "category"
[inputs.payment]
type = "category"
optional = true
[inputs.senior]
type = "category"
[model]
kind = "imported"
"""
    )
    workspace = Workspace(place)
    first = pulled(workspace, store, tmp_path)
    manifest = workspace.registry().manifest("pulled", first.version)
    assert (first.is_new, manifest.runtime) == (True, "onnx")
    assert len(find_source(tmp_path / "modelos").files) == 2


def test_a_model_of_another_kind_than_the_project_is_refused(tmp_path: Path, bucket: Store) -> None:
    workspace = project(tmp_path, 'kind = "imported"')
    with pytest.raises(ProjectError, match='kind = "clusters"'):
        pulled(workspace, bucket, tmp_path)


def test_files_are_kept_in_this_user_s_cache_unless_the_project_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VATICINA_CACHE", str(tmp_path / "cache"))
    project_ = project(tmp_path, 'kind = "clusters"').project
    imports = project_.imports.model_copy(update={"models": "s3://somebody-s/models/", "local": None})
    mirror = open_mirror(project_.model_copy(update={"imports": imports}))
    assert mirror.folder == tmp_path / "cache" / "buckets" / "s3_somebody-s_models_"
    there = imports.model_copy(update={"local": str(tmp_path / "there")})
    assert open_mirror(project_.model_copy(update={"imports": there})).folder == tmp_path / "there"


def test_a_project_without_a_bucket_says_what_to_write(tmp_path: Path) -> None:
    workspace = project(tmp_path, 'kind = "clusters"')
    imports = workspace.project.imports.model_copy(update={"models": "models"})
    with pytest.raises(ProjectError, match='write models = "s3://BUCKET/FOLDER/"'):
        open_mirror(workspace.project.model_copy(update={"imports": imports}))
