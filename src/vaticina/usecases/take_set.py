"""Sets of files, taken into a project's registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaticina.contract import Manifest, Project
from vaticina.errors import VersionNotFound
from vaticina.registry import Registry
from vaticina.usecases.pull import Pulled, open_mirror, pull

ALIAS = "production"

EXAMPLES = 4
"""Rows that go into a manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """``import_set`` makes an ``ImportedSet`` of files (name -> bytes); ``examples`` are what serving checks a version
    by; ``state`` is where a puller notes what it did; ``commit`` the project's."""

    project: Project
    registry: Registry
    state: Path
    import_set: Callable[[Mapping[str, bytes]], Any]
    examples: Callable[..., Any]
    commit: str | None

    def pull(self, present: bool = False) -> Pulled:
        """Imports the models in the project's bucket unless the registry has them.

        With ``present``, files that are whole on this machine are taken without asking the bucket.

        Raises RegistryError, SettingsError, ProjectError and MissingExtra, one line each.
        """
        mirror = open_mirror(self.project)
        pulled = pull(mirror, self.state, lambda files: self.take(files).version, self._find, present)
        try:
            self.registry.resolve(self.project.name, ALIAS)
        except VersionNotFound:
            self.registry.promote(self.project.name, pulled.version, note="pulled")
        return pulled

    def take(self, files: Mapping[str, bytes], source: str | None = None) -> Manifest:
        """Imports the documented set of clusters in ``files`` (name -> bytes), publishes and promotes it.

        ``source`` tells where they come from, when it is not the project's bucket.

        Raises RegistryError, among them what tells why the set is not taken, ProjectError and MissingExtra.
        """
        return self.publish(self.import_set(files), source)

    def publish(self, taken: Any, source: str | None = None) -> Manifest:
        """Publishes and promotes an ``ImportedSet``. Raises RegistryError."""
        names = [column.name for column in taken.contract.columns]
        rows = [dict(zip(names, row, strict=True)) for row in taken.rows[:EXAMPLES].tolist()]
        origin = source or self.project.imports.models
        manifest = self.registry.publish(
            self.project.name,
            taken.contract,
            taken.served.runtime,
            taken.served.files,
            verification=taken.served.verification,
            training=dict(taken.facts),
            data={"source": origin, "fingerprint": taken.fingerprint},
            git_commit=self.commit,
            examples=self.examples(taken.contract, taken.served.opened, rows),
        )
        self.registry.promote(self.project.name, manifest.version, note=f"imported from {origin}")
        return manifest

    def _find(self, fingerprint: str, noted: str | None) -> str | None:
        """The version that holds a set of files: the one noted here, or the one in production."""
        for name in (noted, ALIAS):
            try:
                found = self.registry.manifest(
                    self.project.name, self.registry.resolve(self.project.name, name or ALIAS)
                )
            except VersionNotFound:
                continue
            if found.data.get("fingerprint") == fingerprint:
                return found.version
        return None
