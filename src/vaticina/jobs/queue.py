"""A queue of jobs. They run one at a time, so that trainings never use more of the machine than one process can."""

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
"""Runs a job and returns its result. An exception becomes the job's error."""

MAX_WAITING = 20
"""How many jobs may wait."""


class JobQueue:
    """Runs jobs in their order, on the event loop that submits them."""

    def __init__(self, files: JobFiles) -> None:
        self._files = files
        self._lock = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[Job]] = {}

    def submit(self, kind: str, request: dict[str, Any], work: Work) -> Job:
        """Queues ``work`` as a job of ``kind``. Raises QueueFull."""
        if len(self._tasks) > MAX_WAITING:
            raise QueueFull(Sentence("jobs_waiting", count=len(self._tasks) - 1, max=MAX_WAITING))
        job = Job(id=str(uuid_utils.uuid7()), kind=kind, request=request, created=datetime.now(UTC), owner=os.getpid())
        self._files.write(job)
        task = asyncio.create_task(self._do(job, work))
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))
        return job

    async def ended(self, job: Job) -> Job:
        """``job`` after it has ended. A caller that is cancelled does not cancel the job."""
        task = self._tasks.get(job.id)
        if task is None:
            return self.find(job.id)
        return await asyncio.shield(task)

    def find(self, identity: str) -> Job:
        """The job ``identity`` of this or another process of the project. Raises NotFound."""
        return self._files.read(identity)

    def all(self) -> list[Job]:
        """All jobs that are kept, newest first."""
        return self._files.all()

    async def close(self) -> None:
        """Cancels the running job and those that wait."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _do(self, job: Job, work: Work) -> Job:
        async with self._lock:
            running = _RunningJob(job, self._files)
            running.change(status="running", started=datetime.now(UTC))
            self._files.prune()
            try:
                result = await work(running.report)
            except VaticinaError as error:
                log.warning("job %s failed: %s", job.id, error.message)
                return running.fail(error)
            except Exception:
                log.exception("job %s failed", job.id)
                return running.fail(VaticinaError())
            return running.change(
                status="succeeded", progress=1.0, step="done", result=result, finished=datetime.now(UTC)
            )


class _RunningJob:
    """A job at work. Each change is written to its file."""

    def __init__(self, job: Job, files: JobFiles) -> None:
        self._job = job
        self._files = files

    def report(self, step: str, share: float) -> None:
        self.change(step=step, progress=share)

    def fail(self, error: VaticinaError) -> Job:
        return self.change(status="failed", finished=datetime.now(UTC), error=error_document(error))

    def change(self, **changes: Any) -> Job:
        self._job = self._job.model_copy(update=changes)
        self._files.write(self._job)
        return self._job
