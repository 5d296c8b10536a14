import json
from pathlib import Path

from benchmarks.bars import VARIANTS
from benchmarks.variants.group_commit import rate
from benchmarks.variants.mixed.table import CATEGORIES, NUMBERS, rows, write_bodies, write_csv
from tests.benchmarks.figures import summary


def test_the_second_model_has_missing_cells_of_every_kind_and_all_classes() -> None:
    drawn = list(rows(2_000, seed=7))
    for name in (*NUMBERS, *CATEGORIES):
        missing = sum(row[name] is None for row, _ in drawn)
        assert 140 < missing < 260
    assert {outcome for _, outcome in drawn} == {"low", "middle", "high"}


def test_its_rows_are_always_the_same_and_training_never_saw_those_asked_for(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_csv(tmp_path / f"{name}.csv", 50)
        write_bodies(tmp_path / f"{name}.jsonl", 50)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    bodies = [json.loads(line) for line in (tmp_path / "one.jsonl").read_text().splitlines()]
    assert len({json.dumps(body) for body in bodies}) == 50
    assert not any(body == row for body in bodies for row, _ in rows(50, seed=7))


def test_the_floor_of_commits_counts_rows_that_are_there(tmp_path: Path) -> None:
    assert rate(str(tmp_path / "floor.db"), 0.05) > 0


def test_each_variant_is_compared_with_its_own_floor() -> None:
    summaries = {"mixed": summary("mixed", rate=84), "mixed-bare": summary("mixed-bare", rate=200)}
    told = [bar.value(summaries) for bar in VARIANTS if bar.other == "mixed-bare"]
    assert told == [0.42]
