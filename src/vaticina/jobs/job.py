"""A job: what was asked, how far it is, and what came of it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from vaticina.errors import VaticinaError

Status = Literal["queued", "running", "succeeded", "failed"]

ENDED = frozenset({"succeeded", "failed"})


class Job(BaseModel):
    """One job. ``owner`` is the process that has it done; ``step`` and ``progress`` (0 to 1) tell where it is."""

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
        """Whether nothing more will come of it."""
        return self.status in ENDED


def error_document(error: VaticinaError) -> dict[str, Any]:
    """``error`` as a job keeps it."""
    return {"code": error.code, "status": error.status, "message": str(error.message), **error.sentence}
