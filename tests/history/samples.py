"""Records for tests."""

from datetime import UTC, datetime
from typing import Any

from uuid_utils import uuid7

from vaticina.contract import Record


def records(count: int, **changes: Any) -> list[Record]:
    """``count`` new records of now, with ``changes`` of their fields."""
    return [_record()._replace(**changes) for _ in range(count)]


def _record() -> Record:
    return Record(
        uid=uuid7().hex,
        request_id="0123456789abcdef",
        row_index=0,
        idempotency_key=None,
        project="medico",
        version="20260102T030405-ab12c",
        role="production",
        time=datetime.now(UTC),
        input='{"edad":45.0,"fiebre":39.5,"dolor":8.0}',
        output='{"prediccion":"ENFERMEDAD CRÓNICA","probabilidad":0.8213}',
        label="ENFERMEDAD CRÓNICA",
        score=0.8213,
        outside_range=False,
        principal=None,
        latency_us=812,
    )
