"""A replay: rows of a table are sent to a server, as many callers would send them, and the answers are counted."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from vaticina.client.api_schema import ServerSchema
from vaticina.client.json_cell import is_missing
from vaticina.client.replay_plan import ReplayPlan
from vaticina.client.replay_summary import Agreement, ReplaySummary
from vaticina.client.requests import ReplayRequest, ReplayRequests
from vaticina.client.retries import RetryMiddleware
from vaticina.client.server_client import ServerClient, ServerReply
from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.progress import Report, no_report
from vaticina.tables import TableFile, open_table

REPORTS = 200
"""How often, at most, the share done is reported."""

IDLE = 4.0
"""Seconds that an unused connection stays open: less than uvicorn waits before it closes one."""


def replay(
    path: Path, url: str, plan: ReplayPlan, report: Report = no_report, notation: TableNotation = PLAIN
) -> ReplaySummary:
    """Sends ``plan.count`` rows of the table at ``path``, drawn with repetition, to the server at ``url``.

    ``notation`` says how the table is written.

    Requests that fail are counted, not raised; Ctrl-C ends the replay with what was counted so far.

    Raises:
        DataError: the table cannot be read, or lacks a column that the server requires.
        MissingExtra: a library that reads it is not installed.
        ServerUnavailable: the server was not ready in time, or does not describe what it takes.
        SettingsError: ``url`` is no address.
    """
    run = ReplayRun(open_table(path, notation), url, plan, report)
    try:
        asyncio.run(run.send_all())
    except KeyboardInterrupt:
        run.summary.interrupted = True
    return run.summary


class ReplayRun:
    """One replay while it runs; ``summary`` holds what was counted so far."""

    def __init__(self, table: TableFile, url: str, plan: ReplayPlan, report: Report) -> None:
        self.summary = ReplaySummary(plan.count)
        if plan.keep_answers:
            self.summary.answers = [None] * plan.count
        self._table = table
        self._url = url
        self._plan = plan
        self._report = report
        self._done = 0

    async def send_all(self) -> None:
        """Waits for the server, asks for its schema, and sends all requests."""
        plan = self._plan
        async with ClientSession(
            connector=TCPConnector(limit=0, keepalive_timeout=IDLE),
            timeout=ClientTimeout(total=plan.timeout),
            middlewares=(RetryMiddleware(plan.retries, plan.timeout, self._count_retry),),
            headers={"Content-Type": "application/json"},
            cookie_jar=DummyCookieJar(),
        ) as session:
            server = ServerClient(session, self._url)
            self._report(f"waiting for {server.base}", 0.0)
            await server.wait_until_ready(plan.wait)
            schema = await server.schema()
            requests = ReplayRequests(self._table, schema, plan)
            if requests.label is not None:
                self.summary.agreement = Agreement(requests.label, schema.is_number)
            await self._run_callers(server, schema, iter(requests))

    async def _run_callers(self, server: ServerClient, schema: ServerSchema, requests: Iterator[ReplayRequest]) -> None:
        start = perf_counter()
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._plan.concurrency, self._plan.count)):
                    group.create_task(self._call(server, schema, requests))
        finally:
            self.summary.seconds = perf_counter() - start

    async def _call(self, server: ServerClient, schema: ServerSchema, requests: Iterator[ReplayRequest]) -> None:
        """One caller: sends the next request as long as there is one. All callers share ``requests``."""
        for request in requests:
            if request.pause:
                await asyncio.sleep(request.pause)
            start = perf_counter()
            reply = await server.predict(request.body, str(uuid4()) if self._plan.once else None)
            self._count(request, reply, schema, perf_counter() - start)

    def _count(self, request: ReplayRequest, reply: ServerReply, schema: ServerSchema, seconds: float) -> None:
        summary, count = self.summary, self.summary.count
        result = reply.answer
        if reply.kind is None:
            summary.answered += 1
            summary.latencies.append(seconds)
            if summary.agreement and not is_missing(request.label):
                summary.agreement.note(request.label, compared_value(reply.answer, schema.answer))
        else:
            summary.fail(reply.kind, reply.message)
            result = {"error": reply.error}
        if self._plan.keep_answers:
            summary.answers[request.number] = result
        self._done += 1
        if self._done % max(1, count // REPORTS) == 0:
            self._report(f"{self._done} of {count} sent", self._done / count)

    def _count_retry(self) -> None:
        self.summary.retries += 1


def compared_value(answer: Any, name: str | None) -> Any:
    """The value in an answer that is compared with the label: that of the field ``name``, else of its first field."""
    if not isinstance(answer, dict):
        return answer
    if name is not None:
        return answer.get(name)
    return next(iter(answer.values()), None)
