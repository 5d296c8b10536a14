"""The batcher: requests that arrive while the engine works become the next batch; an idle engine never waits."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from time import perf_counter_ns

from vaticina.contract.project import Serving
from vaticina.contract.sentence import Sentence
from vaticina.errors import DeadlineExceeded, QueueFull, VaticinaError
from vaticina.serving.batch import Request, Result
from vaticina.serving.daemon_thread import DaemonThread
from vaticina.serving.slot import release

log = logging.getLogger("vaticina")

Work = Callable[[Sequence[Request]], list[Result]]

SWEEP_INTERVAL = 0.1
"""Seconds between two searches for requests whose deadline has passed."""

CLOSE_TIMEOUT = 1.0
"""Seconds that ``close`` waits for a batch that still runs after all its callers have their answers."""


class Batcher:
    """Collects requests into batches and runs them on one engine thread; its methods run on the event loop's thread.

    A batch has at most ``max_batch`` rows, or is one longer list. At most ``max_queue`` rows wait, each of them for at
    most ``deadline`` seconds.
    """

    def __init__(self, work: Work, limits: Serving) -> None:
        self._work = work
        self._max_batch = limits.max_batch
        self._max_queue = limits.max_queue
        self._deadline = int(limits.deadline * 1e9)
        self._waiting: deque[Request] = deque()
        self._rows = 0
        self._running: Sequence[Request] = ()
        self._scheduled = False
        self._sweeping = False
        self._thread = DaemonThread("engine")
        self._idle = asyncio.Event()
        self._idle.set()

    def submit(self, request: Request) -> None:
        """Puts ``request`` in the queue; its future will hold the result. Raises QueueFull."""
        count = len(request.rows)
        if self._waiting and self._rows + count > self._max_queue:
            raise QueueFull(Sentence("rows_waiting", count=self._rows, max=self._max_queue))
        request.loaded.pending += 1
        self._waiting.append(request)
        self._rows += count
        if not self._running and not self._scheduled:
            self._scheduled = True
            self._idle.clear()
            request.future.get_loop().call_soon(self._flush)

    async def drained(self) -> None:
        """Returns when no request waits and no batch runs."""
        await self._idle.wait()

    def close(self) -> None:
        """Ends the engine thread; logs an error when its batch does not end within ``CLOSE_TIMEOUT`` seconds."""
        if not self._thread.close(CLOSE_TIMEOUT):
            log.error("the engine was left in the middle of a batch: the model did not answer in time")

    def _flush(self) -> None:
        self._scheduled = False
        batch = self._next_batch()
        self._running = batch
        if not batch:
            self._idle.set()
            return
        loop = asyncio.get_running_loop()
        self._thread.submit(partial(self._run, batch, loop))
        if not self._sweeping:
            self._sweeping = True
            loop.call_later(SWEEP_INTERVAL, self._sweep, loop)

    def _next_batch(self) -> list[Request]:
        """The oldest requests of one version, up to ``max_batch`` rows."""
        batch: list[Request] = []
        rows = 0
        while self._waiting:
            request = self._waiting[0]
            if batch and (rows + len(request.rows) > self._max_batch or request.loaded is not batch[0].loaded):
                break
            self._waiting.popleft()
            self._rows -= len(request.rows)
            if request.future.done():  # its deadline has passed, or its caller has disconnected
                release(request.loaded, 1)
                continue
            batch.append(request)
            rows += len(request.rows)
        return batch

    def _run(self, batch: Sequence[Request], loop: asyncio.AbstractEventLoop) -> None:
        """Answers ``batch``; runs on the engine thread."""
        results: list[Result] = []
        try:
            results = self._work(batch)
        except BaseException:
            log.exception("a batch failed")
        if len(results) != len(batch):  # without results, the callers would wait for ever
            results = [VaticinaError() for _ in batch]
        with suppress(RuntimeError):  # the event loop has ended meanwhile
            loop.call_soon_threadsafe(self._finish, batch, results)

    def _finish(self, batch: Sequence[Request], results: Sequence[Result]) -> None:
        for request, result in zip(batch, results, strict=True):
            release(request.loaded, 1)
            if request.future.done():
                continue
            if isinstance(result, VaticinaError):
                request.future.set_exception(result)
            else:
                request.future.set_result(result)
        if 0 < self._rows < self._max_batch:
            # Callers that now have their answers often send their next rows at once. One turn of the loop later, those
            # rows join the few that wait, instead of each being a batch, and a commit, of its own.
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._flush)
        else:
            self._flush()

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Fails requests past their deadline. They are in order of arrival, so the search ends at the first in time."""
        oldest = perf_counter_ns() - self._deadline
        for requests in (self._running, self._waiting):
            for request in requests:
                if request.arrived > oldest:
                    break
                if not request.future.done():
                    request.future.set_exception(DeadlineExceeded())
        self._sweeping = bool(self._running or self._waiting)
        if self._sweeping:
            loop.call_later(SWEEP_INTERVAL, self._sweep, loop)
