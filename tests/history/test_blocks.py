"""Counters and blocks: the answers do not depend on the sizes of the batches."""

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


def varied_records(count: int) -> list[Record]:
    """``count`` records, a second apart, of several labels and two projects; one in 700 has the label RARO."""
    varied: list[Record] = []
    for index, record in enumerate(records(count)):
        label = "RARO" if index % 700 == 3 else LABELS[index % 5]
        project = "gas" if index % 3 == 0 else "medico"
        varied.append(record._replace(time=START + timedelta(seconds=index), label=label, project=project))
    return varied


def uids(history: History, **filters: object) -> list[str]:
    """The uids of all predictions that match ``filters``, read in pages of 400."""
    matching: list[str] = []
    before = None
    while page := history.page("medico", before=before, limit=400, **filters):  # type: ignore[arg-type]
        matching += [stored.record.uid for stored in page]
        before = page[-1].seq
    return matching


def check_same(history: History, twin: History) -> None:
    """Both give the same answers."""
    for project in ("medico", "gas", "nobody"):
        assert history.total(project) == twin.total(project)
        assert history.stats(project).by_label == twin.stats(project).by_label
    middle = START + timedelta(seconds=BLOCK)
    for filters in ({}, {"label": "RARO"}, {"since": middle}, {"until": middle}, {"label": "SANO", "since": middle}):
        assert uids(history, **filters) == uids(twin, **filters)


@pytest.mark.parametrize(
    "sizes",
    [(1,), (BLOCK - 2, 1, 1, 1, 1), (BLOCK - 1,), (BLOCK,), (BLOCK, BLOCK), (3 * BLOCK + 5,), (10, 3 * BLOCK, 7)],
)
def test_batches_of_any_size(history_url: str, sizes: Sequence[int]) -> None:
    twin = MemoryHistory()
    rows = iter(varied_records(sum(sizes)))
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
    rows = varied_records(3 * BLOCK)
    with closing(open_history(url)) as history:
        for low, high in pairwise([0, *sorted(cuts), len(rows)]):
            history.append(rows[low:high])
        check_counts(url)
        counts = Counter(record.label for record in rows if record.project == "medico")
        assert history.total("medico") == sum(counts.values())
        assert history.stats("medico").by_label == {label: rows for label, rows in counts.items() if label}
