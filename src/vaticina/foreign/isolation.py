"""How files of other versions are opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vaticina.foreign.environment import Environment, ensure_environment
from vaticina.foreign.pins import EnvironmentSpec

MakeEnvironment = Callable[[EnvironmentSpec, Path, tuple[Path, ...]], Environment]
"""Gives the environment that a spec describes, below a folder; pyenv's folders come last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """How files of other versions are opened.

    ``cache`` is the folder of the environments, ``roots`` are pyenv's folders. With ``always`` every file is opened in
    an environment of its own versions; with ``never`` a file that needs one is refused. ``python`` (like ``3.9``) and
    ``more`` (like ``lightgbm==3.3.5``) are the versions that the caller says, in place of those of the table.
    ``make_environment`` makes environments: this process by default.
    """

    cache: Path
    roots: tuple[Path, ...] = ()
    always: bool = False
    never: bool = False
    python: str | None = None
    more: Sequence[str] = ()
    make_environment: MakeEnvironment = ensure_environment
