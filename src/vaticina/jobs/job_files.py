"""The jobs of a project as files, so that every server process and the next start know them."""

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from vaticina.contract.sentence import Sentence
from vaticina.errors import NotFound, VaticinaError
from vaticina.jobs.job import Job, error_document

MAX_ENDED = 100
"""Ended jobs that are remembered."""


class JobFiles:
    """``{folder}/{id}.json``; ids sort by time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, job: Job) -> None:
        """Keeps ``job`` as it is now, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._folder, prefix=".", delete=False, encoding="utf-8") as file:
            file.write(job.model_dump_json())
        Path(file.name).replace(self._folder / f"{job.id}.json")

    def read(self, identity: str) -> Job:
        """The job called ``identity``. Raises NotFound."""
        found = self._read(self._folder / f"{identity}.json") if identity.replace("-", "").isalnum() else None
        if found is None:
            raise NotFound(Sentence("no_job", job=identity[:64], count=MAX_ENDED))
        return found

    def all(self) -> list[Job]:
        """The jobs that are remembered, the newest first."""
        files = sorted(self._folder.glob("[!.]*.json"), reverse=True)
        return [job for file in files if (job := self._read(file))]

    def prune(self) -> None:
        """Forgets the oldest jobs that have ended."""
        for job in [job for job in self.all() if job.has_ended][MAX_ENDED:]:
            (self._folder / f"{job.id}.json").unlink(missing_ok=True)

    def _read(self, file: Path) -> Job | None:
        """The job in ``file``; one whose process is gone was interrupted."""
        with suppress(OSError, ValidationError):
            job = Job.model_validate_json(file.read_text(encoding="utf-8"))
            return job if job.has_ended or _lives(job.owner) else _interrupted(job)
        return None


def _interrupted(job: Job) -> Job:
    error = VaticinaError("The server ended before this job did; ask for it again.")
    return job.model_copy(update={"status": "failed", "finished": datetime.now(UTC), "error": error_document(error)})


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
