"""A bucket's files, kept in a folder of this machine."""

import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from vaticina.errors import ImportRefused, RegistryError, SettingsError
from vaticina.formats.source import may_hold_model
from vaticina.registry.store import StoredObject

NOTES = ".vaticina.json"
"""The file beside them that tells where they come from, and which version of each is here."""


class Bucket(Protocol):
    """The part of a store that a mirror needs."""

    name: str

    def items(self) -> dict[str, StoredObject]:
        """The objects there are. Raises RegistryError."""
        ...

    def get(self, key: str) -> bytes | None:
        """The bytes of one. Raises RegistryError."""
        ...


class BucketMirror:
    """Those files of ``bucket`` that may hold a model, in ``folder``, which is nobody else's.

    A file that is there is not fetched again unless the bucket's own has changed since it was. Files that are replaced
    one by one would make a set of old and new ones: after a change it is looked again every ``settle`` seconds, until
    no more follows.
    """

    def __init__(self, bucket: Bucket, folder: Path, settle: float = 3.0) -> None:
        self.folder = folder
        self._bucket = bucket
        self._settle = settle

    def check_private(self) -> None:
        """Raises SettingsError unless the folder is this user's alone."""
        check_private(self.folder)

    def refresh(self) -> list[str]:
        """Fetches what is not here or has changed there, and gives those names.

        A file that the bucket no longer has is kept: a set is never left incomplete by a deletion.

        Raises:
            SettingsError: the folder is not this user's alone, or holds the files of another bucket.
            RegistryError: the bucket does not answer, or holds no such file.
        """
        check_private(self.folder)
        known = self._notes()
        fetched = changed = self._fetch_changed(known)
        while known and changed:
            time.sleep(self._settle)
            changed = self._fetch_changed(self._notes())
            fetched = sorted({*fetched, *changed})
        return fetched

    def _fetch_changed(self, known: Mapping[str, str]) -> list[str]:
        items = {name: item for name, item in self._bucket.items().items() if may_hold_model(name)}
        if not items:
            raise ImportRefused(
                f"{self._bucket.name} holds no file of a model; check the bucket and the folder's name."
            )
        changed = [name for name, item in items.items() if self._is_other(name, item, known.get(name))]
        for name in changed:
            self._fetch(name)
        self._note({name: item.etag for name, item in items.items()})
        return changed

    def _is_other(self, name: str, item: StoredObject, etag: str | None) -> bool:
        """Whether the bucket's file is another than the one here, whose ``etag`` was noted if it came from there."""
        path = self.folder / name
        if not path.is_file():
            return True
        return path.stat().st_size != item.size if etag is None else etag != item.etag

    def _fetch(self, name: str) -> None:
        data = self._bucket.get(name)
        if data is None:
            raise RegistryError(f"{name} is no longer in {self._bucket.name}; put it back, or try again.")
        _write(self.folder / name, data)

    def _notes(self) -> Mapping[str, str]:
        try:
            notes = json.loads((self.folder / NOTES).read_bytes())
        except (OSError, ValueError):
            return {}
        if notes.get("source") != self._bucket.name:
            raise SettingsError(
                f"{self.folder} holds the files of {notes.get('source')}, not of {self._bucket.name}; name another "
                "folder with [import] local, or remove this one."
            )
        etags: dict[str, str] = notes.get("etags", {})
        return etags

    def _note(self, etags: Mapping[str, str]) -> None:
        notes = {"source": self._bucket.name, "etags": dict(etags)}
        _write(self.folder / NOTES, json.dumps(notes, indent=1).encode())


def check_private(folder: Path) -> None:
    """Makes ``folder`` if it is not there; a place like /tmp is everybody's, so one made by another is not used.

    Raises SettingsError unless it is a folder of this user that nobody else can enter or write.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise SettingsError(f"{folder} cannot be made: {error.strerror}; name another with [import] local.") from None
    if not stat.S_ISDIR(found.st_mode):
        raise SettingsError(f"{folder} is no folder; remove it, or name another with [import] local.")
    if os.name == "posix" and (found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077):
        raise SettingsError(
            f"{folder} may be entered by others (mode {stat.S_IMODE(found.st_mode):04o}, owner {found.st_uid}), who "
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
