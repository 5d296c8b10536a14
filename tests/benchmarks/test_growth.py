from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.growth.__main__ import projects, told
from benchmarks.growth.filling import LABELS, YEAR, fill, records
from benchmarks.growth.pages import kinds
from tests.benchmarks.figures import summary
from vaticina.history.migrate import upgrade
from vaticina.history.sql import open_history


def test_a_history_spans_a_year_in_order_with_the_classes_promised() -> None:
    end = datetime(2026, 1, 1, tzinfo=UTC)
    made = list(records(5_000, end))
    assert made[0].time == end - YEAR
    assert end - made[-1].time < timedelta(hours=2)
    assert [record.uid for record in made] == sorted({record.uid for record in made})
    seen = Counter(record.label for record in made)
    assert all(abs(seen[label] / 5_000 - part) < 0.03 for label, part in LABELS.items())


def test_a_filled_history_counts_and_gives_full_pages_of_every_kind(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'history.db'}"
    upgrade(url)
    fill(tmp_path / "history.db", 12_345)
    history = open_history(url)
    assert history.total("medico") == 12_345
    for kind, query in kinds(12_345).items():
        given = {
            name: datetime.fromisoformat(str(value)) if "T" in str(value) else value for name, value in query.items()
        }
        assert len(history.page("medico", **given)) == 100, kind  # type: ignore[arg-type]
    history.close()


def test_what_one_more_project_costs_is_told() -> None:
    summaries = {"projects-1": summary("projects-1", memory=50), "projects-11": summary("projects-11", memory=70)}
    assert "| 11 | 0.000 | 2.00 |" in projects(summaries)


def test_pages_of_the_long_history_are_compared_with_the_short_one() -> None:
    assert "| first | 2.00 | 4.00 | 2.00 | aim, not yet |" in told({"short": {"first": 2.0}, "long": {"first": 4.0}})
    assert told({}) == ""
