"""A bucket's files, kept in a folder of this machine."""

import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from vaticina.errors import ImportRefused, RegistryError, SettingsError
from vaticina.formats import find_source, select_names
from vaticina.formats.source import Source, is_hidden
from vaticina.registry.store import StoredObject, StoreListing

NOTES = ".vaticina.json"
"""The file beside them that tells where they come from, and which version of each is here."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What a mirror's folder was filled with: the bucket's name, and the etag of each object by its name.

    ``selected`` are the names of the model's files, in the order in which a row passes them.
    """

    source: str
    etags: Mapping[str, str] = field(default_factory=dict)
    selected: Sequence[str] = ()

    def written(self) -> bytes:
        """The bytes of the file ``NOTES``."""
        return json.dumps(asdict(self), indent=1).encode()


class Bucket(Protocol):
    """The part of a store that a mirror needs."""

    name: str

    def top(self) -> StoreListing:
        """The objects and folders at its top. Raises RegistryError."""
        ...

    def items(self, folder: str) -> dict[str, StoredObject]:
        """All objects in a folder and below it, by their names from the top. Raises RegistryError."""
        ...

    def get(self, key: str) -> bytes | None:
        """The bytes of one. Raises RegistryError."""
        ...


class BucketMirror:
    """Those files of ``bucket`` that together are one model, in ``folder``, which is nobody else's.

    A file that is there is not fetched again unless the bucket's own has changed since it was. Files that are replaced
    one by one would make a set of old and new ones: after a change the bucket is listed again every ``settle`` seconds,
    until no more follows.
    """

    def __init__(self, bucket: Bucket, folder: Path, settle: float = 3.0) -> None:
        self.folder = folder
        self._bucket = bucket
        self._settle = settle

    def check_private(self) -> None:
        """Raises SettingsError unless the folder is this user's alone."""
        check_private(self.folder)

    def source(self) -> Source:
        """The model in the folder: the files last selected in the bucket, else what lies there. Raises ImportRefused.

        Raises SettingsError when the folder holds the files of another bucket.
        """
        files = [self.folder / name for name in self._notes().selected]
        if files and all(file.is_file() for file in files):
            return Source(self.folder, tuple(files))
        return find_source(self.folder)

    def refresh(self) -> list[str]:
        """Fetches what is not here or has changed there, and gives those names.

        A part of the model that the bucket no longer has is kept: a set is never left incomplete by a deletion.

        Raises:
            SettingsError: the folder is not this user's alone, or holds the files of another bucket.
            RegistryError: the bucket does not answer.
            ImportRefused: it holds no model, or more than one.
        """
        check_private(self.folder)
        notes = self._notes()
        fetched = changed = self._fetch_changed(notes)
        while notes.etags and changed:
            time.sleep(self._settle)
            changed = self._fetch_changed(self._notes())
            fetched = sorted({*fetched, *changed})
        return fetched

    def _fetch_changed(self, notes: Notes) -> list[str]:
        objects = self._listed()
        changed = [name for name, stored in objects.items() if self._is_other(name, stored, notes.etags.get(name))]
        for name in changed:
            self._fetch(name)
        selected = list(objects)
        if set(selected) < set(notes.selected):
            selected = list(notes.selected)
        etags = {name: stored.etag for name, stored in objects.items()}
        _write(self.folder / NOTES, Notes(self._bucket.name, etags, selected).written())
        return changed

    def _listed(self) -> dict[str, StoredObject]:
        """The bucket's objects that together are one model. Raises ImportRefused and RegistryError."""
        top = self._bucket.top()
        names = [name for name in sorted([*top.objects, *top.folders]) if not is_hidden(name)]
        objects: dict[str, StoredObject] = {}
        for name in select_names(names, self._bucket.name):
            if name in top.objects:
                objects[name] = top.objects[name]
            else:
                objects.update(sorted(self._bucket.items(name).items()))
        return {name: stored for name, stored in objects.items() if not is_hidden(name)}

    def _is_other(self, name: str, stored: StoredObject, etag: str | None) -> bool:
        """Whether the bucket's file is another than the one here, whose ``etag`` was noted if it came from there."""
        path = self._path(name)
        if not path.is_file():
            return True
        if etag is None:
            return path.stat().st_size != stored.size
        return etag != stored.etag

    def _path(self, name: str) -> Path:
        """Where the object ``name`` is kept. Raises ImportRefused for a name that leads out of the folder."""
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise ImportRefused(f"{self._bucket.name} holds {name!r}, which leads out of a folder; rename that object.")
        return path

    def _fetch(self, name: str) -> None:
        data = self._bucket.get(name)
        if data is None:
            raise RegistryError(f"{name} is no longer in {self._bucket.name}; put it back, or try again.")
        path = self._path(name)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, data)
        except OSError as error:
            raise SettingsError(
                f"{path} cannot be written: {error.strerror}; remove what stands there, or name another folder with "
                "[import] local."
            ) from None

    def _notes(self) -> Notes:
        """What was noted at the last refresh. Raises SettingsError when the folder is another bucket's."""
        try:
            notes = json.loads((self.folder / NOTES).read_bytes())
        except (OSError, ValueError):
            return Notes(self._bucket.name)
        if notes.get("source") != self._bucket.name:
            raise SettingsError(
                f"{self.folder} holds the files of {notes.get('source')}, not of {self._bucket.name}; name another "
                "folder with [import] local, or remove this one."
            )
        return Notes(self._bucket.name, notes.get("etags", {}), notes.get("selected", []))


def check_private(folder: Path) -> None:
    """Makes ``folder`` if it is not there; a place like /tmp is everybody's, so one made by another is not used.

    Raises SettingsError unless it is a folder of this user that nobody else can enter or write.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise SettingsError(f"{folder} cannot be made: {error.strerror}; name another with [import] local.") from None
    if not stat.S_ISDIR(status.st_mode):
        raise SettingsError(f"{folder} is no folder; remove it, or name another with [import] local.")
    if os.name == "posix" and (status.st_uid != os.geteuid() or stat.S_IMODE(status.st_mode) & 0o077):
        raise SettingsError(
            f"{folder} may be entered by others (mode {stat.S_IMODE(status.st_mode):04o}, owner {status.st_uid}), who "
            f"could put their own model there; run: chmod 700 {folder} if it is yours, or name another with "
            "[import] local."
        )


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, for this user alone."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
