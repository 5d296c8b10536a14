"""A replay: rows of a table sent to a server as many callers would, with pauses, and counted."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from vaticina.client.api_schema import Wanted
from vaticina.client.json_cell import is_missing
from vaticina.client.replay_plan import Plan
from vaticina.client.replay_summary import Agreement, Tally
from vaticina.client.requests import Parcel, Parcels
from vaticina.client.retries import Patience
from vaticina.client.server_client import Reply, Server
from vaticina.client.table_file import Sheet, open_sheet
from vaticina.progress import Report

REPORTS = 200
"""How often, at most, the share done is told."""

IDLE = 4.0
"""Seconds that an unused connection is kept: less than uvicorn keeps it."""


def quietly(step: str, share: float) -> None:
    """Tells nobody."""


def replay(path: Path, url: str, plan: Plan, report: Report = quietly) -> Tally:
    """Sends ``plan.count`` rows of the table at ``path``, drawn with repetition, to the server at ``url``.

    Requests that fail are counted, not raised; Ctrl-C ends the replay with what was counted so far.

    Raises:
        DataError: the table cannot be read, or lacks a column that the server wants.
        MissingExtra: a library that reads it is not installed.
        ServerUnavailable: the server was not ready in time, or does not say what it wants.
        SettingsError: ``url`` is no address.
    """
    run = Run(open_sheet(path), url, plan, report)
    try:
        asyncio.run(run.whole())
    except KeyboardInterrupt:
        run.tally.interrupted = True
    return run.tally


class Run:
    """One replay at work; ``tally`` grows while it lasts."""

    def __init__(self, sheet: Sheet, url: str, plan: Plan, report: Report) -> None:
        self.tally = Tally(plan.count, answers=[None] * plan.count if plan.keep else [])
        self._sheet = sheet
        self._url = url
        self._plan = plan
        self._report = report
        self._done = 0

    async def whole(self) -> None:
        """Waits for the server, asks what it wants, and sends everything."""
        plan = self._plan
        async with ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=IDLE),
            timeout=ClientTimeout(total=plan.timeout),
            middlewares=(Patience(plan.retries, plan.timeout, self._again),),
            headers={"Content-Type": "application/json"},
            cookie_jar=DummyCookieJar(),
        ) as session:
            server = Server(session, self._url)
            self._report(f"waiting for {server.base}", 0.0)
            await server.wait_until_ready(plan.wait)
            wanted = await server.wanted()
            parcels = Parcels(self._sheet, wanted, plan)
            if parcels.label is not None:
                self.tally.agreement = Agreement(parcels.label, wanted.is_number)
            await self._send(server, wanted, iter(parcels))

    async def _send(self, server: Server, wanted: Wanted, parcels: Iterator[Parcel]) -> None:
        begun = perf_counter()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._plan.concurrency, self._plan.count)):
                    group.create_task(self._call(server, wanted, parcels))
        finally:
            self.tally.seconds = perf_counter() - begun

    async def _call(self, server: Server, wanted: Wanted, parcels: Iterator[Parcel]) -> None:
        """One caller: takes the next parcel as long as there is one."""
        for parcel in parcels:
            if parcel.pause:
                await asyncio.sleep(parcel.pause)
            begun = perf_counter()
            reply = await server.ask(parcel.body, str(uuid4()) if self._plan.once else None)
            self._note(parcel, reply, wanted, perf_counter() - begun)

    def _note(self, parcel: Parcel, reply: Reply, wanted: Wanted, seconds: float) -> None:
        tally, count = self.tally, self.tally.count
        if reply.kind is None:
            tally.answered += 1
            tally.latencies.append(seconds)
            if tally.agreement and not is_missing(parcel.truth):
                tally.agreement.note(parcel.truth, compared(reply.answer, wanted.answer))
        else:
            tally.fail(reply.kind, reply.message)
        if self._plan.keep:
            tally.answers[parcel.number] = reply.answer if reply.kind is None else {"error": reply.told}
        self._done += 1
        if self._done % max(1, count // REPORTS) == 0:
            self._report(f"{self._done} of {count} sent", self._done / count)

    def _again(self) -> None:
        self.tally.retries += 1


def compared(answer: Any, name: str | None) -> Any:
    """The field of an answer that stands for the label: ``name``, else its first."""
    if not isinstance(answer, dict):
        return answer
    return answer.get(name) if name is not None else next(iter(answer.values()), None)
