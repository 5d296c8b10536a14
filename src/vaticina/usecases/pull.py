"""A project's models, brought from its bucket into its registry."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vaticina.contract import Project
from vaticina.errors import ImportRefused, ProjectError, RegistryError
from vaticina.formats.cluster_set.files import belongs, fingerprint, is_whole
from vaticina.registry.store import Store
from vaticina.usecases.bucket_mirror import Mirror

if sys.platform != "win32":
    import fcntl

PULLED = "pulled.json"
"""The file of a project's state that tells which version each set of files became."""

Take = Callable[[dict[str, bytes]], str]
"""Imports a set of files (name -> bytes), publishes and promotes it, and gives the version."""

Find = Callable[[str, str | None], str | None]
"""The version that holds the set with a fingerprint, if the registry still has it; told what was noted here."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """``version`` is what the files are, ``new`` whether it was made now; ``warning`` why the bucket was not asked."""

    version: str
    new: bool
    warning: str = ""


def open_mirror(project: Project) -> Mirror:
    """The mirror of the project's bucket. Raises ProjectError when it names none."""
    url = project.imports.bucket
    if url is None:
        raise ProjectError(
            f'{project.folder / "project.toml"}: [import] models names no bucket; write models = "s3://BUCKET/FOLDER/".'
        )
    return Mirror(Store(url), Path(project.imports.local).expanduser(), belongs)


def pull(mirror: Mirror, state: Path, take: Take, find: Find, present: bool = False) -> Pulled:
    """The version of the bucket's files as they are now, imported unless it was before.

    With ``present``, a set that is whole on this machine is taken as it is; the bucket is asked when it is not.

    Raises:
        SettingsError: the folder on this machine is not this user's alone.
        RegistryError: the bucket does not answer, and no whole set is here.
        ImportRefused, PickleRefused, MissingExtra: the set cannot be imported.
    """
    with _alone(state):
        here = mirror.files()
        if present and is_whole(here):
            return _taken(state, here, take, find)
        warning = ""
        try:
            mirror.refresh()
        except RegistryError as error:
            if type(error) is not RegistryError or not is_whole(here):
                raise
            warning = f"{error.message} The files on this machine are used."
        pulled = _taken(state, mirror.files(), take, find)
        return Pulled(pulled.version, pulled.new, warning)


def _taken(state: Path, files: dict[str, bytes], take: Take, find: Find) -> Pulled:
    known, mark = _known(state), fingerprint(files)
    found = find(mark, known.get(mark))
    if found is not None:
        return Pulled(found, new=False)
    version = take(files)
    (state / PULLED).write_text(json.dumps({**known, mark: version}, indent=1), encoding="utf-8")
    return Pulled(version, new=True)


def _known(state: Path) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((state / PULLED).read_bytes())
    except (OSError, ValueError):
        return {}
    return found


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """One puller at a time; another waits. Raises ImportRefused where the state's folder cannot be written."""
    try:
        state.mkdir(parents=True, exist_ok=True)
        handle = os.open(state / ".pull", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise ImportRefused(f"{state} cannot be written: {error.strerror}.") from None
    try:
        if sys.platform != "win32":
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
