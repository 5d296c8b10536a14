"""The benchmark of the M4 competition: its measures, its table, its bars; and the model on a few of its series."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.m4.competition import HOURLY, WEEKLY, Frequency, Score, Task, references, scored, tasks
from benchmarks.m4.methods import DEFAULT, PLAIN, Told, told
from benchmarks.m4.standings import Standing, missed, standings, table
from tests.real_tables import DATA
from tests.tasks.waves import wave

M4 = DATA / "m4"
SERIES = wave(300).values
TASK = Task("H1", SERIES[:252], SERIES[252:])


def test_the_measures_are_the_competitions() -> None:
    past = np.array([1.0, 2.0, 3.0, 5.0] * 13)
    score = scored(Task("x", past, np.array([10.0, 20.0])), np.array([8.0, 30.0]), WEEKLY)
    assert score.smape == pytest.approx((200 * 2 / 18 + 200 * 10 / 50) / 2)
    assert score.mase == pytest.approx(6.0 / np.abs(np.diff(past)).mean())


def test_both_methods_tell_a_series() -> None:
    answers = {one.method: one for one in told(TASK, HOURLY)}
    assert answers.keys() == {DEFAULT, PLAIN}
    assert answers[DEFAULT].score.mase < answers[PLAIN].score.mase
    assert answers[DEFAULT].score.smape < 2.0
    assert 0.0 <= answers[DEFAULT].covered <= 1.0


def test_the_table_holds_ours_theirs_and_what_was_published() -> None:
    answers = [Told("H1", DEFAULT, Score(10.0, 0.9), 0.91), Told("H1", PLAIN, Score(20.0, 3.0), 0.8)]
    found = standings(HOURLY, {"Naive2": {"H1": Score(18.0, 2.4), "H9": Score(99.0, 99.0)}}, answers)
    text = table(HOURLY, found, 1)
    rows = [line.split(" | ")[0].strip("| ") for line in text.splitlines()[2:]]
    assert rows.index(f"**{DEFAULT}**") < rows.index("MLP")
    assert "| Naive2 | the same 1 | 18.000 | 2.400 | – |" in text
    assert "| Naive2 | all, as published | 18.383 | 2.395 | – |" in text
    assert "91.0%" in text


@pytest.mark.parametrize(
    ("smape", "mase", "covered", "said"),
    [(9, 0.9, 0.9, []), (13.99, 0.9, 0.9, ["sNaive"]), (9, 1.3, 0.9, ["sNaive"]), (9, 0.9, 0.86, ["holds 86.0%"])],
)
def test_a_bar_that_is_not_cleared_is_named(smape: float, mase: float, covered: float, said: list[str]) -> None:
    rivals = [
        Standing("hourly", "sNaive", 13.979, 1.233, None),
        Standing("hourly", "Naive2", 18.224, 2.432, None),
        Standing("hourly", "MLP(M4 recipe)", 14.0, 2.6, None),
        Standing("weekly", "Naive", 9.537, 2.915, None),
        Standing("weekly", "MLP(M4 recipe)", 21.0, 13.0, None),
        Standing("weekly", DEFAULT, 7.0, 2.4, 0.91),
    ]
    found = missed([*rivals, Standing("hourly", DEFAULT, smape, mase, covered)])
    assert len(found) == len(said)
    assert all(part in text for part, text in zip(said, found, strict=True))


@pytest.mark.parametrize(
    ("frequency", "rival", "mean"),
    [(HOURLY, "sNaive", (13.979, 1.233)), (HOURLY, "Naive2", (18.224, 2.432)), (WEEKLY, "Naive", (9.537, 2.915))],
)
def test_the_references_are_those_to_be_beaten(frequency: Frequency, rival: str, mean: tuple[float, float]) -> None:
    scores = references(M4, frequency)[rival].values()
    assert np.mean([score.smape for score in scores]) == pytest.approx(mean[0], abs=1e-3)
    assert np.mean([score.mase for score in scores]) == pytest.approx(mean[1], abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("frequency", "every", "rivals"), [(HOURLY, 12, ("sNaive", "Naive2", "MLP(M4 recipe)")), (WEEKLY, 15, ("Naive",))]
)
def test_the_default_beats_the_naive_ones(frequency: Frequency, every: int, rivals: tuple[str, ...]) -> None:
    """On eighteen hourly and twelve weekly series; `make bench-m4` takes them all."""
    answers = [one for task in list(tasks(M4, frequency))[::every] for one in told(task, frequency)]
    found = {one.method: one for one in standings(frequency, references(M4, frequency), answers)}
    for rival in rivals:
        assert found[DEFAULT].smape < found[rival].smape
        assert found[DEFAULT].mase < found[rival].mase
    covered = found[DEFAULT].covered
    assert covered is not None
    assert 0.84 < covered < 0.96


def test_a_page_awaits_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "explanation" / "forecasting.md"
    assert "<!-- m4: begin -->" in page.read_text(encoding="utf-8")
