"""A changed or missing byte is found wherever a version is read, and the file is named."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.registry.samples import CONTRACT, FILES, published, registry_in, stored
from vaticina.contract.bundle import MANIFEST
from vaticina.errors import BundleCorrupt, VersionNotFound
from vaticina.registry import Registry


def change(file: Path, index: int = 0) -> None:
    data = bytearray(file.read_bytes())
    data[index] ^= 1
    file.write_bytes(data)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return registry_in(tmp_path)


@pytest.mark.parametrize("name", ["model.bin", "parts/scaler.bin", MANIFEST])
def test_a_changed_byte_is_named_and_refused(name: str, registry: Registry, tmp_path: Path) -> None:
    version = published(registry).version
    change(stored(tmp_path, version) / name, index=2)
    assert [problem.file for problem in registry.verify("medico", version)] == [name]
    with pytest.raises(BundleCorrupt, match=name):
        registry.fetch("medico", version)
    with pytest.raises(BundleCorrupt, match=f"not promoted: .*{name}"):
        registry.promote("medico", version)
    assert registry.aliases("medico") == {}


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named_and_refused(name: str, registry: Registry, tmp_path: Path) -> None:
    version = published(registry).version
    (stored(tmp_path, version) / name).unlink()
    problems = registry.verify("medico", version)
    assert [problem.file for problem in problems] == [name]
    assert f"{name} of version {version} is missing" in str(problems[0])
    with pytest.raises(BundleCorrupt, match=name):
        registry.fetch("medico", version)


def test_all_that_is_wrong_is_told(registry: Registry, tmp_path: Path) -> None:
    version = published(registry).version
    change(stored(tmp_path, version) / "model.bin")
    (stored(tmp_path, version) / "empty").write_bytes(b"longer")
    assert {problem.file for problem in registry.verify("medico", version)} == {"model.bin", "empty"}


def test_a_failed_fetch_leaves_nothing_in_the_cache(registry: Registry, tmp_path: Path) -> None:
    version = published(registry).version
    change(stored(tmp_path, version) / "parts/scaler.bin")
    with pytest.raises(BundleCorrupt):
        registry.fetch("medico", version)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file() or path.name.startswith(".")]


def test_one_unreadable_version_does_not_hide_the_others(
    registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = published(registry), published(registry)
    change(stored(tmp_path, first.version) / MANIFEST)
    assert registry.versions("medico") == [second]
    assert first.version in caplog.text


def test_a_rollback_to_a_damaged_version_is_refused(registry: Registry, tmp_path: Path) -> None:
    first, second = published(registry).version, published(registry).version
    registry.promote("medico", first)
    registry.promote("medico", second)
    change(stored(tmp_path, first) / "model.bin")
    with pytest.raises(BundleCorrupt, match=r"model\.bin"):
        registry.rollback("medico")
    assert registry.resolve("medico", "production") == second


def test_a_manifest_cannot_lead_out_of_the_cache(registry: Registry, tmp_path: Path) -> None:
    """Whoever may write to the store still cannot write elsewhere on the machines that read it."""
    version = published(registry).version
    manifest = stored(tmp_path, version) / MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(b'"parts/scaler.bin"', b'"../../../escaped"'))
    with pytest.raises(BundleCorrupt, match="not a plain path"):
        registry.fetch("medico", version)
    assert not list(tmp_path.rglob("escaped"))


def test_a_changed_entry_of_an_alias_is_named(registry: Registry, tmp_path: Path) -> None:
    registry.promote("medico", published(registry).version)
    (tmp_path / "store/medico/aliases/production/00000001.json").write_text("{")
    with pytest.raises(BundleCorrupt, match=r"medico/aliases/production/00000001\.json"):
        registry_in(tmp_path).resolve("medico", "production")


def test_files_without_a_manifest_are_no_version(registry: Registry, tmp_path: Path) -> None:
    whole, torn = published(registry), published(registry)
    (stored(tmp_path, torn.version) / MANIFEST).unlink()
    assert registry.versions("medico") == [whole]
    for refused in (registry.promote, registry.fetch, registry.manifest, registry.verify, registry.resolve):
        with pytest.raises(VersionNotFound, match=torn.version):
            refused("medico", torn.version)
    assert registry.resolve("medico", whole.version[:15]) == whole.version
    assert published(registry).version > torn.version


PUBLISHING = """
import sys
from pathlib import Path
from tests.registry.samples import CONTRACT, registry_in
registry = registry_in(Path(sys.argv[1]))
while True:
    manifest = registry.publish("medico", CONTRACT, "native", {f"part{at}": bytes([at]) * 400_000 for at in range(6)})
    print(manifest.version, flush=True)
"""


def test_a_killed_publisher_leaves_whole_versions_only(tmp_path: Path) -> None:
    """SIGKILL at any moment: what is listed is whole, and all that was reported is listed."""
    root = Path(__file__).parents[2]
    chance = random.Random(5)
    reported: list[str] = []
    for _ in range(4):
        command = [sys.executable, "-c", PUBLISHING, str(tmp_path)]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            reported.append(process.stdout.readline().strip())
            time.sleep(chance.uniform(0, 0.1))
            os.kill(process.pid, signal.SIGKILL)
            reported += process.stdout.read().split()
    registry = registry_in(tmp_path)
    listed = [manifest.version for manifest in registry.versions("medico")]
    assert set(reported) <= set(listed)
    for version in listed:
        assert registry.verify("medico", version) == []
    assert registry.publish("medico", CONTRACT, "native", {}).version > max(listed)
