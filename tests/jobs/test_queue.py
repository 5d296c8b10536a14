"""Jobs: one at a time, in their order, told to whoever asks, and remembered."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vaticina.errors import NoData, NotFound, QueueFull
from vaticina.jobs.job import Job
from vaticina.jobs.job_files import MAX_ENDED, JobFiles
from vaticina.jobs.queue import MAX_WAITING, JobQueue
from vaticina.progress import Report

Try = Callable[[JobQueue], Awaitable[None]]


def run(folder: Path, scene: Try) -> None:
    async def play() -> None:
        queue = JobQueue(JobFiles(folder))
        try:
            await scene(queue)
        finally:
            await queue.close()

    asyncio.run(play())


async def forever(report: Report) -> dict[str, Any]:
    report("waiting", 0.5)
    await asyncio.Event().wait()
    return {}


def test_jobs_are_done_one_by_one_in_their_order(tmp_path: Path) -> None:
    events: list[str] = []

    async def scene(queue: JobQueue) -> None:
        def work(name: str) -> Callable[[Report], Awaitable[dict[str, Any]]]:
            async def done(report: Report) -> dict[str, Any]:
                events.append(f"{name} begins")
                report("half", 0.5)
                await asyncio.sleep(0.01)
                events.append(f"{name} ends")
                return {"name": name}

            return done

        jobs = [queue.submit("train", {"n": name}, work(name)) for name in "abc"]
        assert {job.status for job in jobs} == {"queued"}
        ended = [await queue.ended(job) for job in jobs]
        assert [job.result for job in ended] == [{"name": name} for name in "abc"]
        assert {(job.status, job.progress, job.step) for job in ended} == {("succeeded", 1.0, "done")}
        assert [job.id for job in queue.all()] == [job.id for job in jobs[::-1]]
        assert queue.find(jobs[0].id) == ended[0] == await queue.ended(jobs[0])

    run(tmp_path, scene)
    assert events == ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]


def test_a_job_that_fails_says_why_and_the_next_is_done(tmp_path: Path) -> None:
    async def scene(queue: JobQueue) -> None:
        async def refused(report: Report) -> dict[str, Any]:
            raise NoData("No se encontraron datos: nothing is there.")

        async def broken(report: Report) -> dict[str, Any]:
            raise ValueError("the password is hunter2")

        async def well(report: Report) -> dict[str, Any]:
            return {}

        jobs = [queue.submit("train", {}, work) for work in (refused, broken, well)]
        first, second, third = [await queue.ended(job) for job in jobs]
        assert (first.status, second.status, third.status) == ("failed", "failed", "succeeded")
        assert first.error == {
            "code": "no_data",
            "status": 404,
            "message": "No se encontraron datos: nothing is there.",
        }
        assert second.error is not None
        assert second.error["code"] == "internal_error"
        assert "hunter2" not in str(second.error)

    run(tmp_path, scene)


def test_progress_can_be_followed_by_another_process(tmp_path: Path) -> None:
    async def scene(queue: JobQueue) -> None:
        job = queue.submit("train", {"collection_name": "agua"}, forever)
        await asyncio.sleep(0.05)
        seen = JobFiles(tmp_path).read(job.id)
        assert (seen.status, seen.step, seen.progress) == ("running", "waiting", 0.5)

    run(tmp_path, scene)


def test_a_queue_has_an_end(tmp_path: Path) -> None:
    async def scene(queue: JobQueue) -> None:
        for _ in range(MAX_WAITING + 1):
            queue.submit("train", {}, forever)
        with pytest.raises(QueueFull, match=f"{MAX_WAITING} may"):
            queue.submit("train", {}, forever)

    run(tmp_path, scene)


def test_a_caller_that_leaves_does_not_end_its_job(tmp_path: Path) -> None:
    async def scene(queue: JobQueue) -> None:
        async def slow(report: Report) -> dict[str, Any]:
            await asyncio.sleep(0.1)
            return {"done": True}

        job = queue.submit("train", {}, slow)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(queue.ended(job), 0.01)
        assert (await queue.ended(job)).result == {"done": True}

    run(tmp_path, scene)


def job(number: int, owner: int, status: str = "succeeded") -> Job:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    fields = {"id": f"01a1-{number:04}", "kind": "train", "request": {}, "created": moment, "owner": owner}
    return Job.model_validate({**fields, "status": status})


def test_a_job_whose_server_died_was_interrupted(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    files = JobFiles(tmp_path)
    files.write(job(1, gone.pid, "running"))
    files.write(job(2, os.getpid(), "running"))
    files.write(job(3, gone.pid, "succeeded"))
    assert [stored.status for stored in files.all()] == ["succeeded", "running", "failed"]
    error = files.read("01a1-0001").error
    assert error is not None
    assert error["message"].startswith("The server ended before")


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    for number in range(MAX_ENDED + 5):
        files.write(job(number, os.getpid()))
    files.prune()
    ids = [stored.id for stored in files.all()]
    assert (len(ids), ids[0], ids[-1]) == (MAX_ENDED, f"01a1-{MAX_ENDED + 4:04}", "01a1-0005")
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize("identity", ["nobody", "../../etc/passwd", "", "a/b", "01a1-0001"])
def test_a_job_that_nobody_knows(tmp_path: Path, identity: str) -> None:
    with pytest.raises(NotFound):
        JobFiles(tmp_path / "jobs").read(identity)


def test_what_is_no_job_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "01a1.json").write_text("{")
    assert JobFiles(tmp_path).all() == []
