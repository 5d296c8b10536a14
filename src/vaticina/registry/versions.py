"""Published versions in a store: ``{project}/versions/{version}/…``. One without a manifest does not exist."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
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
"""How many manifests are read at once when all are listed."""

ATTEMPTS = 20
"""How many version ids are tried when other publishers take the same ones."""


class ManifestFacts(TypedDict, total=False):
    """Optional fields of a manifest; ``python`` and ``libraries`` are those of this process by default."""

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
    """A file of a version that is missing or was changed."""

    file: str
    message: str

    def __str__(self) -> str:
        return self.message


class Versions:
    """The versions of all projects in one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ids(self, project: str) -> list[str]:
        """The ids of the versions that have a manifest, oldest first. Raises RegistryError."""
        return sorted(version for version, name in self._files(project) if name == MANIFEST)

    def all(self, project: str) -> list[Manifest]:
        """All manifests, oldest first; one that cannot be read is left out, with a warning. Raises RegistryError."""
        with ThreadPoolExecutor(READERS) as pool:
            manifests = pool.map(partial(self._manifest_or_none, project), self.ids(project))
            return list(filter(None, manifests))

    def manifest(self, project: str, version: str) -> Manifest:
        """The manifest of a version. Raises VersionNotFound, BundleCorrupt, FormatTooNew and RegistryError."""
        return read_sealed(self.manifest_bytes(project, version), project, version)

    def manifest_bytes(self, project: str, version: str) -> bytes:
        """``manifest.json`` as it was written. Raises VersionNotFound and RegistryError."""
        check_project(project)
        name = repr(version[:80])
        if is_version(version):
            name = version
            data = self._store.get(_key(project, version, MANIFEST))
            if data is not None:
                return data
        raise VersionNotFound(
            f"{project} has no version {name} in {self._store.name}; 'vaticina models list' shows them."
        )

    def file(self, manifest: Manifest, name: str) -> bytes:
        """The bytes of one file, checked against the manifest. Raises BundleCorrupt and RegistryError."""
        data = self._store.get(_key(manifest.project, manifest.version, name))
        if data is None:
            raise BundleCorrupt(f"{name} of version {manifest.version} is missing in {self._store.name}.")
        check_file(name, data, manifest.files[name], manifest.version)
        return data

    def publish(self, draft: Manifest, files: Mapping[str, bytes]) -> Manifest:
        """Writes ``files``, then ``draft`` under its real id. Raises RegistryError."""
        for _ in range(ATTEMPTS):
            versions = {version for version, _ in self._files(draft.project)}
            moment = next_time(versions, datetime.now(UTC))
            version, data = seal(draft.model_copy(update={"version": draft_id(moment), "created": moment}))
            manifest = read_sealed(data, draft.project, version)  # refuses what could not be read back
            if self._write(manifest, data, files):
                return manifest
        raise RegistryError(f"Too many versions of {draft.project} are being published at once; try again.")

    def _write(self, manifest: Manifest, data: bytes, files: Mapping[str, bytes]) -> bool:
        """Writes one version; False when another publisher took the same id."""
        for name, content in files.items():
            self._store.put(_key(manifest.project, manifest.version, name), content)
        return self._store.create(_key(manifest.project, manifest.version, MANIFEST), data)

    def verify(self, project: str, version: str) -> list[FileProblem]:
        """The files of a version in the store that are missing or changed. Raises VersionNotFound and RegistryError."""
        data = self.manifest_bytes(project, version)
        try:
            manifest = read_sealed(data, project, version)
        except (BundleCorrupt, FormatTooNew) as error:
            return [FileProblem(MANIFEST, error.message)]
        problems: list[FileProblem] = []
        for name in manifest.files:
            try:
                self.file(manifest, name)
            except BundleCorrupt as error:
                problems.append(FileProblem(name, error.message))
        return problems

    def _manifest_or_none(self, project: str, version: str) -> Manifest | None:
        try:
            return self.manifest(project, version)
        except (BundleCorrupt, FormatTooNew, VersionNotFound) as error:
            log.warning("version %s of %s is left out of the list: %s", version, project, error.message)
            return None

    def _files(self, project: str) -> list[tuple[str, str]]:
        """(version, file) of all files in the store, also of versions without a manifest."""
        check_project(project)
        files: list[tuple[str, str]] = []
        for key in self._store.keys(f"{project}/versions"):
            parts = key.split("/", 3)
            if len(parts) == 4 and is_version(parts[2]):
                files.append((parts[2], parts[3]))
        return files


def draft(project: str, contract: Contract, runtime: str, files: Mapping[str, bytes], facts: ManifestFacts) -> Manifest:
    """A manifest of ``files`` without its final id. Raises BundleCorrupt for values that no manifest can hold."""
    check_project(project)
    if MANIFEST in files:
        raise BundleCorrupt(f"A file of a bundle cannot be called {MANIFEST}, which is the manifest; rename it.")
    now = datetime.now(UTC)
    fields = {
        "python": python_version(),
        "libraries": library_versions(),
        **facts,
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
