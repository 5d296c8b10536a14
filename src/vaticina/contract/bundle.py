"""A bundle: the immutable folder of one version, and the manifest that vouches for it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from vaticina.contract.contract import Contract
from vaticina.errors import BundleCorrupt, FormatTooNew

FORMAT = 1
MANIFEST = "manifest.json"


class BundleFile(BaseModel):
    """What a file must be: its sha256 in hex, and its size in bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    size: int


class Example(BaseModel):
    """A row with what this version answered to it when it was published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: dict[str, Any]
    outputs: dict[str, Any]


class Manifest(BaseModel):
    """``manifest.json``: everything about a version but the model's own bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int = FORMAT
    project: str
    version: str
    """``YYYYmmddTHHMMSSfffZ-`` and eight hex digits: sorts by time, carries a hash."""
    created: datetime
    contract: Contract
    contract_hash: str
    runtime: str
    """The family that serves it: a key of the table of runtimes."""
    files: dict[str, BundleFile]
    python: str
    libraries: dict[str, str]
    metrics: dict[str, Any] = {}
    baseline: dict[str, Any] = {}
    data: dict[str, Any] = {}
    training: dict[str, Any] = {}
    verification: dict[str, Any] = {}
    git_commit: str | None = None
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """A version's files on this machine."""

    folder: Path
    manifest: Manifest

    @property
    def version(self) -> str:
        """The version's id."""
        return self.manifest.version

    def read(self, name: str) -> bytes:
        """The bytes of a file, once its sha256 was checked. Raises BundleCorrupt, naming the file."""
        expected = self.manifest.files.get(name)
        if expected is None:
            raise BundleCorrupt(f"{name} is not a file of version {self.version}; its manifest does not name it.")
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            raise BundleCorrupt(
                f"{name} of version {self.version} is missing; fetch or publish the version again."
            ) from None
        check_file(name, data, expected, self.version)
        return data

    def verify(self) -> None:
        """Checks every file. Raises BundleCorrupt for the first that is missing or changed."""
        for name in self.manifest.files:
            self.read(name)


def check_file(name: str, data: bytes, expected: BundleFile, version: str) -> None:
    """Raises BundleCorrupt unless ``data`` is what the manifest says."""
    if len(data) != expected.size or sha256(data) != expected.sha256:
        raise BundleCorrupt(
            f"{name} of version {version} was changed (its sha256 is not the manifest's); publish the version again."
        )


def sha256(data: bytes) -> str:
    """The SHA-256 of ``data`` in hex."""
    return hashlib.sha256(data).hexdigest()


def read_manifest(data: bytes, where: str) -> Manifest:
    """The manifest in ``data``; ``where`` names it in errors. Raises FormatTooNew and BundleCorrupt."""
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        refuse_newer(data, where)
        raise BundleCorrupt(f"{where} is not a manifest: {error.errors()[0]['msg']}.") from None
    if manifest.format > FORMAT:
        refuse_newer(data, where)
    if manifest.contract.hash != manifest.contract_hash:
        raise BundleCorrupt(f"{where} was changed: its contract is not the one it was published with.")
    return manifest


def refuse_newer(data: bytes, where: str) -> None:
    """Raises FormatTooNew when ``data`` is JSON whose ``format`` is above ours."""
    try:
        found = json.loads(data).get("format", 0)
    except (ValueError, AttributeError):
        return
    if isinstance(found, int) and found > FORMAT:
        raise FormatTooNew(f"{where} has format {found}; this Vaticina reads up to {FORMAT}: update it.")
