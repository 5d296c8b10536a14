import pytest

from benchmarks.bars import FOUNDATION, Bar, failed
from tests.benchmarks.figures import summary


def test_a_ratio_is_the_own_figure_divided_by_the_other() -> None:
    summaries = {"medico": summary("medico", rate=1600), "handwritten": summary("handwritten", rate=160)}
    assert Bar("rate", "≥", 8, "handwritten").value(summaries) == 10


def test_without_another_the_figure_itself_is_compared() -> None:
    bar = Bar("memory", "≤", 135)
    assert bar.value({"medico": summary("medico", memory=140)}) == 140
    assert bar.verdict(140) == "FAIL"
    assert bar.verdict(135) == "pass"


def test_who_did_not_take_part_has_no_value() -> None:
    bar = Bar("rate", "≥", 8, "handwritten")
    assert bar.value({"medico": summary("medico")}) is None
    assert bar.value({"handwritten": summary("handwritten")}) is None
    assert failed((bar,), {"medico": summary("medico")}) == []


@pytest.mark.parametrize(("rate", "p99", "missed"), [(800, 25, 0), (799, 25, 1), (800, 26, 1), (1, 99, 2)])
def test_both_bars_of_the_foundation_are_kept_or_told(rate: float, p99: float, missed: int) -> None:
    summaries = {"medico": summary("medico", rate, p99), "handwritten": summary("handwritten", 100, 100)}
    assert len(failed(FOUNDATION, summaries)) == missed


def test_an_aim_is_told_and_never_fails() -> None:
    aim = Bar("rate", "≥", 2, "fastapi", promised=False)
    summaries = {"medico": summary("medico", rate=100), "fastapi": summary("fastapi", rate=100)}
    assert failed((aim,), summaries) == []
    assert (aim.verdict(1.9), aim.verdict(2.0)) == ("aim, not yet", "aim, reached")
