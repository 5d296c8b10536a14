"""Contract suite of ``vaticina.history.History``: what every implementation of that protocol must do."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from uuid_utils import uuid7

from tests.contracts.expect import expect, refused
from vaticina.contract import Record
from vaticina.errors import HistoryUnavailable, IdempotencyConflict
from vaticina.history import History, StoredPrediction

START = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
LABELS = ("NO ENFERMO", "ENFERMEDAD CRÓNICA", None, "50 % 'x' \"y\" \\")


def _record(index: int = 0, **changes: Any) -> Record:
    """A new record, ``index`` seconds after START, labels in turn."""
    request = (f"request-{index}", 0, None, "medico", "20260102T030405-ab12c", "production")
    texts = ('{"edad":45.0,"texto":"ñ \\u0000 \U0001f600"}', '{"probabilidad":0.8213}', LABELS[index % len(LABELS)])
    record = Record(uuid7().hex, *request, START + timedelta(seconds=index), *texts, 0.1 + 0.2, False, None, 812)
    return record._replace(**changes)


def _several(count: int, **changes: Any) -> list[Record]:
    """``count`` new records, a second apart."""
    return [_record(index, **changes) for index in range(count)]


def _records(page: Sequence[StoredPrediction]) -> list[Record]:
    return [stored.record for stored in page]


def check_history_starts_empty(history: History) -> None:
    """A fresh history is ready, and answers questions about unknown projects with nothing."""
    history.ping()
    history.append([])
    expect(history.is_current(), "a fresh history is current")
    expect(history.page("medico") == [], "an unknown project has an empty page")
    expect(history.find("medico", "nothing") is None, "what is not there is not found")
    expect(history.stats("medico") == (0, {}, [], None, {}), "an unknown project's statistics are empty")


def check_history_counts_what_lay_outside(history: History) -> None:
    """The counts of inputs outside of what training saw are summed up by project; a repeated batch adds nothing."""
    first = _several(3)
    history.append(first, {"edad": 2, 'año "1"': 1})
    history.append(first, {"edad": 2, 'año "1"': 1})
    history.append([_record()])
    history.append([_record(project="other")], {"edad": 1})
    history.append([_record()], {"edad": 1})
    expect(history.stats("medico").outside == {"edad": 3, 'año "1"': 1}, "each batch's counts are added once")
    expect(history.stats("other").outside == {"edad": 1}, "projects are counted apart")


def check_history_keeps_every_field(history: History) -> None:
    """What goes in comes out, to the microsecond and the last bit, numbered in its order."""
    records = [
        _record(idempotency_key="key", row_index=7, outside_range=True, principal="ana", latency_us=2**40),
        _record(label=None, score=None, time=datetime(2026, 1, 1, 12, tzinfo=UTC)),
        _record(time=datetime.fromisoformat("2026-06-01T00:00:00.000001+05:30")),
    ]
    history.append(records)
    page = history.page("medico")
    expect(_records(page) == records[::-1], "a page gives back what was recorded, newest first")
    expect(page[0].seq > page[1].seq > page[2].seq >= 1, "numbers rise from 1, within a batch too")
    expect(page[2].record.outside_range is True, "a flag stays a flag")
    expect(all(record.time.utcoffset() == timedelta(0) for record in _records(page)), "times are in UTC")
    expect(history.find("medico", records[1].uid) == page[1], "a uid finds its prediction")


def check_history_keeps_all_or_none(history: History) -> None:
    """A batch with one record that cannot be kept is refused as a whole; the same batch again is no other one."""
    records = _several(4)
    history.append(records[:1])
    for batch in (records, [*records[1:], records[1]]):
        with refused(HistoryUnavailable, "recorded already"):
            history.append(batch)
        expect(history.total("medico") == 1, "a refused batch is not counted")
        expect(_records(history.page("medico")) == records[:1], "a refused batch leaves nothing")
    history.append(records[1:])
    history.append(records[1:])
    expect(history.total("medico") == len(history.page("medico")) == 4, "the same batch again changes nothing")


def check_history_keeps_idempotency_keys_apart(history: History) -> None:
    """A key is unique for a caller of a project, whose one request may have several rows; no key claims nothing."""
    history.append([_record(idempotency_key="k", row_index=row) for row in range(2)] + [_record(), _record()])
    history.append([_record(idempotency_key="k", principal="ana")])
    history.append([_record(idempotency_key="k", project="other")])
    for principal in (None, "ana"):
        with refused(IdempotencyConflict, "sent before"):
            history.append([_record(), _record(idempotency_key="k", principal=principal)])
    expect(history.total("medico") == 5, "a refused key is not counted, nor what came with it")


def check_history_finds_requests_by_their_key(history: History) -> None:
    """A key finds its request's rows in their order, for the same caller of the same project alone."""
    rows = [_record(idempotency_key="k", row_index=row) for row in range(3)]
    history.append([*reversed(rows), _record()])
    history.append([_record(idempotency_key="k", principal="ana"), _record(idempotency_key="k", project="other")])
    expect(_records(history.answered("medico", None, "k")) == rows, "a request is found whole, in its order")
    expect(len(history.answered("medico", "ana", "k")) == 1, "each caller has keys of its own")
    for project, principal, key in (("medico", None, "K"), ("medico", "bob", "k"), ("third", None, "k")):
        expect(history.answered(project, principal, key) == [], "another key, caller or project finds nothing")


def check_history_tells_statistics(history: History) -> None:
    """Totals are exact; records without a label count in the total alone; projects do not see each other."""
    mine = _several(11)
    theirs = _several(11, project="other", label="b")
    for start in range(0, 11, 3):
        history.append(mine[start : start + 3] + theirs[start : start + 3])
    stats = history.stats("medico")
    labels = [record.label for record in mine]
    expect(stats.total == history.total("medico") == 11, "the total is every prediction of the project")
    expect(stats.by_label == {label: labels.count(label) for label in labels if label}, "labels are counted")
    expect(_records(stats.last) == mine[:-6:-1], "the last five are the newest first")
    expect(stats.last_time == mine[-1].time, "the last time is the newest prediction's")
    expect(history.find("medico", theirs[0].uid) is None, "another project's prediction is not found")
    expect(history.page("medico", label="b") == [], "another project's label is not found")


def check_history_pages_by_key(history: History) -> None:
    """Walking by key meets every record once, newest first, whatever is appended meanwhile."""
    records = _several(3_000)
    for start in range(0, 3_000, 700):
        history.append(records[start : start + 700])
    walked: list[StoredPrediction] = []
    while page := history.page("medico", before=walked[-1].seq if walked else None, limit=333):
        walked += page
        history.append([_record(), _record()])
    expect(_records(walked) == records[::-1], "a walk misses, repeats and disorders nothing")
    expect(all(history.page("medico", before=number) == [] for number in (-(10**30), 0, 1)), "nothing is before 1")
    expect(len(history.page("medico", before=10**30, limit=7)) == 7, "everything is before a very large number")


def check_history_filters_pages(history: History) -> None:
    """Project, time and label choose exactly, also where records come out of order."""
    records = [
        _record(
            index,
            time=START + timedelta(seconds=index * 37 % 2_000 if index % 50 == 0 else index),
            label="rare" if index % 701 == 0 else LABELS[index % 4],
            project="other" if index % 3 == 0 else "medico",
        )
        for index in range(2_500)
    ]
    for first in range(0, 2_500, 64):
        history.append(records[first : first + 64])
    numbered = history.page("medico", limit=5_000)
    expect(_records(numbered) == [record for record in records[::-1] if record.project == "medico"], "all are there")
    moments = (None, START, START + timedelta(seconds=1_100), START + timedelta(seconds=1_101), START.replace(2030))
    labels = (None, "rare", "NO ENFERMO", "never")
    for since, until, label, before in product(moments, moments, labels, (None, numbered[700].seq)):
        page = history.page("medico", since=since, until=until, label=label, before=before)
        matching = numbered
        if before is not None:
            matching = [stored for stored in matching if stored.seq < before]
        if since is not None:
            matching = [stored for stored in matching if stored.record.time >= since]
        if until is not None:
            matching = [stored for stored in matching if stored.record.time < until]
        if label is not None:
            matching = [stored for stored in matching if stored.record.label == label]
        expect(page == matching[:100], f"{since}, {until}, {label}, {before} choose {len(matching)} records")


def check_history_counts_for_several_threads(history: History) -> None:
    """Engines that append at once: nothing is lost, refused or counted twice."""

    def append(label: str) -> None:
        for _ in range(20):
            history.append(_several(5, label=label))

    threads = [threading.Thread(target=append, args=(f"thread {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(history.stats("medico").by_label == {f"thread {n}": 100 for n in range(4)}, "counts are exact")
    expect(len(history.page("medico", limit=1_000)) == 400, "every record is there")


HISTORY_CHECKS = (
    check_history_starts_empty,
    check_history_keeps_every_field,
    check_history_keeps_all_or_none,
    check_history_keeps_idempotency_keys_apart,
    check_history_finds_requests_by_their_key,
    check_history_tells_statistics,
    check_history_pages_by_key,
    check_history_filters_pages,
    check_history_counts_for_several_threads,
)
"""What every history must do; each check takes one that is fresh and empty."""
