"""Collections in a SQLite file: what a project without a MongoDB trains on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import URL, Connection, Index, create_engine, event, func, insert, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vaticina.errors import CollectionsUnavailable
from vaticina.sources.collections import BATCH, CollectionInfo, Document, ServerInfo
from vaticina.sources.document_time import NEVER, at, microseconds, to_json

Result = TypeVar("Result")

BUSY = 30.0
"""Seconds that a writer waits for another one."""


class CollectionTables(DeclarativeBase):
    """The file's tables."""


class DocumentRow(CollectionTables):
    """A document of a collection; ``moment`` is in microseconds since 1970, ``NEVER`` when it has none."""

    __tablename__ = "documents"
    __table_args__ = (Index("documents_by_moment", "collection", "moment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection: Mapped[str]
    moment: Mapped[int]
    document: Mapped[str]


class EmbeddedCollections:
    """Collections in one file; ``time`` is the field that holds a document's moment. Other processes may use it too."""

    def __init__(self, file: Path, time: str, zone: tzinfo) -> None:
        self.name = f"the embedded database {file}"
        self.batch = BATCH
        self._file = file
        self._time = time
        self._zone = zone
        self._is_made = False
        self._engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": BUSY})
        event.listen(self._engine, "connect", _prepare)

    async def ping(self) -> ServerInfo:
        """Asks the file for a row. Raises CollectionsUnavailable."""
        await self._asked(lambda connection: connection.execute(select(DocumentRow.id).limit(1)).first())
        return ServerInfo(self._file.name, f"SQLite {sqlite3.sqlite_version}")

    async def names(self) -> list[str]:
        """The collections, sorted. Raises CollectionsUnavailable."""
        query = select(DocumentRow.collection).distinct().order_by(DocumentRow.collection)
        return await self._asked(lambda connection: list(connection.execute(query).scalars()))

    async def info(self, collection: str) -> CollectionInfo:
        """About ``collection``. Raises CollectionsUnavailable."""
        return await self._asked(lambda connection: _information(connection, collection))

    async def sample(self, collection: str, limit: int) -> list[dict[str, Any]]:
        """The newest documents, as JSON. Raises CollectionsUnavailable."""
        rows = await self._asked(lambda connection: _page(connection, collection, None, limit))
        return [_document(row.id, row.document) for row in rows]

    async def read(
        self,
        collection: str,
        fields: Sequence[str],  # noqa: ARG002 -- all fields are there
        limit: int | None = None,
    ) -> AsyncIterator[Sequence[Document]]:
        """Documents in batches, newest first; ``fields`` are there with all the others.

        Raises CollectionsUnavailable.
        """
        left = limit
        after: tuple[int, int] | None = None
        while left is None or left > 0:
            rows = await self._asked(_pager(collection, after, self.batch if left is None else min(self.batch, left)))
            if not rows:
                return
            yield [_document(row.id, row.document) for row in rows]
            after = rows[-1].moment, rows[-1].id
            left = left if left is None else left - len(rows)

    async def insert(self, collection: str, documents: Sequence[Document]) -> int:
        """Adds ``documents`` in one transaction. Raises CollectionsUnavailable."""
        rows = [
            {"collection": collection, "moment": self._moment(document), "document": _text(document)}
            for document in documents
        ]
        if rows:
            await self._asked(lambda connection: connection.execute(insert(DocumentRow), rows) and None)
        return len(rows)

    async def close(self) -> None:
        """Closes every connection."""
        await asyncio.to_thread(self._engine.dispose)

    async def _asked(self, question: Callable[[Connection], Result]) -> Result:
        """``question`` answered on a thread, in a transaction of its own."""
        return await asyncio.to_thread(self._answer, question)

    def _answer(self, question: Callable[[Connection], Result]) -> Result:
        with self._told(), self._engine.begin() as connection:
            if not self._is_made:
                CollectionTables.metadata.create_all(connection)
                self._is_made = True
            return question(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            if not self._is_made:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            yield
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error)
            raise CollectionsUnavailable(f"The collections in {self._file} cannot be used: {reason}.") from error

    def _moment(self, document: Document) -> int:
        found = microseconds(document.get(self._time), self._zone)
        return NEVER if found is None else found


def open_embedded(file: Path, time: str = "timestamp", zone: tzinfo = UTC) -> EmbeddedCollections:
    """The collections in ``file``, which is made when it is first used."""
    return EmbeddedCollections(file, time, zone)


def _prepare(connection: Any, _: object) -> None:
    """Readers and one writer at a time, as the history has them."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _pager(collection: str, after: tuple[int, int] | None, limit: int) -> Callable[[Connection], Sequence[Any]]:
    return lambda connection: _page(connection, collection, after, limit)


def _page(connection: Connection, collection: str, after: tuple[int, int] | None, limit: int) -> Sequence[Any]:
    """Up to ``limit`` rows behind the moment and id ``after``, newest first."""
    query = select(DocumentRow.id, DocumentRow.moment, DocumentRow.document).where(DocumentRow.collection == collection)
    if after is not None:
        query = query.where(tuple_(DocumentRow.moment, DocumentRow.id) < after)
    return connection.execute(query.order_by(DocumentRow.moment.desc(), DocumentRow.id.desc()).limit(limit)).all()


def _information(connection: Connection, collection: str) -> CollectionInfo:
    mine = DocumentRow.collection == collection
    count = connection.execute(select(func.count()).where(mine)).scalar_one()
    ends = connection.execute(
        select(func.min(DocumentRow.moment), func.max(DocumentRow.moment)).where(mine, DocumentRow.moment != NEVER)
    ).one()
    first = connection.execute(
        select(DocumentRow.id, DocumentRow.document).where(mine).order_by(DocumentRow.id).limit(1)
    ).first()
    moments = [None if moment is None else at(moment) for moment in ends]
    return CollectionInfo(count, _document(first.id, first.document) if first else None, *moments)


def _document(number: int, text: str) -> dict[str, Any]:
    return {"_id": str(number), **orjson.loads(text)}


def _text(document: Document) -> str:
    return orjson.dumps(to_json(dict(document))).decode()
