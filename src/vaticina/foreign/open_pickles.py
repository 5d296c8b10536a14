"""Opens the pickles of a model: here when the versions installed here read them, else in an interpreter of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vaticina.errors import ForeignVersion
from vaticina.foreign.interpreter import ForeignInterpreter
from vaticina.foreign.isolation import Isolation
from vaticina.foreign.pins import environment_spec, installed_sklearn, is_readable, sklearn_beside
from vaticina.foreign.xgboost_version import installed_xgboost, reads_here, xgboost_version
from vaticina.pickles.audit import Examined, load_examined
from vaticina.pickles.examine import examine, exported_allowlist


@dataclass(frozen=True, slots=True)
class OpenedPickles:
    """``objects`` by the name of their file, all of today's versions; ``examined`` are the same files as audited.

    ``foreign`` asks the original objects when they are of other versions; None when ``objects`` are the originals.
    ``libraries`` are the versions that the files were opened with, empty when they are those installed here.
    """

    objects: Mapping[str, Any]
    examined: Mapping[str, Examined]
    foreign: ForeignInterpreter | None
    libraries: Mapping[str, str]


def open_pickles(
    files: Mapping[str, bytes], isolation: Isolation, allow: frozenset[str] = frozenset(), command: str = ""
) -> OpenedPickles:
    """The objects in ``files`` (name -> bytes); all of them are audited before any is opened.

    ``allow`` are more exact names. ``command`` is what a refusal tells the user to run.

    Raises:
        PickleRefused: a file wants a name that is not listed, or is damaged.
        ForeignVersion: the versions installed here cannot read one, and ``isolation`` is never to be used.
        ImportRefused: no environment of its versions can be made, or what it holds cannot be rebuilt.
        MissingExtra: uv, a Python or a library is missing; the message says what to install.
    """
    examined: dict[str, Examined] = {}
    unreadable: list[Examined] = []
    for name, data in files.items():
        examined[name] = examine(data, name, allow)
        if not _is_readable(examined[name]):
            unreadable.append(examined[name])
    if not unreadable and not isolation.always:
        objects = {name: load_examined(file) for name, file in examined.items()}
        return OpenedPickles(objects, examined, None, {})
    if isolation.never and unreadable:
        raise ForeignVersion(_refusal(unreadable, command))
    foreign = _foreign_interpreter(examined, isolation, allow)
    libraries = {"python": foreign.environment.version}
    for pin in foreign.environment.pins:
        library, _, version = pin.partition("==")
        libraries[library] = version
    return OpenedPickles(foreign.objects(), examined, foreign, libraries)


def _is_readable(file: Examined) -> bool:
    """Whether the libraries installed here read ``file``."""
    return all(map(is_readable, file.versions)) and reads_here(xgboost_version(file.pickle))


def _refusal(unreadable: Sequence[Examined], command: str) -> str:
    first, *others = unreadable
    files = first.where
    if others:
        files += f" (and {len(others)} more files)"
    made_with = f"scikit-learn {_newest(first.versions)}, which scikit-learn {installed_sklearn() or 'none'}"
    if all(map(is_readable, first.versions)):
        made_with = f"XGBoost {xgboost_version(first.pickle)}, which XGBoost {installed_xgboost()}"
    return (
        f"{files} was made with {made_with}, the one installed here, cannot read; it was not opened. "
        f"Run: {command or 'vaticina import FILE --name NAME'} --isolated"
    )


def _foreign_interpreter(
    examined: Mapping[str, Examined], isolation: Isolation, allow: frozenset[str]
) -> ForeignInterpreter:
    """The interpreter that reads all of the files. Raises ImportRefused and MissingExtra."""
    names: set[str] = set()
    versions: set[str] = set()
    pickles: dict[str, bytes] = {}
    for name, file in examined.items():
        names.update(file.names)
        versions.update(file.versions)
        pickles[name] = file.pickle
    xgboost = xgboost_version(b"".join(pickles.values()))
    spec = environment_spec(
        _newest(versions or {sklearn_beside(xgboost) or installed_sklearn() or ""}),
        names,
        isolation.python,
        isolation.more,
        fitted_to_table=any(file.fitted_to_table for file in examined.values()),
        xgboost=xgboost,
    )
    environment = isolation.make_environment(spec, isolation.cache / "environments", isolation.roots)
    return ForeignInterpreter(pickles, environment, exported_allowlist(allow))


def _newest(versions: frozenset[str] | set[str]) -> str:
    """The newest of ``versions``: it reads what an older one wrote sooner than the other way round."""
    return max(versions, key=_release_numbers)


def _release_numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]
