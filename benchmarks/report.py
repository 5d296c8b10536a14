"""What a run tells: a table of figures, the ratios, the bars, the noise; as Markdown and as JSON."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bars import Bar
from benchmarks.contenders import Contender
from benchmarks.machine import describe, noise
from benchmarks.rounds import CONNECTIONS, Sample
from benchmarks.summary import Summary, summarise

Row = Sequence[str]


def markdown(samples: Sequence[Sample], contenders: Mapping[str, Contender], bars: Sequence[Bar], seconds: int) -> str:
    """The whole report."""
    summaries = summarise(samples)
    rounds = max(summary.rounds for summary in summaries.values())
    titles = {name: contender.title for name, contender in contenders.items()}
    parts = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {describe()}",
        f"{rounds} interleaved rounds of {seconds} s at {CONNECTIONS} connections; medians. "
        + noise([loop for sample in samples for loop in sample.loops]),
        _figures(summaries, titles),
        _ratios(summaries, [name for name, contender in contenders.items() if name in summaries and name != "medico"]),
        _bars(summaries, bars),
    ]
    return "\n\n".join(part for part in parts if part)


def _figures(summaries: Mapping[str, Summary], titles: Mapping[str, str]) -> str:
    heading = ("server", "req/s", "spread", "p50 ms", "p99 ms", "p50 ms alone", "first answer s", "PSS MB")
    return table(heading, [(titles[name], *_cells(summary)) for name, summary in summaries.items()])


def _cells(summary: Summary) -> Row:
    return (
        f"{summary.rate:,.0f}",
        f"±{summary.spread / 2:.0%}",
        _known(summary.p50, ".2f"),
        _known(summary.p99, ".1f"),
        _known(summary.alone_p50, ".2f"),
        _known(summary.startup, ".2f"),
        _known(summary.memory, ".0f"),
    )


def _known(figure: float, form: str) -> str:
    """A figure as text; a dash where a loop that is no server has none."""
    return "–" if math.isnan(figure) else format(figure, form)


def _ratios(summaries: Mapping[str, Summary], others: Sequence[str]) -> str:
    """Each figure of medico divided by everyone else's; nothing where medico was not measured."""
    if "medico" not in summaries or not others:
        return ""
    heading = ("medico divided by", "req/s", "p50", "p99", "p50 alone", "first answer", "PSS")
    return table(heading, [(other, *_divided(summaries["medico"], summaries[other])) for other in others])


def _divided(own: Summary, other: Summary) -> Row:
    figures = ("rate", "p50", "p99", "alone_p50", "startup", "memory")
    ratios = [getattr(own, figure) / getattr(other, figure) for figure in figures]
    return ["–" if math.isnan(ratio) else f"{ratio:.2f}×" for ratio in ratios]


def _bars(summaries: Mapping[str, Summary], bars: Sequence[Bar]) -> str:
    values = [(bar, bar.value(summaries)) for bar in bars]
    rows = [(str(bar), f"{value:.2f}", bar.verdict(value)) for bar, value in values if value is not None]
    return table(("bar", "measured", "verdict"), rows) if rows else ""


def table(heading: Row, rows: Sequence[Row]) -> str:
    """A Markdown table."""
    rule = ["---", *("--:" for _ in heading[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in (heading, rule, *rows))


def save(samples: Sequence[Sample], file: Path) -> None:
    """Every single sample, with the machine it was taken on, as JSON."""
    document = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": describe(),
        "samples": [asdict(sample) for sample in samples],
    }
    file.write_text(json.dumps(document, indent=2) + "\n")


def write_into(page: Path, section: str, text: str) -> None:
    """Replaces what stands between the page's markers of this section.

    Raises:
        SystemExit: the page lacks the markers.
    """
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    before, found, rest = page.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{page} has no lines {begin} and {end} to write between")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
