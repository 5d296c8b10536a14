"""Collections in memory: the same behaviour without a database, for tests, trials and documentation."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, tzinfo
from itertools import count
from typing import Any

from vaticina.sources.collections import BATCH, Document, Information, Server
from vaticina.sources.document_time import NEVER, at, microseconds, plain


class MemoryCollections:
    """Collections until the process ends; ``time`` is the field that holds a document's moment."""

    name = "collections in memory"

    def __init__(self, time: str = "timestamp", zone: tzinfo = UTC) -> None:
        self.batch = BATCH
        self._time = time
        self._zone = zone
        self._kept: dict[str, list[Document]] = {}
        self._ids = count(1)

    async def ping(self) -> Server:
        """Memory is always there."""
        return Server("memory", "memory")

    async def names(self) -> list[str]:
        """The collections, sorted."""
        return sorted(self._kept)

    async def info(self, collection: str) -> Information:
        """About ``collection``."""
        found = self._kept.get(collection, [])
        moments = [moment for document in found if (moment := self._moment(document)) != NEVER]
        ends = (at(min(moments)), at(max(moments))) if moments else (None, None)
        return Information(len(found), plain(dict(found[0])) if found else None, *ends)

    async def sample(self, collection: str, limit: int) -> list[dict[str, Any]]:
        """The newest documents, as JSON."""
        return [plain(dict(document)) for document in self._newest(collection)[:limit]]

    async def read(
        self,
        collection: str,
        fields: Sequence[str],  # noqa: ARG002 -- all fields are there
        limit: int | None = None,
    ) -> AsyncIterator[Sequence[Document]]:
        """Documents in batches; ``fields`` are there with all the others."""
        found = self._newest(collection)[:limit]
        for start in range(0, len(found), self.batch):
            yield found[start : start + self.batch]

    async def insert(self, collection: str, documents: Sequence[Document]) -> int:
        """Adds ``documents``."""
        named = [{"_id": str(next(self._ids)), **document} for document in documents]
        if named:
            self._kept.setdefault(collection, []).extend(named)
        return len(named)

    async def close(self) -> None:
        """Keeps what it holds."""

    def _newest(self, collection: str) -> list[Document]:
        return sorted(self._kept.get(collection, []), key=self._moment, reverse=True)

    def _moment(self, document: Document) -> int:
        found = microseconds(document.get(self._time), self._zone)
        return NEVER if found is None else found
