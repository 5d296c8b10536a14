"""The registry: versions at rest in an object store, and the aliases that point to them."""

from vaticina.registry.alias import Entry
from vaticina.registry.registry import Registry, open_registry
from vaticina.registry.versions import Facts, Problem

__all__ = ["Entry", "Facts", "Problem", "Registry", "open_registry"]
