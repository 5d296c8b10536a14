"""Aliases: names like ``production`` that point to a version, each an append-only log of who moved it where."""

import uuid
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Param

from vaticina.errors import AliasConflict, BundleCorrupt, VersionNotFound
from vaticina.registry.names import NAME, check_alias, check_project
from vaticina.registry.store import Store

WITHDRAWN = ""
"""Stands in an entry where a version would."""


class AliasEntry(BaseModel):
    """One move of an alias. ``number`` counts from 1."""

    model_config = ConfigDict(frozen=True)

    number: int = Param(ge=1)
    version: str
    """``WITHDRAWN`` when the alias names nothing any more."""
    time: datetime
    by: str = ""
    note: str = ""
    restores: int | None = None
    """The number of the entry that a rollback went back to."""
    mark: str = ""
    """Chance, so that a writer knows its own entry even when the store's answer was lost."""

    @property
    def place(self) -> int:
        """Where in the log this entry puts the alias."""
        return self.restores or self.number


class Aliases:
    """The aliases of all projects in one store: ``{project}/aliases/{alias}/{number:08}.json``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], int] = {}

    def names(self, project: str) -> list[str]:
        """The aliases that were ever set, sorted. Raises RegistryError."""
        check_project(project)
        found = {key.split("/")[2] for key in self._store.keys(f"{project}/aliases") if key.count("/") == 3}
        return sorted(filter(NAME.fullmatch, found))

    def head(self, project: str, alias: str) -> AliasEntry | None:
        """The last entry, None when the alias was never set. Raises RegistryError and BundleCorrupt.

        Entries are never removed, so a follower that knows one asks for the next alone, which is cheaper than a list.
        """
        known = self._known.get((project, alias))
        entry = self._read(project, alias, known) if known else None
        if entry is None and (last := self._last_number(project, alias)):
            entry = self._read(project, alias, last)
        while entry and (later := self._read(project, alias, entry.number + 1)):
            entry = later
        if entry:
            self._known[project, alias] = entry.number
        return entry

    def log(self, project: str, alias: str) -> list[AliasEntry]:
        """All entries, oldest first. Raises RegistryError and BundleCorrupt."""
        head = self.head(project, alias)
        numbers = range(1, head.number + 1) if head else ()
        found = [self._read(project, alias, number) for number in numbers]
        return [entry for entry in found if entry]

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

    def _last_number(self, project: str, alias: str) -> int:
        check_project(project)
        check_alias(alias)
        keys = self._store.keys(f"{project}/aliases/{alias}")
        names = [key.rpartition("/")[2].removesuffix(".json") for key in keys if key.endswith(".json")]
        return max((int(name) for name in names if name.isdecimal()), default=0)

    def _read(self, project: str, alias: str, number: int) -> AliasEntry | None:
        key = _key(project, alias, number)
        data = self._store.get(key)
        try:
            return AliasEntry.model_validate_json(data) if data is not None else None
        except ValidationError:
            raise BundleCorrupt(
                f"{key} in the store {self._store.name} was changed: it is no alias entry; restore it from a copy."
            ) from None


def conflict_message(project: str, alias: str, winner: AliasEntry | None) -> str:
    """The message for who lost a race for ``alias``."""
    if winner is None:
        return f"{alias} of {project} was moved by somebody else at the same moment; look at it and try again."
    who = winner.by or "somebody else"
    return f"{alias} of {project} was moved to {winner.version} by {who} at {winner.time:%Y-%m-%dT%H:%M:%SZ}; " + (
        "look at it and try again."
    )


def rollback_target(log: list[AliasEntry], project: str, alias: str) -> AliasEntry:
    """The entry to go back to: the last one before the head's place that names another version.

    A rollback's place is the entry it restored, so that a second rollback goes further back and not forth again.

    Raises:
        VersionNotFound: there is none.
    """
    if not log:
        raise VersionNotFound(f"{project} has no alias {alias}; promote a version first.")
    head = log[-1]
    earlier = [entry for entry in log if entry.number < head.place and entry.version not in (head.version, WITHDRAWN)]
    if not earlier:
        raise VersionNotFound(f"{alias} of {project} never named another version before {head.version}.")
    return earlier[-1]


def _key(project: str, alias: str, number: int) -> str:
    return f"{project}/aliases/{alias}/{number:08}.json"
