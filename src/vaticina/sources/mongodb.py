"""Collections in MongoDB, through PyMongo's own asynchronous client."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bson import Decimal128
from pymongo import ASCENDING, DESCENDING, AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, ConnectionFailure, InvalidName, OperationFailure, PyMongoError

from vaticina.errors import CollectionsUnavailable, NotFound, SettingsError
from vaticina.sources.collections import BATCH, CollectionInfo, Document, ServerInfo
from vaticina.sources.document_time import at, microseconds, to_json

OPTIONS: Mapping[str, Any] = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 20_000,
    "waitQueueTimeoutMS": 5_000,
    "maxPoolSize": 10,
    "minPoolSize": 0,
    "appname": "vaticina",
}
"""Time-outs and limits of the pool; what MONGODB_URL itself says goes before them."""

PING = 3.0
"""Seconds that a ping waits in all."""

REFUSED = {13: "the user may not do this", 18: "the user or the password is wrong"}
"""What MongoDB's codes of refusal mean."""

ADVICE = "check MONGODB_URL, that the server runs, and that its access list holds the address of this machine"

Documents = AsyncCollection[dict[str, Any]]


class MongoCollections:
    """The collections of one database; ``time`` is the field that holds a document's moment."""

    def __init__(self, url: str, database: str, time: str, zone: tzinfo) -> None:
        self.name = f"the MongoDB database {database}"
        self.batch = BATCH
        self._url = url
        self._database_name = database
        self._time = time
        self._zone = zone
        self._client: AsyncMongoClient[dict[str, Any]] | None = None

    async def ping(self) -> ServerInfo:
        """Asks the server, for ``PING`` seconds at most. Raises CollectionsUnavailable."""
        with self._told():
            async with asyncio.timeout(PING):
                await self._opened().command("ping")
                built = await self._opened().client.admin.command("buildInfo")
        return ServerInfo(self._database_name, str(built.get("version", "unknown")))

    async def names(self) -> list[str]:
        """The collections, sorted, without the database's own. Raises CollectionsUnavailable."""
        with self._told():
            return sorted(n for n in await self._opened().list_collection_names() if not n.startswith("system."))

    async def info(self, collection: str) -> CollectionInfo:
        """About ``collection``. Raises CollectionsUnavailable."""
        with self._told():
            found = self._collection(collection)
            count = await found.count_documents({})
            first = await found.find_one({})
            ends = [await self._end(found, direction) for direction in (ASCENDING, DESCENDING)]
        return CollectionInfo(count, to_json(first) if first else None, *ends)

    async def sample(self, collection: str, limit: int) -> list[dict[str, Any]]:
        """The newest documents, as JSON. Raises CollectionsUnavailable."""
        with self._told():
            cursor = self._collection(collection).find({}).sort(self._time, DESCENDING).limit(limit)
            return [to_json(document) for document in await cursor.to_list(limit)]

    async def read(
        self, collection: str, fields: Sequence[str], limit: int | None = None
    ) -> AsyncIterator[Sequence[Document]]:
        """Documents with ``fields`` and no others, a batch at a time; what is sorted is sorted by the server.

        Raises CollectionsUnavailable, also when the server goes away in the middle.
        """
        with self._told():
            cursor = self._collection(collection).find({}, dict.fromkeys(fields, 1), batch_size=self.batch)
            if limit is not None:
                cursor = cursor.sort(self._time, DESCENDING).limit(limit)
            try:
                while batch := await cursor.to_list(self.batch):
                    yield [_with_decimals(document) for document in batch]
            finally:
                await cursor.close()

    async def insert(self, collection: str, documents: Sequence[Document]) -> int:
        """Adds ``documents``; a moment that can be read becomes a BSON date. Raises CollectionsUnavailable."""
        dated = [self._dated(document) for document in documents]
        if not dated:
            return 0
        with self._told():
            return len((await self._collection(collection).insert_many(dated)).inserted_ids)

    async def close(self) -> None:
        """Closes every connection."""
        if self._client is not None:
            await self._client.close()

    def _opened(self) -> AsyncDatabase[dict[str, Any]]:
        """The database; the client is made in the event loop that uses it, and connects by itself.

        Raises SettingsError.
        """
        if self._client is None:
            try:
                self._client = AsyncMongoClient(self._url, **_options(self._url))
            except (ConfigurationError, ValueError):
                raise SettingsError(BAD_URL) from None  # what it says may hold the password
        return self._client[self._database_name]

    def _collection(self, name: str) -> Documents:
        return self._opened().get_collection(name)

    async def _end(self, collection: Documents, direction: int) -> str | None:
        """The first or last moment; dates and texts sort apart in MongoDB, so that each kind is asked for."""
        found: list[int] = []
        for least in (datetime(1, 1, 2, tzinfo=UTC), ""):  # a date is compared with dates alone, a text with texts
            cursor = (
                collection.find({self._time: {"$gte": least}}, {self._time: 1}).sort(self._time, direction).limit(1)
            )
            found += [m for d in await cursor.to_list(1) if (m := self._moment(d)) is not None]
        return at(min(found) if direction == ASCENDING else max(found)) if found else None

    def _moment(self, document: Document) -> int | None:
        return microseconds(document.get(self._time), self._zone)

    def _dated(self, document: Document) -> dict[str, Any]:
        moment = self._moment(document)
        if moment is None:
            return dict(document)
        seconds, rest = divmod(moment, 1_000_000)
        return {**document, self._time: datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Says what went wrong, without the URL and its password."""
        try:
            yield
        except (TimeoutError, ConnectionFailure) as error:
            raise CollectionsUnavailable(f"{self._capital} does not answer; {ADVICE}.") from error
        except InvalidName as error:
            raise NotFound(f"No collection can be called so: {error}.") from None
        except OperationFailure as error:
            unknown = "authentication failed" in str(error).lower()  # servers that give no code say it so
            reason = REFUSED.get(18 if unknown else error.code or 0, f"error {error.code}")
            raise CollectionsUnavailable(f"{self._capital} refused: {reason}; check MONGODB_URL.") from error
        except ConfigurationError:
            raise SettingsError(BAD_URL) from None  # what it says may hold the password
        except PyMongoError as error:
            raise CollectionsUnavailable(f"{self._capital} failed: {type(error).__name__}.") from error

    @property
    def _capital(self) -> str:
        return self.name[0].upper() + self.name[1:]


BAD_URL = "MONGODB_URL cannot be read; write mongodb://USER:PASSWORD@HOST:PORT or mongodb+srv://USER:PASSWORD@HOST."


def open_mongodb(url: str, database: str | None, time: str = "timestamp", zone: tzinfo = UTC) -> MongoCollections:
    """The collections of ``database``, or of the one that ``url`` names; connected when first used.

    Raises SettingsError, which never repeats the URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("mongodb", "mongodb+srv") or not parts.netloc:
        raise SettingsError(BAD_URL)
    named = database or parts.path.strip("/")
    if not named:
        raise SettingsError("MONGODB_DATABASE is not set; name the database of MONGODB_URL whose collections are used.")
    return MongoCollections(url, named, time, zone)


def _options(url: str) -> dict[str, Any]:
    """``OPTIONS`` without those that ``url`` sets itself: PyMongo would let the former win."""
    given = {name.lower() for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    kept = {name: value for name, value in OPTIONS.items() if name.lower() not in given}
    return {**kept, "tz_aware": True, "datetime_conversion": "DATETIME_AUTO"}


def _with_decimals(document: dict[str, Any]) -> dict[str, Any]:
    return {k: v.to_decimal() if isinstance(v, Decimal128) else v for k, v in document.items()}
