"""The jobs of a project as files, which all its server processes read, and the next start too."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from vaticina.contract.sentence import Sentence
from vaticina.errors import NotFound, VaticinaError
from vaticina.jobs.job import Job, error_document

MAX_ENDED = 100
"""How many jobs that have ended are kept."""


class JobFiles:
    """A folder with a file ``{id}.json`` for each job. Ids sort by time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, job: Job) -> None:
        """Writes the file of ``job``: all of it, or nothing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._folder, prefix=".", delete=False, encoding="utf-8") as file:
            file.write(job.model_dump_json())
        Path(file.name).replace(self._folder / f"{job.id}.json")

    def read(self, identity: str) -> Job:
        """The job called ``identity``. Raises NotFound."""
        if identity.replace("-", "").isalnum():
            job = self._read(self._folder / f"{identity}.json")
            if job is not None:
                return job
        raise NotFound(Sentence("no_job", job=identity[:64], count=MAX_ENDED))

    def all(self) -> list[Job]:
        """All jobs with a file, newest first."""
        jobs = map(self._read, sorted(self._folder.glob("[!.]*.json"), reverse=True))
        return list(filter(None, jobs))

    def prune(self) -> None:
        """Deletes the files of the oldest jobs that have ended, beyond ``MAX_ENDED``."""
        ended = [job for job in self.all() if job.has_ended]
        for job in ended[MAX_ENDED:]:
            (self._folder / f"{job.id}.json").unlink(missing_ok=True)

    def _read(self, file: Path) -> Job | None:
        """The job in ``file``, failed if its process has ended; None when there is no readable file."""
        try:
            job = Job.model_validate_json(file.read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None
        if job.has_ended or _is_running(job.owner):
            return job
        return _interrupted(job)


def _interrupted(job: Job) -> Job:
    error = VaticinaError("The server ended before this job did; start the job again.")
    return job.model_copy(update={"status": "failed", "finished": datetime.now(UTC), "error": error_document(error)})


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
