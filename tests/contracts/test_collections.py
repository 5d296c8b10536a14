"""Every implementation of collections passes their contract suite."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.contracts.collections_contract import COLLECTIONS_CHECKS
from tests.sources.wire import MongoServer
from vaticina.sources import Collections
from vaticina.sources.embedded import open_embedded
from vaticina.sources.mongodb import open_mongodb

Check = Callable[[Collections], Awaitable[None]]

every_check = pytest.mark.parametrize("check", COLLECTIONS_CHECKS, ids=lambda check: str(check.__name__))


async def checked(check: Check, collections: Collections) -> None:
    try:
        await check(collections)
    finally:
        await collections.close()


@every_check
def test_embedded(check: Check, tmp_path: Path) -> None:
    asyncio.run(checked(check, open_embedded(tmp_path / "state" / "collections.db")))


@every_check
def test_mongodb(check: Check, wire: MongoServer) -> None:
    asyncio.run(checked(check, open_mongodb(wire.url, wire.database())))
