"""MongoDB as it is on bad days: wrong passwords, servers that are away, hang or die, documents of any kind."""

import asyncio
import gc
import socket
import threading
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from bson import Decimal128, Int64, ObjectId
from pymongo import AsyncMongoClient

from tests.sources.volume import START, fill
from tests.sources.wire import MongoServer, mongoeco_python, started
from vaticina.errors import CollectionsUnavailable, VaticinaError
from vaticina.sources.document_points import Points, read_points
from vaticina.sources.mongodb import MongoCollections, open_mongodb

Result = TypeVar("Result")
LOGIN = ("ana", "s3cret")


def asked(url: str, database: str, ask: Callable[[MongoCollections], Awaitable[Result]]) -> Result:
    async def answer() -> Result:
        collections = open_mongodb(url, database)
        try:
            return await ask(collections)
        finally:
            await collections.close()

    return asyncio.run(answer())


def inserted(wire: MongoServer, database: str, documents: list[dict[str, Any]]) -> None:
    """Puts ``documents`` there as they are, past our own port."""

    async def insert() -> None:
        async with AsyncMongoClient[dict[str, Any]](wire.url) as client:
            await client[database]["sensor_data"].insert_many(documents)

    asyncio.run(insert())


def readings(count: int) -> list[dict[str, Any]]:
    return [{"timestamp": START + timedelta(minutes=minute), "value": float(minute)} for minute in range(count)]


drops_sockets = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
"""PyMongo itself leaves a socket to the collector when a connection is given up."""


@pytest.fixture(scope="module")
def fast() -> Iterator[MongoServer]:
    """A server that takes many documents in a short time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MONGODB_TEST_KIND", "nx")
        mongoeco_python.cache_clear()
        with started() as wire:
            yield wire
    mongoeco_python.cache_clear()


@pytest.mark.system("python3.13")
def test_a_password_is_asked_for() -> None:
    with started(LOGIN) as wire:
        assert asked(wire.url, "agua", MongoCollections.ping).database == "agua"
        for url in (wire.url.replace("s3cret", "wr0ng"), wire.url.replace("ana:s3cret@", "").split("?")[0]):
            with pytest.raises(CollectionsUnavailable) as caught:
                asked(url, "agua", MongoCollections.names)
            assert "refused" in caught.value.message
            assert "wr0ng" not in caught.value.message


@drops_sockets
def test_a_server_that_is_away_is_told_soon() -> None:
    begun = time.monotonic()
    with pytest.raises(CollectionsUnavailable, match="agua does not answer; check MONGODB_URL") as caught:
        asked(
            "mongodb://ana:s3cret@127.0.0.1:1/?serverSelectionTimeoutMS=300",
            "agua",
            MongoCollections.names,
        )
    assert time.monotonic() - begun < 5, "what the URL says goes before our own time-outs"
    assert "s3cret" not in caught.value.message
    gc.collect()


@contextmanager
def deaf() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        held: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    held.append(listening.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for connection in held:
            connection.close()


@drops_sockets
def test_a_server_that_hangs_is_given_up() -> None:
    with deaf() as port:
        url = f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=400&connectTimeoutMS=400"
        for ask in (MongoCollections.ping, lambda collections: collections.sample("sensor_data", 1)):
            begun = time.monotonic()
            with pytest.raises(CollectionsUnavailable, match="does not answer"):
                asked(url, "agua", ask)
            assert time.monotonic() - begun < 5
    gc.collect()


@drops_sockets
def test_a_ping_does_not_wait_for_the_longest_time_out() -> None:
    with deaf() as port:
        begun = time.monotonic()
        with pytest.raises(CollectionsUnavailable, match="does not answer"):
            asked(
                f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=60000",
                "agua",
                MongoCollections.ping,
            )
        assert time.monotonic() - begun < 8
    gc.collect()


@drops_sockets
def test_a_server_that_dies_while_it_is_read() -> None:
    with started() as wire:
        inserted(wire, "agua", readings(400))

        async def read(collections: MongoCollections) -> int:
            collections.batch, count = 50, 0
            async for batch in collections.read("sensor_data", ["timestamp", "value"]):
                count += len(batch)
                if count == 100:
                    wire.stop()
            return count

        url = f"{wire.url}&serverSelectionTimeoutMS=500"
        with pytest.raises(CollectionsUnavailable, match="does not answer"):
            asked(url, "agua", read)
    gc.collect()


def test_timestamps_are_iso_text_or_dates(wire: MongoServer) -> None:
    """The document's own example, beside the same as a BSON date."""
    database = wire.database()
    inserted(
        wire,
        database,
        [
            {
                "_id": ObjectId("507f1f77bcf86cd799439011"),
                "timestamp": "2024-01-01T00:00:00Z",
                "value": 23.5,
                "additional_features": {"sensor_id": "sensor_001", "location": "office"},
            },
            {"timestamp": START + timedelta(hours=1), "value": 24},
        ],
    )
    points = asked(wire.url, database, lambda collections: read_points(collections, "sensor_data", "value"))
    assert points.values.tolist() == [23.5, 24.0]
    assert (points.times // 10**6).tolist() == [1_704_067_200, 1_704_070_800]
    info = asked(wire.url, database, lambda collections: collections.info("sensor_data"))
    assert (info.documents, info.start, info.end) == (2, "2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z")
    sample = asked(wire.url, database, lambda collections: collections.sample("sensor_data", 5))
    assert {"507f1f77bcf86cd799439011"} < {document["_id"] for document in sample}


@pytest.mark.system("python3.13")  # nx-27017 takes no Decimal128
def test_numbers_of_every_bson_type(wire: MongoServer) -> None:
    database = wire.database()
    values = [Int64(7), Decimal128("7.25"), 7.5, 8, Decimal128("NaN"), float("nan"), float("inf"), "9", None, True]
    stamped = [{"timestamp": START + timedelta(hours=hour), "value": value} for hour, value in enumerate(values)]
    inserted(wire, database, stamped)
    points = asked(wire.url, database, lambda collections: read_points(collections, "sensor_data", "value"))
    assert points.values.tolist() == [7.0, 7.25, 7.5, 8.0]
    assert points.skipped == {"without_timestamp": 0, "bad_timestamp": 0, "without_value": 1, "bad_value": 5}
    asked(wire.url, database, lambda collections: collections.sample("sensor_data", 20))


def test_many_documents_are_read_in_flat_memory(fast: MongoServer) -> None:
    """As objects they would be ten megabytes; ``make test-volume`` does it with a million."""
    database, count = fast.database(), 20_000
    fill(fast, database, count)

    async def read(collections: MongoCollections) -> Points:
        collections.batch = 1_000
        return await read_points(collections, "sensor_data", "value")

    tracemalloc.start()
    points = asked(fast.url, database, read)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert points.values.tolist() == list(range(count))
    assert peak < 5 * 2**20


def test_errors_are_of_our_tree(wire: MongoServer) -> None:
    for name in ("", "$x", "a..b"):
        with pytest.raises(VaticinaError):
            asked(wire.url, wire.database(), lambda collections, name=name: collections.sample(name, 1))  # type: ignore[misc]
