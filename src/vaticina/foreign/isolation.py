"""Somebody's files, opened: here when the versions installed here read them, else in an interpreter of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaticina.errors import ForeignVersion
from vaticina.foreign.environment import environment
from vaticina.foreign.interpreter import Foreign
from vaticina.foreign.pins import is_readable, running, wanted
from vaticina.pickles.audit import Examined, load_examined
from vaticina.pickles.examine import examine, exported_allowlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """How files of other versions are opened.

    ``cache`` is the folder of the environments, ``roots`` are pyenv's. ``always`` opens even what could be opened here
    in an environment of its own, ``never`` refuses what would need one. ``python`` (like ``3.9``) and ``more`` (like
    ``lightgbm==3.3.5``) are what the caller knows of the versions.
    """

    cache: Path
    roots: tuple[Path, ...] = ()
    always: bool = False
    never: bool = False
    python: str | None = None
    more: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """``objects`` by the name of their file, all of today's versions; ``examined`` are the same files as audited.

    ``foreign`` asks the originals when they are of other versions; None when ``objects`` are the originals themselves.
    ``libraries`` are the versions that the files were opened with, empty when they are those installed here.
    """

    objects: dict[str, Any]
    examined: Mapping[str, Examined]
    foreign: Foreign | None
    libraries: dict[str, str]


def open_files(
    files: Mapping[str, bytes], isolation: Isolation, allow: frozenset[str] = frozenset(), command: str = ""
) -> Opened:
    """The objects in ``files`` (name -> bytes), audited before anything is opened.

    ``allow`` are more exact names. ``command`` is what a refusal tells the user to run.

    Raises:
        PickleRefused: a file wants a name that is not listed, or is damaged.
        ForeignVersion: the versions installed here cannot read one, and ``isolation`` is never to be used.
        ImportRefused: no environment of its versions can be made, or what it holds cannot be rebuilt.
        MissingExtra: uv, a Python or a library is missing; the message says what to install.
    """
    examined = {name: examine(data, name, allow) for name, data in files.items()}
    unreadable = {name: one for name, one in examined.items() if not all(map(is_readable, one.versions))}
    if not unreadable and not isolation.always:
        return Opened({name: load_examined(one) for name, one in examined.items()}, examined, None, {})
    if isolation.never and unreadable:
        raise ForeignVersion(_told(unreadable, command))
    foreign = _foreign(examined, isolation, allow)
    libraries = dict(pin.split("==") for pin in foreign.environment.pins)
    return Opened(foreign.objects(), examined, foreign, {"python": foreign.environment.version, **libraries})


def _told(unreadable: Mapping[str, Examined], command: str) -> str:
    name, one = next(iter(unreadable.items()))
    others = f" (and {len(unreadable) - 1} more files)" if len(unreadable) > 1 else ""
    return (
        f"{name}{others} was made with scikit-learn {_newest(one.versions)}, which scikit-learn {running() or 'none'}, "
        f"the one installed here, cannot read; it was not opened. "
        f"Run: {command or 'vaticina import FILE --name NAME'} --isolated"
    )


def _foreign(examined: Mapping[str, Examined], isolation: Isolation, allow: frozenset[str]) -> Foreign:
    names = {name for one in examined.values() for name in one.names}
    versions = {version for one in examined.values() for version in one.versions}
    pins = wanted(_newest(versions), names, isolation.python, isolation.more)
    made = environment(pins, isolation.cache / "environments", isolation.roots)
    return Foreign({name: one.pickle for name, one in examined.items()}, made, exported_allowlist(allow))


def _newest(versions: frozenset[str] | set[str]) -> str:
    """A newer scikit-learn reads what an older one wrote sooner than the other way round."""
    return max(
        versions or {running() or ""}, key=lambda text: [int(part) for part in text.split(".") if part.isdigit()]
    )
