"""A version's id: ``YYYYmmddTHHMMSSfffZ-`` (UTC, milliseconds) and eight hex digits of the manifest's sha256.

The sha256 is that of the manifest's bytes with zeros in the place of the digits. The manifest holds the sha256 of every
file, so a changed byte anywhere in a version no longer matches its id.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from vaticina.contract.bundle import Manifest, read_manifest, sha256
from vaticina.errors import BundleCorrupt

PATTERN = re.compile(r"(\d{8}T\d{9}Z)-[0-9a-f]{8}")
TICK = timedelta(milliseconds=1)
BLANK = "0" * 8


def is_version(name: str) -> bool:
    """Whether ``name`` is a whole version id."""
    match = PATTERN.fullmatch(name)
    if not match:
        return False
    try:
        return bool(time_of(match[1]))
    except ValueError:
        return False


def stamp(moment: datetime) -> str:
    """``moment`` as the first part of an id: UTC, to the millisecond."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")[:-3] + "Z"


def time_of(version: str) -> datetime:
    """The time when a version was made, from its id or from the first part of it."""
    return datetime.strptime(version.partition("Z")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)


def next_time(versions: Iterable[str], now: datetime) -> datetime:
    """``now`` in whole milliseconds, but later than all of ``versions``, even when the clock was set back."""
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    newest = max(versions, default=None)
    if newest is None:
        return now
    return max(now, time_of(newest) + TICK)


def draft_id(moment: datetime) -> str:
    """The id of a manifest whose digits are not computed yet."""
    return f"{stamp(moment)}-{BLANK}"


def seal(draft: Manifest) -> tuple[str, bytes]:
    """The real id of ``draft``, and its bytes with that id. Raises BundleCorrupt for values that JSON cannot hold."""
    try:
        data = draft.written()
    except ValueError as error:
        raise BundleCorrupt(f"The manifest of {draft.project} cannot be written: {error}.") from None
    version = _sealed_id(data, draft.version)
    return version, _with_id(data, draft.version, version)


def read_sealed(data: bytes, project: str, version: str) -> Manifest:
    """The manifest of that version. Raises BundleCorrupt when a byte of it was changed, and FormatTooNew."""
    where = f"manifest.json of version {version}"
    manifest = read_manifest(data, where)
    draft = f"{version.partition('-')[0]}-{BLANK}"
    if _sealed_id(_with_id(data, version, draft), draft) != version or manifest.version != version:
        raise BundleCorrupt(f"{where} was changed: its bytes do not match the version's id; publish it again.")
    if manifest.project != project:
        raise BundleCorrupt(f"{where} is of the project {manifest.project}, not of {project}; look for it there.")
    return manifest


def _sealed_id(data: bytes, draft: str) -> str:
    return f"{draft.partition('-')[0]}-{sha256(data)[:8]}"


def _with_id(data: bytes, old: str, new: str) -> bytes:
    return data.replace(f'"version": "{old}"'.encode(), f'"version": "{new}"'.encode(), 1)
