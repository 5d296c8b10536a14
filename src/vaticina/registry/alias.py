"""Aliases: names such as ``production`` that point to a version. Each is an append-only log of who moved it where."""

import uuid
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Param

from vaticina.errors import AliasConflict, BundleCorrupt, VersionNotFound
from vaticina.registry.names import NAME, check_alias, check_project
from vaticina.registry.store import Store

WITHDRAWN = ""
"""The ``version`` of an entry after which the alias points to no version."""


class AliasEntry(BaseModel):
    """One move of an alias, as its log keeps it. ``number`` counts from 1."""

    model_config = ConfigDict(frozen=True)

    number: int = Param(ge=1)
    version: str
    """Where the alias points from now on, or ``WITHDRAWN``."""
    time: datetime
    by: str = ""
    note: str = ""
    restores: int | None = None
    """In a rollback: the number of the entry whose version it restored."""
    mark: str = ""
    """A random text, by which a writer knows its own entry even when the store's answer was lost."""

    @property
    def position(self) -> int:
        """The number of this entry; of a rollback, that of the entry it restored."""
        return self.restores or self.number


class Aliases:
    """The aliases of all projects in one store: ``{project}/aliases/{alias}/{number:08}.json``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last_numbers: dict[tuple[str, str], int] = {}

    def names(self, project: str) -> list[str]:
        """The aliases that were ever set, sorted. Raises RegistryError."""
        check_project(project)
        names: set[str] = set()
        for key in self._store.keys(f"{project}/aliases"):
            parts = key.split("/")
            if len(parts) == 4 and NAME.fullmatch(parts[2]):
                names.add(parts[2])
        return sorted(names)

    def head(self, project: str, alias: str) -> AliasEntry | None:
        """The last entry, None when the alias was never set. Raises RegistryError and BundleCorrupt.

        Entries are never removed, so a follower that has read one asks for the next alone. That costs less than a list.
        """
        entry = self._last_read(project, alias) or self._last_listed(project, alias)
        while entry and (later := self._read(project, alias, entry.number + 1)):
            entry = later
        if entry:
            self._last_numbers[project, alias] = entry.number
        return entry

    def log(self, project: str, alias: str) -> list[AliasEntry]:
        """All entries, oldest first. Raises RegistryError and BundleCorrupt."""
        entries: list[AliasEntry] = []
        head = self.head(project, alias)
        if head is None:
            return entries
        for number in range(1, head.number + 1):
            entry = self._read(project, alias, number)
            if entry:
                entries.append(entry)
        return entries

    def append(self, project: str, alias: str, head: AliasEntry | None, **move: object) -> AliasEntry:
        """Writes the entry after ``head`` with the fields ``move``.

        Raises AliasConflict when somebody else wrote that number, and RegistryError.
        """
        number = head.number + 1 if head else 1
        fields = {**move, "number": number, "time": datetime.now(UTC), "mark": uuid.uuid4().hex}
        entry = AliasEntry.model_validate(fields)
        if not self._store.create(_key(project, alias, number), entry.model_dump_json(indent=2).encode()):
            winner = self._read(project, alias, number)
            if winner is None or winner.mark != entry.mark:
                raise AliasConflict(conflict_message(project, alias, winner))
        return entry

    def _last_read(self, project: str, alias: str) -> AliasEntry | None:
        """The entry that this process read last, if the store still has it."""
        number = self._last_numbers.get((project, alias))
        return self._read(project, alias, number) if number else None

    def _last_listed(self, project: str, alias: str) -> AliasEntry | None:
        """The entry with the highest number among the keys in the store."""
        check_project(project)
        check_alias(alias)
        last = 0
        for key in self._store.keys(f"{project}/aliases/{alias}"):
            name, _, extension = key.rpartition("/")[2].rpartition(".")
            if extension == "json" and name.isdecimal():
                last = max(last, int(name))
        return self._read(project, alias, last) if last else None

    def _read(self, project: str, alias: str, number: int) -> AliasEntry | None:
        key = _key(project, alias, number)
        data = self._store.get(key)
        if data is None:
            return None
        try:
            return AliasEntry.model_validate_json(data)
        except ValidationError:
            raise BundleCorrupt(
                f"{key} in the store {self._store.name} is not an entry of an alias: it was changed; "
                "restore it from a copy."
            ) from None


def conflict_message(project: str, alias: str, winner: AliasEntry | None) -> str:
    """The message for the caller whose move of ``alias`` came after that of ``winner``."""
    if winner is None:
        return (
            f"{alias} of {project} was moved by somebody else at the same moment; look where it points and try again."
        )
    return (
        f"{alias} of {project} was moved to {winner.version} by {winner.by or 'somebody else'} at "
        f"{winner.time:%Y-%m-%dT%H:%M:%SZ}; look where it points and try again."
    )


def rollback_target(log: list[AliasEntry], project: str, alias: str) -> AliasEntry:
    """The entry to go back to: the last one before the head's position that names another version.

    A rollback has the position of the entry it restored, so a second rollback goes further back instead of forth again.

    Raises:
        VersionNotFound: there is none.
    """
    if not log:
        raise VersionNotFound(f"{project} has no alias {alias}; promote a version first.")
    head = log[-1]
    for entry in reversed(log):
        if entry.number < head.position and entry.version not in (head.version, WITHDRAWN):
            return entry
    raise VersionNotFound(f"{alias} of {project} never named another version before {head.version}.")


def _key(project: str, alias: str, number: int) -> str:
    return f"{project}/aliases/{alias}/{number:08}.json"
