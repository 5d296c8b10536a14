"""Names that become parts of a path: nothing but these patterns ever does."""

import re

from vaticina.errors import VersionNotFound

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def check_project(name: str) -> None:
    """Raises VersionNotFound when no project can be called ``name``."""
    if not NAME.fullmatch(name):
        raise VersionNotFound(
            f"{name[:80]!r} is no name of a project; one starts with a letter and goes on with a-z, 0-9, _ and -."
        )


def check_alias(name: str) -> None:
    """Raises VersionNotFound when no alias can be called ``name``."""
    if not NAME.fullmatch(name):
        raise VersionNotFound(
            f"{name[:80]!r} is no name of an alias; one starts with a letter and goes on with a-z, 0-9, _ and -."
        )
