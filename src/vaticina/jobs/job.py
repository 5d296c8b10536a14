"""A job: its request, its progress and its result."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from vaticina.errors import VaticinaError

Status = Literal["queued", "running", "succeeded", "failed"]

ENDED = frozenset({"succeeded", "failed"})


class Job(BaseModel):
    """One job. ``owner`` is the id of the process that runs it; ``progress`` is the share done, from 0 to 1."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    request: dict[str, Any]
    status: Status = "queued"
    step: str | None = None
    progress: float = 0.0
    created: datetime
    started: datetime | None = None
    finished: datetime | None = None
    owner: int
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it succeeded or failed."""
        return self.status in ENDED


def error_document(error: VaticinaError) -> dict[str, Any]:
    """``error`` as it is written into a job: its code, HTTP status and message, and the sentence of the catalogue."""
    return {"code": error.code, "status": error.status, "message": str(error.message), **error.sentence}
