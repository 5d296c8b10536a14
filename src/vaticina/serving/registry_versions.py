"""Where a follower's versions come from: a registry's alias."""

import logging
from collections.abc import Callable
from typing import Protocol

from vaticina.contract import Bundle, Runtime
from vaticina.contract.project import Serving
from vaticina.errors import VersionNotFound
from vaticina.serving.cache import CachedRuntime
from vaticina.serving.follower import NO_VERSION
from vaticina.serving.slot import LoadedVersion, load

log = logging.getLogger("vaticina")

ALIAS = "production"

OpenRuntime = Callable[[Bundle], Runtime]


class ServingRegistry(Protocol):
    """The part of a registry that serving needs."""

    def resolve(self, project: str, name: str) -> str:
        """The version an alias names. Raises VersionNotFound and RegistryError."""
        ...

    def is_withdrawn(self, project: str, alias: str) -> bool:
        """Whether the alias names nothing any more. Raises RegistryError."""
        ...

    def fetch(self, project: str, version: str) -> Bundle:
        """That version on this machine. Raises RegistryError and BundleCorrupt."""
        ...

    def remember(self, project: str, alias: str, version: str) -> None:
        """Notes the last version that answered well here."""
        ...

    def last_good(self, project: str, alias: str) -> Bundle | None:
        """The last version that answered well here, from the cache alone."""
        ...


class RegistryVersions:
    """Follows the ``production`` alias of one project."""

    def __init__(self, registry: ServingRegistry, project: str, open_runtime: OpenRuntime, limits: Serving) -> None:
        self._registry = registry
        self._project = project
        self._open = open_runtime
        self._limits = limits

    def wanted(self) -> str | None:
        """The version ``production`` names; None when nothing was promoted yet, ``NO_VERSION`` when it was withdrawn.

        Raises RegistryError.
        """
        try:
            return self._registry.resolve(self._project, ALIAS)
        except VersionNotFound:
            return NO_VERSION if self._registry.is_withdrawn(self._project, ALIAS) else None

    def load(self, version: str) -> LoadedVersion:
        """That version, verified and warmed up. Raises RegistryError."""
        return self._loaded(self._registry.fetch(self._project, version))

    def last_good(self) -> LoadedVersion | None:
        """The last version that answered here, if it still can."""
        try:
            bundle = self._registry.last_good(self._project, ALIAS)
            return self._loaded(bundle) if bundle else None
        except Exception:
            log.exception("the last good version here cannot be loaded")
            return None

    def remember(self, version: str) -> None:
        """Notes that ``version`` answers well here."""
        self._registry.remember(self._project, ALIAS, version)

    def _loaded(self, bundle: Bundle) -> LoadedVersion:
        loaded = load(bundle, self._open(bundle), self._limits.max_rows)
        cache = self._limits.cache
        if cache:  # only now: the version was warmed up and checked without it
            loaded.runtime = CachedRuntime(loaded.runtime, cache.size, cache.seconds)
        return loaded
