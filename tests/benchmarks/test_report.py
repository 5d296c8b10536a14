from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

from benchmarks.bars import FOUNDATION
from benchmarks.contenders import Contender
from benchmarks.machine import Calibration, noise
from benchmarks.report import markdown, write_into
from tests.benchmarks.figures import sample

CONTENDERS = {name: Contender(f"the {name}", Path(), ()) for name in ("handwritten", "medico")}


def test_the_report_tells_figures_ratios_and_verdicts() -> None:
    samples = [sample("handwritten", rate=150, p99=2000), sample("medico", rate=1800, p99=600)]
    text = markdown(samples, CONTENDERS, FOUNDATION, seconds=10)
    assert "| the medico | 1,800 | ±0% | 5.00 | 600.0 | 1.00 | 2.00 | 50 |" in text
    assert "| handwritten | 12.00× | 1.00× | 0.30× | 1.00× | 1.00× | 1.00× |" in text
    assert "| 12.00 | pass |" in text
    assert "| 0.30 | FAIL |" in text


def test_without_medico_there_are_figures_alone() -> None:
    text = markdown([sample("handwritten")], CONTENDERS, FOUNDATION, seconds=10)
    assert "the handwritten" in text
    assert "divided by" not in text
    assert "verdict" not in text


def test_a_loop_without_a_server_has_a_rate_and_dashes() -> None:
    loop = replace(sample("loop"), p50=nan, p99=nan, alone_p50=nan, startup=nan, memory=nan)
    both = {**CONTENDERS, "loop": Contender("the loop", Path(), (), loop=True)}
    text = markdown([loop, sample("medico")], both, (), seconds=10)
    assert "| the loop | 100 | ±0% | – | – | – | – | – |" in text
    assert "| loop | 1.00× | – | – | – | – | – |" in text


def test_an_unquiet_machine_is_told() -> None:
    idle, slower, shared = Calibration(10.5, 10.0), Calibration(14.5, 14.0), Calibration(30.0, 10.0)
    assert "10.5–14.5 ms by the clock, 10.0 ms of processor at best; the machine was quiet" in noise([idle, slower])
    assert "NOT quiet" in noise([shared, shared])


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- serving: begin -->\nold\n<!-- serving: end -->\nafter\n")
    write_into(page, "serving", "new")
    write_into(page, "serving", "newer")
    assert page.read_text() == "before\n<!-- serving: begin -->\nnewer\n<!-- serving: end -->\nafter\n"


def test_a_page_without_the_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- serving: end -->\n<!-- serving: begin -->\n")
    with pytest.raises(SystemExit, match="<!-- serving: begin -->"):
        write_into(page, "serving", "new")
    assert page.read_text() == "<!-- serving: end -->\n<!-- serving: begin -->\n"
