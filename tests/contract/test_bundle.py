import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.contract.samples import MEDICO
from vaticina.contract import Bundle, Manifest
from vaticina.contract.bundle import BundleFile, read_manifest, sha256
from vaticina.errors import BundleCorrupt, FormatTooNew

MODEL = b"the model's bytes"


def manifest(**changes: Any) -> Manifest:
    values: dict[str, Any] = {
        "project": "medico",
        "version": "20260131T120000000Z-0a1b2c3d",
        "created": datetime(2026, 1, 31, 12, tzinfo=UTC),
        "contract": MEDICO,
        "contract_hash": MEDICO.hash,
        "runtime": "sklearn",
        "files": {"model/model.bin": BundleFile(sha256=sha256(MODEL), size=len(MODEL))},
        "python": "3.11.7",
        "libraries": {"numpy": "2.4.6"},
        "metrics": {"f1_macro": 0.9},
        "examples": [{"input": {"edad": 45}, "outputs": {"label": 1}}],
    }
    return Manifest.model_validate({**values, **changes})


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(manifest().written()), **changes}).encode()


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_bytes(MODEL)
    return Bundle(tmp_path, manifest())


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert read_manifest(manifest().written(), "m") == manifest()


def test_spaces_do_not_matter() -> None:
    assert read_manifest(json.dumps(json.loads(manifest().written()), indent=7).encode(), "m") == manifest()


def test_a_newer_format_is_refused_with_the_version_named() -> None:
    with pytest.raises(FormatTooNew, match=r"^manifest\.json of v2 has format 2; this Vaticina reads up to 1: update"):
        read_manifest(changed(format=2, shape="unheard of"), "manifest.json of v2")


def test_a_newer_format_is_refused_before_anything_else_of_it_is_looked_at() -> None:
    with pytest.raises(FormatTooNew):
        read_manifest(b'{"format": 3}', "m")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not a manifest"),
        (b"{", "is not a manifest"),
        (b"\xff\xfe{}", "is not a manifest"),
        (b"[" * 50_000, "is not a manifest"),
        (b"[]", "no JSON object"),
        (b"{}", "is not a manifest"),
        (changed(format="2"), "format"),
        (changed(format=0), "format"),
        (changed(python=None), "python"),
        (changed(surprise=1), "surprise"),
        (changed(contract_hash="0" * 64), "its contract is not the one"),
        (changed(contract={**MEDICO.model_dump(mode="json", by_alias=True), "unknown": "refuse"}), "its contract"),
        (changed(contract=None), "contract: "),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused_by_name(data: bytes, said: str) -> None:
    with pytest.raises(BundleCorrupt, match=said) as caught:
        read_manifest(data, "manifest.json of v1")
    assert caught.value.message.startswith("manifest.json of v1 ")
    assert "\n" not in caught.value.message


def test_inputs_in_another_order_are_another_contract() -> None:
    document = json.loads(manifest().written())
    document["contract"]["inputs"] = dict(reversed(document["contract"]["inputs"].items()))
    with pytest.raises(BundleCorrupt, match="its contract is not the one"):
        read_manifest(json.dumps(document).encode(), "m")


@pytest.mark.parametrize(
    "name",
    ["../escape", "/etc/passwd", "a/../../b", "..", ".", "", "a//b", "./a", "a/", "a\\b", "C:evil", "a\0b"],
)
def test_a_file_outside_the_bundle_is_refused(name: str) -> None:
    files = {name: {"sha256": sha256(MODEL), "size": len(MODEL)}}
    with pytest.raises(BundleCorrupt, match="not a plain path inside the bundle"):
        read_manifest(changed(files=files), "m")


@pytest.mark.parametrize("version", ["../v1", "", "a/b", ".hidden", "v" * 64, "v 1"])
def test_a_version_that_is_no_plain_name_is_refused(version: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        manifest(version=version)


@pytest.mark.parametrize("digest", ["", "0" * 63, "Z" * 64, "A" * 64])
def test_a_digest_that_is_none_is_refused(digest: str) -> None:
    with pytest.raises(ValidationError, match="pattern"):
        BundleFile(sha256=digest, size=1)


def test_a_file_is_read_when_it_is_what_it_was(bundle: Bundle) -> None:
    assert bundle.read("model/model.bin") == MODEL
    assert bundle.version == "20260131T120000000Z-0a1b2c3d"
    bundle.verify()


@pytest.mark.parametrize("data", [b"", MODEL[:-1], MODEL + b"!", MODEL.replace(b"t", b"T", 1)])
def test_a_changed_file_is_refused_by_name(bundle: Bundle, data: bytes) -> None:
    (bundle.folder / "model" / "model.bin").write_bytes(data)
    for look in (bundle.verify, lambda: bundle.read("model/model.bin")):
        with pytest.raises(
            BundleCorrupt, match=rf"^model/model\.bin of version {re.escape(bundle.version)} was changed"
        ):
            look()


def test_a_missing_file_is_refused_by_name(bundle: Bundle) -> None:
    (bundle.folder / "model" / "model.bin").unlink()
    with pytest.raises(BundleCorrupt, match=r"^model/model\.bin of version .* is missing"):
        bundle.verify()


def test_a_file_that_the_manifest_does_not_name_is_not_read(bundle: Bundle) -> None:
    (bundle.folder / "extra").write_bytes(b"")
    with pytest.raises(BundleCorrupt, match=r"^extra is not a file of version"):
        bundle.read("extra")
