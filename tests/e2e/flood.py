"""An open loop: requests leave when their time has come, whether or not the earlier ones were answered."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.api.wire import request

ONE = request("POST", "/predict", b'{"x":1}')
TICK = 0.01


@dataclass
class Flood:
    """What came of a flood: answers by status, those in time by status, how long a refusal took, in seconds."""

    end: float
    statuses: Counter[int] = field(default_factory=Counter)
    in_time: Counter[int] = field(default_factory=Counter)
    refusals: list[float] = field(default_factory=list)
    unanswered: int = 0


class Client:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, flood: Flood) -> None:
        start = time.perf_counter()
        try:
            status = await asyncio.wait_for(self._exchange(), 30)
        except (OSError, EOFError, TimeoutError):
            flood.unanswered += 1
            return
        flood.statuses[status] += 1
        flood.in_time[status] += time.perf_counter() < flood.end
        if status == 429:
            flood.refusals.append(time.perf_counter() - start)

    async def _exchange(self) -> int:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(ONE)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


async def closed_loop(port: int, callers: int, seconds: float) -> Flood:
    """Each of ``callers`` asks again as soon as it is answered."""
    flood = Flood(time.perf_counter() + seconds)

    async def call() -> None:
        client = Client(port)
        while time.perf_counter() < flood.end:
            await client.ask(flood)
        client.close()

    await asyncio.gather(*(call() for _ in range(callers)))
    return flood


async def open_loop(port: int, rate: float, seconds: float) -> Flood:
    """``rate`` requests a second leave, evenly, for ``seconds``; then all that is due is awaited."""
    flood = Flood(time.perf_counter() + seconds)
    idle: list[Client] = []
    every: list[Client] = []
    asked: set[asyncio.Task[None]] = set()

    async def ask(client: Client) -> None:
        await client.ask(flood)
        idle.append(client)

    start, sent = time.perf_counter(), 0
    while (now := time.perf_counter() - start) < seconds:
        for _ in range(int(now * rate) - sent):
            if not idle:
                every.append(Client(port))
                idle.append(every[-1])
            task = asyncio.ensure_future(ask(idle.pop()))
            asked.add(task)
            task.add_done_callback(asked.discard)
            sent += 1
        await asyncio.sleep(TICK)
    await asyncio.gather(*asked)
    for client in every:
        client.close()
    return flood
