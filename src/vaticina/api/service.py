"""A service: one project as the API sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from vaticina.contract import Project, Record
from vaticina.serving.engine import Engine
from vaticina.serving.follower import Follower


class Stored(Protocol):
    """A kept prediction with its place in the history."""

    @property
    def seq(self) -> int:
        """Its number: newer predictions have larger ones."""
        ...

    @property
    def record(self) -> Record:
        """What was kept."""
        ...


class Stats(Protocol):
    """Counts over the whole history of a project."""

    @property
    def total(self) -> int:
        """All predictions."""
        ...

    @property
    def by_label(self) -> Mapping[str, int]:
        """Predictions per label."""
        ...

    @property
    def last(self) -> "list[Any]":
        """The newest five."""
        ...

    @property
    def last_time(self) -> datetime | None:
        """When the newest was made."""
        ...


class Archive(Protocol):
    """The history, to read."""

    def page(
        self,
        project: str,
        *,
        before: int | None = None,
        limit: int = 100,
        since: datetime | None = None,
        until: datetime | None = None,
        label: str | None = None,
    ) -> "list[Any]":
        """Newest first, below ``before``."""
        ...

    def stats(self, project: str) -> Any:
        """Counts and the newest."""
        ...

    def find(self, project: str, uid: str) -> Any:
        """One prediction, or None."""
        ...

    def total(self, project: str) -> int:
        """How many there are."""
        ...

    def ping(self) -> None:
        """Raises HistoryUnavailable."""
        ...

    def close(self) -> None:
        """Lets the connections go."""
        ...


@dataclass(slots=True)
class Service:
    """Everything that answers for one project."""

    project: Project
    engine: Engine
    follower: Follower
    archive: Archive
    prefix: str = ""

    @property
    def records(self) -> bool:
        """Whether answering needs the history's database."""
        return self.project.history.durability in ("commit", "sync")
