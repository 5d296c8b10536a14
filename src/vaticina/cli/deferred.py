"""Modules that are imported only when a verb needs them: ``vaticina --help`` must not wait for numpy."""

from importlib import import_module  # architecture: library -- the table of verbs names modules, as bootstrap's do
from types import ModuleType


def module(name: str) -> ModuleType:
    """Our own module ``name``."""
    return import_module(name)
