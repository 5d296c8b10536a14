"""An id sorts by time and vouches for every byte."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.registry.samples import CONTRACT
from vaticina.contract import Manifest
from vaticina.errors import BundleCorrupt, FormatTooNew
from vaticina.registry.version_id import draft_id, is_version, next_time, read_sealed, seal, stamp, time_of

NOON = datetime(2026, 11, 20, 12, 30, 15, 123_456, tzinfo=UTC)


def sealed(**facts: object) -> tuple[str, bytes]:
    fields = {"python": "3.11.7", "libraries": {}, "files": {}, "runtime": "native", "created": NOON, **facts}
    identity = {"project": "medico", "version": draft_id(NOON), "contract": CONTRACT, "contract_hash": CONTRACT.hash}
    return seal(Manifest.model_validate({**identity, **fields}))


def test_a_stamp_is_utc_in_milliseconds() -> None:
    lima = NOON.astimezone(timezone(timedelta(hours=-5)))
    assert stamp(lima) == "20261120T123015123Z"
    assert time_of("20261120T123015123Z-00c0ffee") == NOON.replace(microsecond=123_000)


@pytest.mark.parametrize("name", ["20261120T123015123Z-00c0ffe", "20261120T123015123Z-00C0FFEE", "x", ""])
def test_other_names_are_no_versions(name: str) -> None:
    assert not is_version(name)


def test_a_time_that_never_was_is_no_version() -> None:
    assert is_version("20261120T123015123Z-00c0ffee")
    assert not is_version("20261399T123015123Z-00c0ffee")


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(milliseconds=5), timedelta(days=400)])
def test_time_goes_on_when_the_clock_does_not(ahead: timedelta) -> None:
    last = f"{stamp(NOON + ahead)}-ffffffff"
    following = next_time([f"{stamp(NOON)}-00000000", last], NOON)
    assert stamp(following) > last.partition("-")[0]
    assert following - time_of(last) == timedelta(milliseconds=1)


def test_time_is_the_clock_when_nothing_is_newer() -> None:
    assert next_time([], NOON) == NOON.replace(microsecond=123_000)
    assert next_time([f"{stamp(NOON - timedelta(seconds=1))}-00000000"], NOON) == NOON.replace(microsecond=123_000)


def test_a_sealed_manifest_reads_back() -> None:
    version, data = sealed(metrics={"auc": 0.9})
    assert is_version(version)
    assert version.startswith(stamp(NOON))
    assert read_sealed(data, "medico", version).metrics == {"auc": 0.9}


def test_other_content_has_another_id() -> None:
    assert sealed(metrics={"auc": 0.9})[0] != sealed(metrics={"auc": 0.8})[0]


def test_no_byte_of_a_manifest_can_change() -> None:
    version, data = sealed(
        metrics={"auc": 0.9}, training={"note": "as it was", "again": "20261120T123015123Z-00000000"}
    )
    for index in range(len(data)):
        changed = data[:index] + bytes([data[index] ^ 1]) + data[index + 1 :]
        with pytest.raises((BundleCorrupt, FormatTooNew)):
            read_sealed(changed, "medico", version)


def test_a_manifest_belongs_to_its_version_and_project() -> None:
    version, data = sealed()
    other, _ = sealed(metrics={"auc": 0.1})
    with pytest.raises(BundleCorrupt, match=other):
        read_sealed(data, "medico", other)
    with pytest.raises(BundleCorrupt, match="of the project medico, not of contugas"):
        read_sealed(data, "contugas", version)


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(BundleCorrupt, match="manifest of medico cannot be written"):
        sealed(metrics={"auc": object()})
