"""A queue of jobs: one at a time, so that training never takes more of the machine than one process can."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import uuid_utils

from vaticina.contract.sentence import Sentence
from vaticina.errors import QueueFull, VaticinaError
from vaticina.jobs.job import Job, error_document
from vaticina.jobs.job_files import JobFiles
from vaticina.progress import Report

log = logging.getLogger("vaticina")

Work = Callable[[Report], Awaitable[dict[str, Any]]]
"""Does a job and returns its result; what it raises is told as the job's error."""

WAITING = 20
"""Jobs that may wait."""


class JobQueue:
    """Does jobs in their order, on the event loop that submits them."""

    def __init__(self, records: JobFiles) -> None:
        self._records = records
        self._turn = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[Job]] = {}

    def submit(self, kind: str, request: dict[str, Any], work: Work) -> Job:
        """Queues ``work`` as a job of ``kind``. Raises QueueFull."""
        if len(self._tasks) > WAITING:
            raise QueueFull(Sentence("jobs_waiting", count=len(self._tasks) - 1, max=WAITING))
        job = Job(id=str(uuid_utils.uuid7()), kind=kind, request=request, created=datetime.now(UTC), owner=os.getpid())
        self._records.write(job)
        task = asyncio.create_task(self._do(job, work))
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))
        return job

    async def ended(self, job: Job) -> Job:
        """``job`` once it has ended; a caller that leaves does not end it."""
        task = self._tasks.get(job.id)
        return await asyncio.shield(task) if task else self.find(job.id)

    def find(self, identity: str) -> Job:
        """The job called ``identity``, here or in another process of this project. Raises NotFound."""
        return self._records.read(identity)

    def all(self) -> list[Job]:
        """The jobs that are remembered, the newest first."""
        return self._records.all()

    async def close(self) -> None:
        """Ends what is at work and what waits."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _do(self, job: Job, work: Work) -> Job:
        async with self._turn:
            job = self._changed(job, status="running", started=datetime.now(UTC))
            self._records.prune()
            now = [job]

            def report(step: str, share: float) -> None:
                now[0] = self._changed(now[0], step=step, progress=share)

            try:
                result = await work(report)
            except VaticinaError as error:
                log.warning("job %s failed: %s", job.id, error.message)
                return self._changed(now[0], status="failed", finished=datetime.now(UTC), error=error_document(error))
            except Exception:
                log.exception("job %s failed", job.id)
                inside = error_document(VaticinaError())
                return self._changed(now[0], status="failed", finished=datetime.now(UTC), error=inside)
            done = {"status": "succeeded", "progress": 1.0, "step": "done", "result": result}
            return self._changed(now[0], **done, finished=datetime.now(UTC))

    def _changed(self, job: Job, **changes: Any) -> Job:
        changed = job.model_copy(update=changes)
        self._records.write(changed)
        return changed
