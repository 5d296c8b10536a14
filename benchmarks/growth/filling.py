"""A history as long as wished: a year of medico's predictions, written by the product's own journal."""

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from vaticina.contract.record import Record
from vaticina.history.journal import SqliteJournal

YEAR = timedelta(days=365)
RAREST = "NO ENFERMO"
LABELS = {
    "ENFERMEDAD LEVE": 0.38,
    "ENFERMEDAD AGUDA": 0.32,
    "ENFERMEDAD CRÓNICA": 0.15,
    "ENFERMEDAD TERMINAL": 0.11,
    RAREST: 0.04,
}
"""Label -> its part of all predictions."""

_BATCH = 10_000


def fill(database: Path, rows: int) -> None:
    """Adds `rows` predictions to a database that has our tables, the last of them made now. Raises sqlite3.Error."""
    journal = SqliteJournal(database, sync=False)
    made = records(rows, datetime.now(UTC))
    try:
        while batch := list(islice(made, _BATCH)):
            journal.write(batch)
    finally:
        journal.close()
    os.sync()  # else the disk would still be writing these rows while the server is measured


def records(rows: int, end: datetime) -> Iterator[Record]:
    """`rows` predictions, evenly over the year before `end`, oldest first; always the same cells."""
    source = random.Random(7)
    labels, weights = list(LABELS), list(LABELS.values())
    for number in range(rows):
        time = end - YEAR * ((rows - number) / rows)
        label = source.choices(labels, weights)[0]
        yield _record(time, source, label)


def _record(time: datetime, source: random.Random, label: str) -> Record:
    uid = _uid(time, source)
    score = 0.4 + 0.6 * source.random()
    age, fever, pain = 95 * source.random(), 35.5 + 6 * source.random(), 10 * source.random()
    return Record(
        uid=uid,
        request_id=uid,
        row_index=0,
        idempotency_key=None,
        project="medico",
        version="20260101T000000000Z-00000000",
        role="production",
        time=time,
        input=f'{{"edad":{age:.1f},"fiebre":{fever:.1f},"dolor":{pain:.1f}}}',
        output=f'{{"prediccion":"{label}","probabilidad":{score},"timestamp":"{time:%Y-%m-%dT%H:%M:%S.%f}"}}',
        label=label,
        score=score,
        outside_range=False,
        principal=None,
        latency_us=source.randrange(500, 5_000),
    )


def _uid(time: datetime, source: random.Random) -> str:
    """An id that sorts by time, as UUIDs of version 7 do."""
    head = f"{int(time.timestamp() * 1e3):012x}"
    tail = f"{source.getrandbits(76):019x}"
    return f"{head[:8]}-{head[8:]}-7{tail[:3]}-{tail[3:7]}-{tail[7:]}"
