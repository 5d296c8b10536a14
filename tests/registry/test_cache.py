"""The cache: no store traffic for what is here, repaired when damaged, and enough to start on."""

import threading
from pathlib import Path

import pytest

from tests.registry.bucket import Bucket, bucket
from tests.registry.samples import FILES, published, registry_in
from vaticina.contract.bundle import MANIFEST
from vaticina.errors import BundleCorrupt, RegistryError
from vaticina.registry import Registry, open_registry


def files_of(registry: Registry, version: str) -> dict[str, bytes]:
    bundle = registry.fetch("medico", version)
    return {name: bundle.read(name) for name in bundle.manifest.files}


def cached(tmp_path: Path, version: str) -> Path:
    return tmp_path / "cache" / "medico" / "versions" / version


def test_what_is_here_whole_asks_nothing_of_the_store(tmp_path: Path) -> None:
    with bucket() as server:
        registry = open_registry("s3://models", tmp_path / "cache", server.options)
        version = published(registry).version
        registry.fetch("medico", version)
        server.requests.clear()
        assert files_of(registry, version) == FILES
        assert server.requests == []


@pytest.mark.parametrize("name", ["model.bin", "parts/scaler.bin", MANIFEST])
def test_a_damaged_cache_is_fetched_again(name: str, tmp_path: Path) -> None:
    registry = registry_in(tmp_path)
    version = published(registry).version
    folder = registry.fetch("medico", version).folder
    (folder / name).write_bytes(b"damaged")
    assert files_of(registry, version) == FILES
    (folder / name).unlink()
    assert files_of(registry, version) == FILES
    assert sorted(path.name for path in folder.parent.iterdir()) == [version]


def test_a_damaged_cache_without_a_store_is_refused(tmp_path: Path) -> None:
    with bucket() as server:
        registry = open_registry("s3://models", tmp_path / "cache", server.options)
        version = published(registry).version
        (registry.fetch("medico", version).folder / "model.bin").write_bytes(b"damaged")
        server.status = 503
        with pytest.raises(RegistryError, match="status 503"):
            registry.fetch("medico", version)


def test_many_fetch_one_version_at_once(tmp_path: Path) -> None:
    """Readers meet whole files only, also while a damaged one is repaired."""
    registries = [registry_in(tmp_path) for _ in range(6)]
    version = published(registries[0]).version
    fetched: list[dict[str, bytes]] = []

    def fetch(registry: Registry) -> None:
        for _ in range(5):
            fetched.append(files_of(registry, version))

    threads = [threading.Thread(target=fetch, args=(registry,)) for registry in registries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched == [FILES] * 30


def test_a_node_starts_on_the_last_good_version_with_the_store_away(tmp_path: Path) -> None:
    with bucket() as server:
        first = open_registry("s3://models", tmp_path / "cache", server.options)
        version = published(first).version
        first.promote("medico", version)
        first.fetch("medico", version)
        first.remember("medico", "production", version)
        options = server.options
    restarted = open_registry("s3://models", tmp_path / "cache", options)
    with pytest.raises(RegistryError, match="no connection") as error:
        restarted.resolve("medico", "production")
    assert type(error.value) is RegistryError, "a follower tells a store that is away from a version that is bad"
    bundle = restarted.last_good("medico", "production")
    assert bundle is not None
    assert (bundle.version, bundle.read("model.bin")) == (version, FILES["model.bin"])
    assert restarted.fetch("medico", version).folder == bundle.folder


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 7}', '{"version": "../../../elsewhere"}'])
def test_a_damaged_pointer_is_no_last_good_version(damage: str, tmp_path: Path) -> None:
    registry = registry_in(tmp_path)
    version = published(registry).version
    registry.fetch("medico", version)
    registry.remember("medico", "production", version)
    (tmp_path / "cache/medico/last_good/production").write_text(damage)
    assert registry.last_good("medico", "production") is None


def test_a_damaged_bundle_is_no_last_good_version(tmp_path: Path) -> None:
    registry = registry_in(tmp_path)
    version = published(registry).version
    registry.fetch("medico", version)
    registry.remember("medico", "production", version)
    (cached(tmp_path, version) / "parts" / "scaler.bin").write_bytes(b"damaged")
    assert registry.last_good("medico", "production") is None


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    registry = registry_in(tmp_path)
    version = published(registry).version
    for refused in (
        lambda: registry.fetch("medico", version),
        lambda: registry.remember("medico", "production", version),
    ):
        with pytest.raises(RegistryError, match=r"cache .* cannot be written: .*; check its disk and rights"):
            refused()


def test_the_cache_is_read_only_by_its_own_user(tmp_path: Path) -> None:
    registry = registry_in(tmp_path)
    version = published(registry).version
    assert registry.fetch("medico", version).folder.stat().st_mode & 0o077 == 0


def test_a_bundle_still_checks_what_it_reads(tmp_path: Path) -> None:
    registry = registry_in(tmp_path)
    bundle = registry.fetch("medico", published(registry).version)
    (bundle.folder / "model.bin").write_bytes(b"changed after the fetch")
    with pytest.raises(BundleCorrupt, match=r"model\.bin"):
        bundle.read("model.bin")


def test_the_bucket_is_a_server(tmp_path: Path) -> None:
    """What the tests above rely on: it does answer when it is there."""
    with bucket() as server:
        assert isinstance(server, Bucket)
        published(open_registry("s3://models", tmp_path, server.options))
        assert any("manifest.json" in request for request in server.requests)
