"""The registry: versions at rest in an object store, and the aliases that point to them."""

from vaticina.registry.alias import AliasEntry
from vaticina.registry.registry import Registry, open_registry
from vaticina.registry.versions import FileProblem, ManifestFacts

__all__ = ["AliasEntry", "FileProblem", "ManifestFacts", "Registry", "open_registry"]
