"""One run from the command line: options in, measurement, report out."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from benchmarks import bars, load, machine, processes, report, rounds
from benchmarks.bars import Bar
from benchmarks.contenders import ROOT, Builder, Contender
from benchmarks.summary import summarise

PAGE = ROOT / "docs/explanation/performance.md"


More = Callable[[Mapping[str, Contender], int], str]
"""Measures the contenders in a way of its own, for so many seconds each, and tells what came of it as Markdown."""


def main(
    builders: Mapping[str, Builder],
    wanted: Sequence[Bar],
    section: str,
    description: str,
    page: Path = PAGE,
    more: More | None = None,
) -> None:
    """Measures what the command line asks for, prints the report, keeps it where asked.

    Raises:
        SystemExit: something could not be measured, an answer was wrong, or a promised bar was not cleared.
    """
    options = _options(builders, description)
    load.require_wrk()
    signal.signal(signal.SIGTERM, leave)
    machine.settle()
    processes.adopt_orphans()
    chosen = {name: builders[name] for name in options.only}
    samples = []
    with rounds.ready(chosen) as contenders:
        for sample in rounds.run(contenders, options.rounds, options.seconds):
            print(f"{sample.name}: {sample.rate:,.0f} req/s, p99 {sample.p99:.1f} ms", file=sys.stderr, flush=True)
            samples.append(sample)
        beside = more(contenders, options.seconds) if more else ""
    text = report.markdown(samples, contenders, wanted, options.seconds)
    text = f"{text}\n\n{beside}" if beside else text
    print(f"\n{text}")
    if options.json:
        report.save(samples, options.json)
    if options.write:
        report.write_into(page, section, text)
    if missed := bars.failed(tuple(wanted), summarise(samples)):
        raise SystemExit("not cleared: " + "; ".join(map(str, missed)))


def _options(builders: Mapping[str, Builder], description: str) -> Namespace:
    parser = ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=10, help="length of the load at 64 connections (default 10)")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=builders,
        default=list(builders),
        metavar="NAME",
        help=f"some contenders alone: {', '.join(builders)}",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every sample in FILE")
    parser.add_argument("--write", action="store_true", help="put the tables into the page that shows them")
    return parser.parse_args()


def leave(number: int, frame: FrameType | None) -> None:
    """Turns SIGTERM into an exit that passes through every `finally`, so that servers and folders go."""
    del frame
    raise SystemExit(128 + number)
