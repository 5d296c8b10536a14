"""How files of other versions are opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """How files of other versions are opened.

    ``cache`` is the folder of the environments, ``roots`` are pyenv's folders. With ``always`` every file is opened in
    an environment of its own versions; with ``never`` a file that needs one is refused. ``python`` (like ``3.9``) and
    ``more`` (like ``lightgbm==3.3.5``) are the versions that the caller says, in place of those of the table.
    """

    cache: Path
    roots: tuple[Path, ...] = ()
    always: bool = False
    never: bool = False
    python: str | None = None
    more: Sequence[str] = ()
