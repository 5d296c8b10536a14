"""Collections in a SQLite file, for projects without MongoDB."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import URL, Connection, Index, create_engine, event, func, insert, select, tuple_
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vaticina.errors import CollectionsUnavailable
from vaticina.sources.collections import BATCH, CollectionInfo, Document, ServerInfo
from vaticina.sources.document_time import NO_TIME, iso_text, microseconds, to_json, utc_datetime

Result = TypeVar("Result")

LOCK_TIMEOUT = 30.0
"""Seconds that a writer waits for another one."""


class CollectionTables(DeclarativeBase):
    """The base class of the file's tables."""


class DocumentRow(CollectionTables):
    """A document of a collection. ``moment`` is its time in microseconds since 1970, ``NO_TIME`` without one."""

    __tablename__ = "documents"
    __table_args__ = (Index("documents_by_moment", "collection", "moment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection: Mapped[str]
    moment: Mapped[int]
    document: Mapped[str]


class EmbeddedCollections:
    """Collections in one SQLite file. ``time`` names the field with a document's time. Several processes may use it."""

    def __init__(self, file: Path, time: str, zone: tzinfo) -> None:
        self.name = f"the embedded database {file}"
        self.batch = BATCH
        self._file = file
        self._time = time
        self._zone = zone
        self._has_tables = False
        self._engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": LOCK_TIMEOUT})
        event.listen(self._engine, "connect", _prepare)

    async def ping(self) -> ServerInfo:
        """Reads a row of the file. Raises CollectionsUnavailable."""
        await self._run(lambda connection: connection.execute(select(DocumentRow.id).limit(1)).first())
        return ServerInfo(self._file.name, f"SQLite {sqlite3.sqlite_version}")

    async def names(self) -> list[str]:
        """The names of the collections, sorted. Raises CollectionsUnavailable."""
        query = select(DocumentRow.collection).distinct().order_by(DocumentRow.collection)
        return await self._run(lambda connection: list(connection.execute(query).scalars()))

    async def info(self, collection: str) -> CollectionInfo:
        """About ``collection``. Raises CollectionsUnavailable."""
        return await self._run(partial(_information, collection))

    async def sample(self, collection: str, limit: int) -> list[dict[str, Any]]:
        """The newest documents, as JSON. Raises CollectionsUnavailable."""
        rows = await self._run(partial(_page, collection, None, limit))
        return _documents(rows)

    async def read(
        self,
        collection: str,
        fields: Sequence[str],  # noqa: ARG002 -- all fields are there
        limit: int | None = None,
    ) -> AsyncIterator[Sequence[Document]]:
        """Batches of documents with all their fields, newest first. Raises CollectionsUnavailable."""
        remaining = sys.maxsize if limit is None else limit
        after: tuple[int, int] | None = None
        while remaining > 0:
            rows = await self._run(partial(_page, collection, after, min(self.batch, remaining)))
            if not rows:
                return
            yield _documents(rows)
            after = rows[-1].moment, rows[-1].id
            remaining -= len(rows)

    async def insert(self, collection: str, documents: Sequence[Document]) -> int:
        """Adds ``documents`` in one transaction. Raises CollectionsUnavailable."""
        rows = [
            {"collection": collection, "moment": self._moment(document), "document": _text(document)}
            for document in documents
        ]
        if rows:
            await self._run(partial(_insert, rows))
        return len(rows)

    async def close(self) -> None:
        """Closes every connection."""
        await asyncio.to_thread(self._engine.dispose)

    async def _run(self, query: Callable[[Connection], Result]) -> Result:
        """The result of ``query``, which runs on a thread, in a transaction of its own."""
        return await asyncio.to_thread(self._run_here, query)

    def _run_here(self, query: Callable[[Connection], Result]) -> Result:
        with self._explained_errors(), self._engine.begin() as connection:
            if not self._has_tables:
                CollectionTables.metadata.create_all(connection)
                self._has_tables = True
            return query(connection)

    @contextmanager
    def _explained_errors(self) -> Iterator[None]:
        """Turns the errors of the database and the file system into CollectionsUnavailable."""
        try:
            if not self._has_tables:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            yield
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error)
            raise CollectionsUnavailable(f"The collections in {self._file} cannot be used: {reason}.") from error

    def _moment(self, document: Document) -> int:
        moment = microseconds(document.get(self._time), self._zone)
        if moment is None:
            return NO_TIME
        return moment


def open_embedded(file: Path, time: str = "timestamp", zone: tzinfo = UTC) -> EmbeddedCollections:
    """The collections in ``file``, which is created when it is first used."""
    return EmbeddedCollections(file, time, zone)


def _prepare(connection: Any, _: object) -> None:
    """Lets a writer and readers use the file at the same time."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _page(collection: str, after: tuple[int, int] | None, limit: int, connection: Connection) -> Sequence[Any]:
    """The next ``limit`` rows, newest first, that follow the row with the moment and the id ``after``."""
    query = select(DocumentRow.id, DocumentRow.moment, DocumentRow.document).where(DocumentRow.collection == collection)
    if after is not None:
        query = query.where(tuple_(DocumentRow.moment, DocumentRow.id) < after)
    return connection.execute(query.order_by(DocumentRow.moment.desc(), DocumentRow.id.desc()).limit(limit)).all()


def _insert(rows: Sequence[dict[str, Any]], connection: Connection) -> None:
    connection.execute(insert(DocumentRow), rows)


def _information(collection: str, connection: Connection) -> CollectionInfo:
    in_collection = DocumentRow.collection == collection
    count = connection.execute(select(func.count()).where(in_collection)).scalar_one()
    ends = select(func.min(DocumentRow.moment), func.max(DocumentRow.moment))
    ends = ends.where(in_collection, DocumentRow.moment != NO_TIME)
    start, end = connection.execute(ends).one()
    first = select(DocumentRow.id, DocumentRow.document).where(in_collection).order_by(DocumentRow.id).limit(1)
    row = connection.execute(first).first()
    return CollectionInfo(count, _document(row.id, row.document) if row else None, _time_text(start), _time_text(end))


def _time_text(moment: int | None) -> str | None:
    return None if moment is None else iso_text(utc_datetime(moment))


def _documents(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [_document(row.id, row.document) for row in rows]


def _document(number: int, text: str) -> dict[str, Any]:
    return {"_id": str(number), **orjson.loads(text)}


def _text(document: Document) -> str:
    return orjson.dumps(to_json(dict(document))).decode()
