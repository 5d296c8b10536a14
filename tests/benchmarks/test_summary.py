import pytest

from benchmarks.summary import summarise
from tests.benchmarks.figures import sample


def test_figures_are_medians_over_the_rounds_of_each_contender() -> None:
    rounds = [sample("a", 100, 9), sample("b", 7), sample("a", 300, 1), sample("b", 9), sample("a", 120, 5)]
    summaries = summarise(rounds)
    assert list(summaries) == ["a", "b"]
    assert (summaries["a"].rounds, summaries["a"].rate, summaries["a"].p99) == (3, 120, 5)
    assert (summaries["b"].rounds, summaries["b"].rate) == (2, 8)


def test_the_spread_is_the_range_of_rates_against_their_median() -> None:
    summaries = summarise([sample("a", 90), sample("a", 100), sample("a", 120)])
    assert summaries["a"].spread == pytest.approx(0.3)
