"""A bundle: the immutable folder of one version, and the manifest that vouches for it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic import Field as Param

from vaticina.contract.contract import Contract, canonical_hash
from vaticina.errors import BundleCorrupt, FormatTooNew

FORMAT = 1
MANIFEST = "manifest.json"


def _inside(name: str) -> str:
    """A bundle may come from a store that others write to: no name in it leads out of its folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts or set(name) & set("\\:\0") or str(path) != name:
        raise ValueError(f"{name!r} is not a plain path inside the bundle")
    return name


FileName = Annotated[str, AfterValidator(_inside)]


class BundleFile(BaseModel):
    """What a file must be: its sha256 in hex, and its size in bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str = Param(pattern=r"^[0-9a-f]{64}$")
    size: int = Param(ge=0)


class Example(BaseModel):
    """A row with what this version answered to it when it was published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: dict[str, Any]
    outputs: dict[str, Any]


class Manifest(BaseModel):
    """``manifest.json``: everything about a version but the model's own bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    project: str
    version: str = Param(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")
    """``YYYYmmddTHHMMSSfffZ-`` and eight hex digits: sorts by time, carries a hash."""
    created: datetime
    contract: Contract
    contract_hash: str
    runtime: str
    """The family that serves it: a key of the table of runtimes."""
    files: dict[FileName, BundleFile]
    python: str
    libraries: dict[str, str]
    metrics: dict[str, Any] = {}
    baseline: dict[str, Any] = {}
    data: dict[str, Any] = {}
    training: dict[str, Any] = {}
    verification: dict[str, Any] = {}
    git_commit: str | None = None
    examples: tuple[Example, ...] = ()

    def written(self) -> bytes:
        """The bytes of ``manifest.json``, which ``read_manifest`` takes."""
        return self.model_dump_json(by_alias=True, indent=2).encode()


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
    document = _document(data, where)
    found = document.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise FormatTooNew(f"{where} has format {found}; this Vaticina reads up to {FORMAT}: update it.")
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        place = ".".join(map(str, item["loc"]))
        raise BundleCorrupt(f"{where} is not a manifest: {place}: {item['msg']}.") from None
    # What was written is hashed, not what was understood: a field added to Contract later has no part in it.
    if canonical_hash(document["contract"]) != manifest.contract_hash:
        raise BundleCorrupt(f"{where} was changed: its contract is not the one it was published with.")
    return manifest


def _document(data: bytes, where: str) -> dict[str, Any]:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BundleCorrupt(f"{where} is not a manifest: {error}.") from None
    if not isinstance(document, dict):
        raise BundleCorrupt(f"{where} is not a manifest: it is no JSON object.")
    return document
