"""The versions of a registry as a follower needs them."""

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
    """The methods of a registry that serving needs."""

    def resolve(self, project: str, name: str) -> str:
        """The version an alias names. Raises VersionNotFound and RegistryError."""
        ...

    def is_withdrawn(self, project: str, alias: str) -> bool:
        """Whether the version was taken from the alias. Raises RegistryError."""
        ...

    def fetch(self, project: str, version: str) -> Bundle:
        """The bundle of the version, on this machine. Raises RegistryError and BundleCorrupt."""
        ...

    def remember(self, project: str, alias: str, version: str) -> None:
        """Notes that the version answered correctly on this machine."""
        ...

    def last_good(self, project: str, alias: str) -> Bundle | None:
        """The bundle that answered last on this machine, from the cache."""
        ...


class RegistryVersions:
    """The version that the alias ``production`` of one project names, loaded from its bundle."""

    def __init__(self, registry: ServingRegistry, project: str, open_runtime: OpenRuntime, limits: Serving) -> None:
        self._registry = registry
        self._project = project
        self._open = open_runtime
        self._limits = limits

    def target(self) -> str | None:
        """The version of ``production``; None when none was promoted yet, ``NO_VERSION`` when it was withdrawn.

        Raises RegistryError.
        """
        try:
            return self._registry.resolve(self._project, ALIAS)
        except VersionNotFound:
            return NO_VERSION if self._registry.is_withdrawn(self._project, ALIAS) else None

    def load(self, version: str) -> LoadedVersion:
        """``version``, verified and warmed up. Raises RegistryError."""
        return self._loaded(self._registry.fetch(self._project, version))

    def last_good(self) -> LoadedVersion | None:
        """The version that answered last on this machine; None when it cannot be loaded any more."""
        try:
            bundle = self._registry.last_good(self._project, ALIAS)
            return self._loaded(bundle) if bundle else None
        except Exception:
            log.exception("the last good version on this machine cannot be loaded")
            return None

    def remember(self, version: str) -> None:
        """Notes that ``version`` answers correctly on this machine."""
        self._registry.remember(self._project, ALIAS, version)

    def _loaded(self, bundle: Bundle) -> LoadedVersion:
        loaded = load(bundle, self._open(bundle), self._limits.max_rows)
        cache = self._limits.cache
        if cache:  # after the warm-up, which must not be answered from the cache
            loaded.runtime = CachedRuntime(loaded.runtime, cache.size, cache.seconds)
        return loaded
