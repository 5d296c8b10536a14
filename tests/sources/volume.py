"""``python -m tests.sources.volume [COUNT]``: a million documents are read from MongoDB in flat memory."""

import asyncio
import os
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import AsyncMongoClient

from tests.sources.wire import MongoServer, started
from vaticina.sources.document_points import Points, read_points
from vaticina.sources.mongodb import open_mongodb

START = datetime(2024, 1, 1, tzinfo=UTC)

BOUND = 150 * 2**20
"""Bytes by which this process may grow while it reads: 16 a point, the same again to sort, and a batch."""


def fill(wire: MongoServer, database: str, count: int) -> None:
    """Puts ``count`` readings there, a minute apart, in parts."""

    async def insert() -> None:
        async with AsyncMongoClient[dict[str, Any]](wire.url) as client:
            for start in range(0, count, 10_000):
                part = range(start, min(count, start + 10_000))
                documents = [
                    {"timestamp": START + timedelta(minutes=minute), "value": float(minute)} for minute in part
                ]
                await client[database]["sensor_data"].insert_many(documents)

    asyncio.run(insert())


async def _read(wire: MongoServer, database: str) -> Points:
    collections = open_mongodb(f"{wire.url}&socketTimeoutMS=600000", database)
    try:
        return await read_points(collections, "sensor_data", "value")
    finally:
        await collections.close()


def _largest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(count: int) -> None:
    """Fills a server, reads it, and fails when memory grew with the documents."""
    os.environ.setdefault("MONGODB_TEST_KIND", "nx")  # mongoeco takes hours to be filled
    with started() as wire:
        database = wire.database()
        fill(wire, database, count)
        before, begun = _largest(), time.monotonic()
        points = asyncio.run(_read(wire, database))
        took, grown = time.monotonic() - begun, _largest() - before
    print(f"{points.size:,} points from {wire.kind} in {took:.1f} s; largest size grew by {grown / 2**20:.0f} MiB")
    assert points.size == count
    assert points.values[-1] == count - 1
    assert grown < BOUND, f"more than {BOUND / 2**20:.0f} MiB"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
