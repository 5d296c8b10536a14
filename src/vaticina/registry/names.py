"""Names of projects and aliases. They become parts of paths, so only letters, digits, ``_`` and ``-`` are allowed."""

import re

from vaticina.errors import VersionNotFound

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def check_project(name: str) -> None:
    """Raises VersionNotFound when ``name`` is not a valid name of a project."""
    if not NAME.fullmatch(name):
        raise VersionNotFound(
            f"{name[:80]!r} is not a valid name of a project; write a letter a-z, followed by a-z, 0-9, _ and -."
        )


def check_alias(name: str) -> None:
    """Raises VersionNotFound when ``name`` is not a valid name of an alias."""
    if not NAME.fullmatch(name):
        raise VersionNotFound(
            f"{name[:80]!r} is not a valid name of an alias; write a letter a-z, followed by a-z, 0-9, _ and -."
        )
