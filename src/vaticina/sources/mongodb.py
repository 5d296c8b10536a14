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
from vaticina.sources.document_time import iso_text, microseconds, to_json, utc_datetime

OPTIONS: Mapping[str, Any] = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 20_000,
    "waitQueueTimeoutMS": 5_000,
    "maxPoolSize": 10,
    "minPoolSize": 0,
    "appname": "vaticina",
}
"""Time-outs and limits of the connection pool. Options in MONGODB_URL come before them."""

PING_TIMEOUT = 3.0
"""Seconds that a ping waits for its answer."""

REFUSED = {13: "the user may not do this", 18: "the user or the password is wrong"}
"""MongoDB's error codes for a refusal, and what they mean."""

ADVICE = "check MONGODB_URL, that the server runs, and that its access list holds the address of this machine"

Documents = AsyncCollection[dict[str, Any]]


class MongoCollections:
    """The collections of one MongoDB database. ``time`` names the field with a document's time."""

    def __init__(self, url: str, database: str, time: str, zone: tzinfo) -> None:
        self.name = f"the MongoDB database {database}"
        self.batch = BATCH
        self._url = url
        self._database_name = database
        self._time = time
        self._zone = zone
        self._client: AsyncMongoClient[dict[str, Any]] | None = None

    async def ping(self) -> ServerInfo:
        """Asks the server, for ``PING_TIMEOUT`` seconds at most. Raises CollectionsUnavailable."""
        with self._explained_errors():
            async with asyncio.timeout(PING_TIMEOUT):
                await self._database().command("ping")
                built = await self._database().client.admin.command("buildInfo")
        return ServerInfo(self._database_name, str(built.get("version", "unknown")))

    async def names(self) -> list[str]:
        """The names of the collections, sorted, without MongoDB's own. Raises CollectionsUnavailable."""
        with self._explained_errors():
            names = await self._database().list_collection_names()
        return sorted(name for name in names if not name.startswith("system."))

    async def info(self, collection: str) -> CollectionInfo:
        """About ``collection``. Raises CollectionsUnavailable."""
        with self._explained_errors():
            documents = self._collection(collection)
            count = await documents.count_documents({})
            first = await documents.find_one({})
            start = await self._end(documents, ASCENDING)
            end = await self._end(documents, DESCENDING)
        return CollectionInfo(count, to_json(first) if first else None, start, end)

    async def sample(self, collection: str, limit: int) -> list[dict[str, Any]]:
        """The newest documents, as JSON. Raises CollectionsUnavailable."""
        with self._explained_errors():
            cursor = self._collection(collection).find({}).sort(self._time, DESCENDING).limit(limit)
            return list(map(to_json, await cursor.to_list(limit)))

    async def read(
        self, collection: str, fields: Sequence[str], limit: int | None = None
    ) -> AsyncIterator[Sequence[Document]]:
        """Batches of documents with ``fields`` and no others, sorted by the server if there is a ``limit``.

        Raises CollectionsUnavailable, also when the connection is lost between two batches.
        """
        with self._explained_errors():
            cursor = self._collection(collection).find({}, dict.fromkeys(fields, 1), batch_size=self.batch)
            if limit is not None:
                cursor = cursor.sort(self._time, DESCENDING).limit(limit)
            try:
                while batch := await cursor.to_list(self.batch):
                    yield list(map(_with_decimals, batch))
            finally:
                await cursor.close()

    async def insert(self, collection: str, documents: Sequence[Document]) -> int:
        """Adds ``documents``; a valid time becomes a BSON date. Raises CollectionsUnavailable."""
        dated = list(map(self._dated, documents))
        if not dated:
            return 0
        with self._explained_errors():
            return len((await self._collection(collection).insert_many(dated)).inserted_ids)

    async def close(self) -> None:
        """Closes every connection."""
        if self._client is not None:
            await self._client.close()

    def _database(self) -> AsyncDatabase[dict[str, Any]]:
        """The database. Its client is created in the event loop that uses it. Raises SettingsError."""
        if self._client is None:
            try:
                self._client = AsyncMongoClient(self._url, **_options(self._url))
            except (ConfigurationError, ValueError):
                raise SettingsError(BAD_URL) from None  # the message of PyMongo may quote the password
        return self._client[self._database_name]

    def _collection(self, name: str) -> Documents:
        return self._database().get_collection(name)

    async def _end(self, collection: Documents, direction: int) -> str | None:
        """The first or last time. MongoDB compares dates with dates and texts with texts, so there are two queries."""
        moments: list[int] = []
        for lowest in (datetime(1, 1, 2, tzinfo=UTC), ""):
            cursor = collection.find({self._time: {"$gte": lowest}}, {self._time: 1})
            for document in await cursor.sort(self._time, direction).limit(1).to_list(1):
                moment = self._moment(document)
                if moment is not None:
                    moments.append(moment)
        if not moments:
            return None
        end = min(moments) if direction == ASCENDING else max(moments)
        return iso_text(utc_datetime(end))

    def _moment(self, document: Document) -> int | None:
        return microseconds(document.get(self._time), self._zone)

    def _dated(self, document: Document) -> dict[str, Any]:
        moment = self._moment(document)
        if moment is None:
            return dict(document)
        return {**document, self._time: utc_datetime(moment)}

    @contextmanager
    def _explained_errors(self) -> Iterator[None]:
        """Turns the errors of PyMongo into ours, without the URL and its password."""
        try:
            yield
        except (TimeoutError, ConnectionFailure) as error:
            raise CollectionsUnavailable(f"{self._name_first} does not answer; {ADVICE}.") from error
        except InvalidName as error:
            raise NotFound(f"The name of the collection is not valid: {error}.") from None
        except OperationFailure as error:
            code = error.code or 0
            if "authentication failed" in str(error).lower():  # some servers send no code
                code = 18
            reason = REFUSED.get(code, f"error {error.code}")
            raise CollectionsUnavailable(f"{self._name_first} refused: {reason}; check MONGODB_URL.") from error
        except ConfigurationError:
            raise SettingsError(BAD_URL) from None  # the message of PyMongo may quote the password
        except PyMongoError as error:
            raise CollectionsUnavailable(f"{self._name_first} failed: {type(error).__name__}.") from error

    @property
    def _name_first(self) -> str:
        return self.name[0].upper() + self.name[1:]


BAD_URL = "MONGODB_URL cannot be read; write mongodb://USER:PASSWORD@HOST:PORT or mongodb+srv://USER:PASSWORD@HOST."


def open_mongodb(url: str, database: str | None, time: str = "timestamp", zone: tzinfo = UTC) -> MongoCollections:
    """The collections of ``database``, or of the database in ``url``; connected when they are first used.

    Raises SettingsError, without the URL, which may hold a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("mongodb", "mongodb+srv") or not parts.netloc:
        raise SettingsError(BAD_URL)
    name = database or parts.path.strip("/")
    if not name:
        raise SettingsError("MONGODB_DATABASE is not set; name the database of MONGODB_URL whose collections are used.")
    return MongoCollections(url, name, time, zone)


def _options(url: str) -> dict[str, Any]:
    """``OPTIONS`` without those in ``url``, which PyMongo would override with ours."""
    in_url = {name.lower() for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    options = {name: value for name, value in OPTIONS.items() if name.lower() not in in_url}
    return {**options, "tz_aware": True, "datetime_conversion": "DATETIME_AUTO"}


def _with_decimals(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with BSON's decimals as Python's."""
    for name, value in document.items():
        if isinstance(value, Decimal128):
            document[name] = value.to_decimal()
    return document
