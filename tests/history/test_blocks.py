"""Sums by block: whatever the batches, a question is answered as if there were none."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history.ledger import check_counts
from tests.history.memory import MemoryHistory
from tests.history.samples import records
from vaticina.contract import Record
from vaticina.history.history import History
from vaticina.history.migrate import upgrade
from vaticina.history.schema import BLOCK
from vaticina.history.sql import open_history

START = datetime(2026, 1, 1, tzinfo=UTC)
LABELS = ("SANO", "SANO", "SANO", "CRÓNICO", None)


def made(count: int) -> list[Record]:
    """``count`` records, a second apart, of several labels and two projects; one in 700 is called rare."""
    return [
        record._replace(
            time=START + timedelta(seconds=at),
            label="RARO" if at % 700 == 3 else LABELS[at % 5],
            project="gas" if at % 3 == 0 else "medico",
        )
        for at, record in enumerate(records(count))
    ]


def uids(history: History, **wanted: object) -> list[str]:
    """Every uid that is wanted, by pages of 400."""
    found: list[str] = []
    before = None
    while page := history.page("medico", before=before, limit=400, **wanted):  # type: ignore[arg-type]
        found += [item.record.uid for item in page]
        before = page[-1].seq
    return found


def check_same(history: History, twin: History) -> None:
    """Both answer every question alike."""
    for project in ("medico", "gas", "nobody"):
        assert history.total(project) == twin.total(project)
        assert history.stats(project).by_label == twin.stats(project).by_label
    middle = START + timedelta(seconds=BLOCK)
    for wanted in ({}, {"label": "RARO"}, {"since": middle}, {"until": middle}, {"label": "SANO", "since": middle}):
        assert uids(history, **wanted) == uids(twin, **wanted)


@pytest.mark.parametrize(
    "sizes",
    [(1,), (BLOCK - 2, 1, 1, 1, 1), (BLOCK - 1,), (BLOCK,), (BLOCK, BLOCK), (3 * BLOCK + 5,), (10, 3 * BLOCK, 7)],
)
def test_batches_of_any_size(history_url: str, sizes: Sequence[int]) -> None:
    twin = MemoryHistory()
    rows = iter(made(sum(sizes)))
    with closing(open_history(history_url)) as history:
        for size in sizes:
            batch = list(islice(rows, size))
            history.append(batch)
            twin.append(batch)
            check_counts(history_url)
        check_same(history, twin)


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(1, 3 * BLOCK - 1), max_size=12, unique=True))
def test_batches_of_random_sizes(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('cut') / 'history.db'}"
    upgrade(url)
    rows = made(3 * BLOCK)
    with closing(open_history(url)) as history:
        for low, high in pairwise([0, *sorted(cuts), len(rows)]):
            history.append(rows[low:high])
        check_counts(url)
        counts = Counter(record.label for record in rows if record.project == "medico")
        assert history.total("medico") == sum(counts.values())
        assert history.stats("medico").by_label == {label: rows for label, rows in counts.items() if label}
