"""The registry: it publishes versions, moves aliases and downloads bundles to this machine."""

from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

from vaticina.contract import Bundle, Contract, Manifest
from vaticina.contract.bundle import MANIFEST
from vaticina.errors import AliasConflict, BundleCorrupt, VersionNotFound
from vaticina.registry.alias import WITHDRAWN, AliasEntry, Aliases, conflict_message, rollback_target
from vaticina.registry.cache import BundleCache
from vaticina.registry.names import NAME, check_alias, check_project
from vaticina.registry.store import Store
from vaticina.registry.store_probe import check_put_if_absent
from vaticina.registry.version_id import is_version, read_sealed
from vaticina.registry.versions import FileProblem, ManifestFacts, Versions, draft

PRODUCTION = "production"


class Registry:
    """Versions and aliases of projects in one store, with a cache on this machine.

    Every method raises RegistryError, in one line, when the store does not answer.
    """

    def __init__(self, store: Store, cache: BundleCache) -> None:
        self.store = store
        self._cache = cache
        self._versions = Versions(store)
        self._aliases = Aliases(store)
        self._is_safe = False

    def publish(
        self, project: str, contract: Contract, runtime: str, files: Mapping[str, bytes], **facts: Unpack[ManifestFacts]
    ) -> Manifest:
        """Writes a version that never changes again: its files, then its manifest, which makes it exist.

        ``files`` are names like ``model.onnx`` or ``part/weights.npy`` and their bytes. Raises BundleCorrupt for a
        name that leads out of the bundle.
        """
        return self._versions.publish(draft(project, contract, runtime, files, facts), files)

    def versions(self, project: str) -> list[Manifest]:
        """The manifests of all versions, newest last."""
        return self._versions.all(project)

    def manifest(self, project: str, version: str) -> Manifest:
        """The manifest of one version. Raises VersionNotFound, BundleCorrupt and FormatTooNew."""
        return self._versions.manifest(project, version)

    def file(self, manifest: Manifest, name: str) -> bytes:
        """The bytes of one file of a version in the store, checked. Raises BundleCorrupt."""
        return self._versions.file(manifest, name)

    def resolve(self, project: str, name: str) -> str:
        """The version that an alias, a whole id or the beginning of one id names. Raises VersionNotFound."""
        check_project(project)
        if NAME.fullmatch(name):
            head = self._aliases.head(project, name)
            if head is None:
                raise VersionNotFound(f"{project} has no alias {name}; promote a version first.")
            if head.version == WITHDRAWN:
                raise VersionNotFound(
                    f"{name} of {project} was withdrawn at {head.time:%Y-%m-%dT%H:%M:%SZ}; promote a version."
                )
            return head.version
        if is_version(name):
            self._versions.manifest_bytes(project, name)
            return name
        return self._by_beginning(project, name)

    def _by_beginning(self, project: str, beginning: str) -> str:
        ids = self._versions.ids(project)
        matches = [version for version in ids if beginning and version.startswith(beginning)]
        if not matches:
            raise VersionNotFound(
                f"{project} has no version {beginning[:80]!r} among its {len(ids)} in {self.store.name}; "
                "'vaticina models list' shows them."
            )
        if len(matches) > 1:
            raise VersionNotFound(
                f"{len(matches)} versions start with {beginning}: {', '.join(matches[-5:])}; write more of the id."
            )
        return matches[0]

    def fetch(self, project: str, version: str) -> Bundle:
        """The bundle in the cache of this machine, every byte checked; downloaded when it is not there whole.

        Raises VersionNotFound, and BundleCorrupt naming the file that is missing or was changed.
        """
        check_project(project)
        bundle = self._cache.bundle(project, version) if is_version(version) else None
        return bundle or self._download(project, version)

    def _download(self, project: str, version: str) -> Bundle:
        data = self._versions.manifest_bytes(project, version)
        manifest = read_sealed(data, project, version)
        with self._cache.receiving(project, version) as folder:
            (folder / MANIFEST).write_bytes(data)
            for name in manifest.files:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self._versions.file(manifest, name))
        bundle = self._cache.bundle(project, version)
        if bundle is None:
            raise BundleCorrupt(f"Version {version} was changed in the cache while it was written; try again.")
        return bundle

    def verify(self, project: str, version: str) -> list[FileProblem]:
        """What is wrong with each file of a version in the store; an empty list when all of it is whole."""
        return self._versions.verify(project, version)

    def promote(
        self,
        project: str,
        version: str,
        alias: str = PRODUCTION,
        *,
        by: str = "",
        note: str = "",
        expected: int | None = None,
    ) -> AliasEntry:
        """Points ``alias`` to a version, or to what another alias names, after every file of it was checked.

        ``expected`` is the number of the last entry that the caller saw, 0 for none: with another one, nothing moves.

        Raises:
            VersionNotFound: there is no such version.
            BundleCorrupt: a file of it is missing or was changed.
            AliasConflict: somebody else moved the alias; the message says who, and to which version.
            UnsafeStore: the store ignores put-if-absent.
        """
        check_alias(alias)
        version = self.resolve(project, version)
        self._check(project, version)
        head = self._aliases.head(project, alias)
        last_number = head.number if head else 0
        if expected is not None and expected != last_number:
            raise AliasConflict(conflict_message(project, alias, head))
        return self._aliases.append(project, alias, head, version=version, by=by, note=note)

    def rollback(self, project: str, alias: str = PRODUCTION, *, by: str = "", note: str = "") -> AliasEntry:
        """Points ``alias`` to the version before; called again, to the one before that.

        Raises VersionNotFound when there is none, and what ``promote`` raises.
        """
        log = self._aliases.log(project, alias)
        target = rollback_target(log, project, alias)
        self._check(project, target.version)
        return self._aliases.append(
            project, alias, log[-1], version=target.version, by=by, note=note, restores=target.position
        )

    def withdraw(self, project: str, alias: str = PRODUCTION, *, by: str = "", note: str = "") -> AliasEntry | None:
        """Takes the version from ``alias`` until the next promotion or rollback; None when it has none already.

        The versions stay in the registry. Raises AliasConflict and UnsafeStore.
        """
        check_alias(alias)
        head = self._aliases.head(project, alias)
        if head is None or head.version == WITHDRAWN:
            return None
        self._check_store()
        return self._aliases.append(project, alias, head, version=WITHDRAWN, by=by, note=note)

    def is_withdrawn(self, project: str, alias: str = PRODUCTION) -> bool:
        """Whether the version was taken from ``alias`` by ``withdraw``."""
        head = self._aliases.head(project, alias)
        return head is not None and head.version == WITHDRAWN

    def _check_store(self) -> None:
        """Raises UnsafeStore when two people who promote at once could both succeed."""
        if not self._is_safe:
            check_put_if_absent(self.store)
            self._is_safe = True

    def _check(self, project: str, version: str) -> None:
        """Raises UnsafeStore, VersionNotFound and BundleCorrupt unless an alias may point to ``version``."""
        self._check_store()
        problems = self.verify(project, version)
        if problems:
            raise BundleCorrupt(f"Version {version} is not promoted: {problems[0]}")

    def aliases(self, project: str) -> dict[str, AliasEntry]:
        """Alias -> its last entry, for all aliases that point to a version."""
        heads: dict[str, AliasEntry] = {}
        for alias in self._aliases.names(project):
            head = self._aliases.head(project, alias)
            if head and head.version != WITHDRAWN:
                heads[alias] = head
        return heads

    def log(self, project: str, alias: str = PRODUCTION) -> list[AliasEntry]:
        """All moves of an alias, oldest first."""
        return self._aliases.log(project, alias)

    def remember(self, project: str, alias: str, version: str) -> None:
        """Notes on this machine that ``version`` answered correctly under ``alias``."""
        check_project(project)
        check_alias(alias)
        self._cache.remember(project, alias, version)

    def last_good(self, project: str, alias: str) -> Bundle | None:
        """The bundle that answered last on this machine under ``alias``, from the cache; None when it is not whole."""
        check_project(project)
        check_alias(alias)
        return self._cache.last_good(project, alias)


def open_registry(url: str, cache: Path, options: Mapping[str, str] | None = None) -> Registry:
    """The registry in the store at ``url``: a folder, ``file://``, ``memory://``, ``s3://``, ``gs://`` or ``az://``.

    ``cache`` is a folder of this machine. ``options`` are obstore's for that store, such as ``endpoint``; what they
    leave out comes from the environment. Nothing is read before it is needed.
    """
    return Registry(Store(url, options), BundleCache(cache))
