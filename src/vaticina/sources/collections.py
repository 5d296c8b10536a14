"""What every database of collections offers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

Document = Mapping[str, Any]
"""``{"timestamp": ISO 8601 text or datetime, "value": number, …}``; any field may be missing or of another type."""

BATCH = 5_000
"""Documents in a batch, unless somebody says otherwise."""


class ServerInfo(NamedTuple):
    """Who answered: the database's name and the version of its server."""

    database: str
    version: str


class CollectionInfo(NamedTuple):
    """A collection: how many documents, one of them as JSON, and the first and last moment as UTC ISO texts."""

    documents: int
    sample: dict[str, Any] | None
    start: str | None
    end: str | None


class Collections(Protocol):
    """Collections of documents. One event loop uses it; every method may raise CollectionsUnavailable."""

    name: str
    """What messages call it; no secret is in it."""

    batch: int
    """Documents that are in memory at once while a collection is read."""

    async def ping(self) -> ServerInfo:
        """Asks whether the database answers, for a few seconds at most."""
        ...

    async def names(self) -> list[str]:
        """The collections, sorted."""
        ...

    async def info(self, collection: str) -> CollectionInfo:
        """About ``collection``; one that does not exist has no documents."""
        ...

    async def sample(self, collection: str, limit: int) -> list[dict[str, Any]]:
        """The newest ``limit`` documents, newest first, as JSON: ids as texts, moments as UTC ISO texts."""
        ...

    def read(
        self, collection: str, fields: Sequence[str], limit: int | None = None
    ) -> AsyncIterator[Sequence[Document]]:
        """Documents with at least ``fields``, in batches that fit in memory.

        With ``limit`` the newest ``limit`` documents, newest first; else all of them in any order.
        """
        ...

    async def insert(self, collection: str, documents: Sequence[Document]) -> int:
        """Adds ``documents``, whose moments are ISO texts or datetimes; returns how many."""
        ...

    async def close(self) -> None:
        """Lets go of every connection."""
        ...
