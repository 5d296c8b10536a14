"""mongoeco as a server, run by the Python of its own environment: ``mongoeco_server.py PORT [USER PASSWORD]``."""

import asyncio
import sys

from mongoeco.wire import AsyncMongoEcoProxyServer, WireAuthUser


async def serve(port: int, *login: str) -> None:
    users = (WireAuthUser(*login, source="admin"),) if login else ()
    async with AsyncMongoEcoProxyServer(host="127.0.0.1", port=port, auth_users=users):
        await asyncio.Event().wait()


asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:]))
