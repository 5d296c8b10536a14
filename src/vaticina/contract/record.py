"""One row of the history, as the leaves share it."""

from datetime import datetime
from typing import NamedTuple


class Record(NamedTuple):
    """A prediction as it is kept: ``time`` in UTC, ``input`` and ``output`` as JSON text, latency in microseconds."""

    uid: str
    request_id: str
    row_index: int
    idempotency_key: str | None
    project: str
    version: str
    role: str
    time: datetime
    input: str
    output: str
    label: str | None
    score: float | None
    outside_range: bool
    principal: str | None
    latency_us: int
