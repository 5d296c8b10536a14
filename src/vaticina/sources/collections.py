"""The protocol of a database that holds collections of documents."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

Document = Mapping[str, Any]
"""``{"timestamp": ISO 8601 text or datetime, "value": number, …}``; any field may be missing or of another type."""

BATCH = 5_000
"""How many documents are read at once by default."""


class ServerInfo(NamedTuple):
    """The name of the database that answered a ping, and the version of its server."""

    database: str
    version: str


class CollectionInfo(NamedTuple):
    """About a collection: the number of documents, one of them as JSON, and the first and last time (UTC, ISO 8601)."""

    documents: int
    sample: dict[str, Any] | None
    start: str | None
    end: str | None


class Collections(Protocol):
    """Collections of documents, for use in one event loop. Every method may raise CollectionsUnavailable."""

    name: str
    """The name of the database in messages, without secrets."""

    batch: int
    """How many documents are in memory at once while a collection is read."""

    async def ping(self) -> ServerInfo:
        """Returns when the database answers, within a few seconds."""
        ...

    async def names(self) -> list[str]:
        """The names of the collections, sorted."""
        ...

    async def info(self, collection: str) -> CollectionInfo:
        """About ``collection``; one that does not exist has no documents."""
        ...

    async def sample(self, collection: str, limit: int) -> list[dict[str, Any]]:
        """The newest ``limit`` documents, newest first, as JSON: ids as texts, times as ISO 8601 texts in UTC."""
        ...

    def read(
        self, collection: str, fields: Sequence[str], limit: int | None = None
    ) -> AsyncIterator[Sequence[Document]]:
        """Batches of at most ``batch`` documents, each with at least ``fields``.

        With ``limit``, the newest ``limit`` documents, newest first; without it, all documents in any order.
        """
        ...

    async def insert(self, collection: str, documents: Sequence[Document]) -> int:
        """Adds ``documents``, whose times are ISO 8601 texts or datetimes; returns how many."""
        ...

    async def close(self) -> None:
        """Closes every connection."""
        ...
