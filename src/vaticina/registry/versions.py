"""Versions at rest: ``{project}/versions/{version}/…``; one without a manifest does not exist."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypedDict

from pydantic import ValidationError

from vaticina.contract import Contract, Manifest
from vaticina.contract.bundle import MANIFEST, BundleFile, Example, check_file, sha256
from vaticina.errors import BundleCorrupt, FormatTooNew, RegistryError, VersionNotFound
from vaticina.registry.libraries import library_versions, python_version
from vaticina.registry.names import check_project
from vaticina.registry.store import Store
from vaticina.registry.version_id import draft_id, is_version, next_time, read_sealed, seal

log = logging.getLogger("vaticina")

READERS = 8
"""Manifests read at once when all are listed."""

ATTEMPTS = 20
"""How often a version id is made anew when another publisher took the same one."""


class ManifestFacts(TypedDict, total=False):
    """What else a manifest says of a version; ``python`` and ``libraries`` are those of this process by default."""

    python: str
    libraries: dict[str, str]
    metrics: dict[str, Any]
    baseline: dict[str, Any]
    data: dict[str, Any]
    training: dict[str, Any]
    verification: dict[str, Any]
    git_commit: str | None
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong with one file of a version."""

    file: str
    message: str

    def __str__(self) -> str:
        return self.message


class Versions:
    """The versions of all projects in one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ids(self, project: str) -> list[str]:
        """The versions that exist, oldest first. Raises RegistryError."""
        return sorted(version for version, name in self._files(project) if name == MANIFEST)

    def all(self, project: str) -> list[Manifest]:
        """Their manifests, oldest first; one that cannot be read is left out, with a warning. Raises RegistryError."""
        ids = self.ids(project)
        with ThreadPoolExecutor(READERS) as pool:
            found = list(pool.map(lambda version: self._readable(project, version), ids))
        return [manifest for manifest in found if manifest]

    def manifest(self, project: str, version: str) -> Manifest:
        """The manifest of a version. Raises VersionNotFound, BundleCorrupt, FormatTooNew and RegistryError."""
        return read_sealed(self.manifest_bytes(project, version), project, version)

    def manifest_bytes(self, project: str, version: str) -> bytes:
        """``manifest.json`` as it was written. Raises VersionNotFound and RegistryError."""
        check_project(project)
        data = self._store.get(_key(project, version, MANIFEST)) if is_version(version) else None
        if data is None:
            name = version if is_version(version) else repr(version[:80])
            raise VersionNotFound(
                f"{project} has no version {name} in {self._store.name}; 'vaticina models list' shows them."
            )
        return data

    def file(self, manifest: Manifest, name: str) -> bytes:
        """The bytes of one file, checked. Raises BundleCorrupt, naming the file, and RegistryError."""
        data = self._store.get(_key(manifest.project, manifest.version, name))
        if data is None:
            raise BundleCorrupt(f"{name} of version {manifest.version} is missing in {self._store.name}.")
        check_file(name, data, manifest.files[name], manifest.version)
        return data

    def publish(self, draft: Manifest, files: Mapping[str, bytes]) -> Manifest:
        """Writes ``files``, then ``draft`` under its real id. Raises RegistryError."""
        for _ in range(ATTEMPTS):
            moment = next_time({version for version, _ in self._files(draft.project)}, datetime.now(UTC))
            version, data = seal(draft.model_copy(update={"version": draft_id(moment), "created": moment}))
            manifest = read_sealed(data, draft.project, version)  # what cannot be read back is not written
            if self._write(manifest, data, files):
                return manifest
        raise RegistryError(f"{draft.project} is being published by too many at once; try again.")

    def _write(self, manifest: Manifest, data: bytes, files: Mapping[str, bytes]) -> bool:
        """Writes one version; False when another publisher took the same id."""
        for name, content in files.items():
            self._store.put(_key(manifest.project, manifest.version, name), content)
        return self._store.create(_key(manifest.project, manifest.version, MANIFEST), data)

    def verify(self, project: str, version: str) -> list[FileProblem]:
        """What is wrong with a version, read from the store. Raises VersionNotFound and RegistryError."""
        data = self.manifest_bytes(project, version)
        try:
            manifest = read_sealed(data, project, version)
        except (BundleCorrupt, FormatTooNew) as error:
            return [FileProblem(MANIFEST, error.message)]
        found = (self._problem(manifest, name) for name in manifest.files)
        return [problem for problem in found if problem]

    def _problem(self, manifest: Manifest, name: str) -> FileProblem | None:
        try:
            self.file(manifest, name)
        except BundleCorrupt as error:
            return FileProblem(name, error.message)
        return None

    def _readable(self, project: str, version: str) -> Manifest | None:
        try:
            return self.manifest(project, version)
        except (BundleCorrupt, FormatTooNew, VersionNotFound) as error:
            log.warning("version %s of %s is left out: %s", version, project, error.message)
            return None

    def _files(self, project: str) -> list[tuple[str, str]]:
        """(version, file) of all that is there, versions without a manifest included."""
        check_project(project)
        parts = [key.split("/", 3) for key in self._store.keys(f"{project}/versions")]
        return [(part[2], part[3]) for part in parts if len(part) == 4 and is_version(part[2])]


def draft(project: str, contract: Contract, runtime: str, files: Mapping[str, bytes], facts: ManifestFacts) -> Manifest:
    """A manifest of ``files`` that has no id yet. Raises BundleCorrupt for what no manifest can hold."""
    check_project(project)
    if MANIFEST in files:
        raise BundleCorrupt(f"A file of a bundle cannot be called {MANIFEST}; that name is the manifest's.")
    known = {"python": python_version(), "libraries": library_versions(), **facts}
    now = datetime.now(UTC)
    fields = {
        **known,
        "project": project,
        "version": draft_id(now),
        "created": now,
        "contract": contract,
        "contract_hash": contract.hash,
        "runtime": runtime,
        "files": {name: BundleFile(sha256=sha256(data), size=len(data)) for name, data in files.items()},
    }
    try:
        return Manifest.model_validate(fields)
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        place = ".".join(map(str, item["loc"]))
        raise BundleCorrupt(f"{project} cannot be published: {place}: {item['msg']}.") from None


def _key(project: str, version: str, name: str) -> str:
    return f"{project}/versions/{version}/{name}"
