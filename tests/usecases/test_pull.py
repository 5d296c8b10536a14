"""From a bucket to the registry: what is imported, when, and what is only looked at."""

import json
from pathlib import Path

import pytest

from vaticina.errors import ImportRefused, RegistryError
from vaticina.formats.cluster_set.files import belongs, fingerprint, is_whole
from vaticina.registry.store import Store
from vaticina.usecases.bucket_mirror import Mirror
from vaticina.usecases.pull import PULLED, Pulled, pull

FILES = {"scaler.joblib": b"scaler", "kmeans_model.joblib": b"kmeans", "modelo_cluster_0_prod.joblib": b"zero"}


class Registry:
    """What became of the sets: the fingerprint of each version."""

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}

    def take(self, files: dict[str, bytes]) -> str:
        version = f"v{len(self.versions) + 1}"
        self.versions[version] = fingerprint(files)
        return version

    def find(self, mark: str, noted: str | None) -> str | None:
        return noted if noted is not None and self.versions.get(noted) == mark else None


@pytest.fixture
def bucket(tmp_path: Path) -> Store:
    store = Store((tmp_path / "bucket").as_posix())
    for name, data in FILES.items():
        store.put(name, data)
    return store


@pytest.fixture
def registry() -> Registry:
    return Registry()


def pulled(tmp_path: Path, bucket: Store, registry: Registry, present: bool = False) -> Pulled:
    mirror = Mirror(bucket, tmp_path / "modelos", belongs, settle=0)
    return pull(mirror, tmp_path / "state", registry.take, registry.find, present)


def test_a_set_is_imported_once(tmp_path: Path, bucket: Store, registry: Registry) -> None:
    assert pulled(tmp_path, bucket, registry) == Pulled("v1", new=True)
    assert pulled(tmp_path, bucket, registry) == Pulled("v1", new=False)
    assert pulled(tmp_path, bucket, registry, present=True) == Pulled("v1", new=False)


def test_a_changed_object_becomes_a_new_version(tmp_path: Path, bucket: Store, registry: Registry) -> None:
    pulled(tmp_path, bucket, registry)
    bucket.put("scaler.joblib", b"another scaler")
    assert pulled(tmp_path, bucket, registry, present=True) == Pulled("v1", new=False)  # the bucket is not asked
    assert pulled(tmp_path, bucket, registry) == Pulled("v2", new=True)
    bucket.put("scaler.joblib", FILES["scaler.joblib"])
    assert pulled(tmp_path, bucket, registry) == Pulled("v1", new=False)


def test_files_that_are_here_are_enough_to_start(tmp_path: Path, bucket: Store, registry: Registry) -> None:
    pulled(tmp_path, bucket, registry)
    away = Store("s3://nowhere/models/", {"endpoint": "http://127.0.0.1:9", "skip_signature": "true"})
    away.name = bucket.name
    registry.versions.clear()
    assert pulled(tmp_path, away, registry, present=True) == Pulled("v1", new=True)
    found = pulled(tmp_path, away, registry)
    assert (found.version, found.new) == ("v1", False)
    assert "no connection" in found.warning
    assert found.warning.endswith("The files on this machine are used.")


def test_without_files_the_bucket_must_answer(tmp_path: Path, registry: Registry) -> None:
    away = Store("s3://nowhere/models/", {"endpoint": "http://127.0.0.1:9", "skip_signature": "true"})
    with pytest.raises(RegistryError, match="no connection"):
        pulled(tmp_path, away, registry, present=True)


def test_a_file_that_is_missing_here_is_fetched(tmp_path: Path, bucket: Store, registry: Registry) -> None:
    pulled(tmp_path, bucket, registry)
    (tmp_path / "modelos" / "kmeans_model.joblib").unlink()
    assert pulled(tmp_path, bucket, registry, present=True) == Pulled("v1", new=False)
    assert (tmp_path / "modelos" / "kmeans_model.joblib").read_bytes() == b"kmeans"


def test_a_set_that_is_refused_leaves_no_mark(tmp_path: Path, bucket: Store, registry: Registry) -> None:
    def refuse(_: dict[str, bytes]) -> str:
        raise ImportRefused("cluster 1 is missing")

    mirror = Mirror(bucket, tmp_path / "modelos", belongs, settle=0)
    with pytest.raises(ImportRefused):
        pull(mirror, tmp_path / "state", refuse, registry.find)
    assert pulled(tmp_path, bucket, registry) == Pulled("v1", new=True)


def test_a_version_that_the_registry_lost_is_imported_again(tmp_path: Path, bucket: Store, registry: Registry) -> None:
    pulled(tmp_path, bucket, registry)
    registry.versions = {"other": "x"}
    assert pulled(tmp_path, bucket, registry) == Pulled("v2", new=True)
    (tmp_path / "state" / PULLED).write_text("{")
    assert pulled(tmp_path, bucket, registry) == Pulled("v3", new=True)
    assert json.loads((tmp_path / "state" / PULLED).read_text()) == {fingerprint(FILES): "v3"}


@pytest.mark.parametrize(
    ("names", "whole"),
    [
        (FILES, True),
        ([*FILES, "modelo_cluster_1_prod.joblib"], True),
        ([*FILES, "modelo_cluster_2_prod.joblib"], False),
        (["scaler.joblib", "kmeans_model.joblib"], False),
        ([name for name in FILES if name != "scaler.joblib"], False),
        ([], False),
    ],
)
def test_a_gap_is_seen_by_the_names(names: list[str], whole: bool) -> None:
    assert is_whole(names) is whole
