"""Kind window on M4's hourly and weekly series, beside M4's figures: `python -m benchmarks.m4`."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import repeat
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks import report
from benchmarks.contenders import ROOT
from benchmarks.data import series_folder
from benchmarks.m4.competition import HOURLY, WEEKLY, Frequency, Task, references, tasks
from benchmarks.m4.methods import Told, told
from benchmarks.m4.standings import Standing, missed, standings, table

PAGE = ROOT / "docs" / "explanation" / "forecasting.md"


def main() -> None:
    """Trains a model for each series, prints the tables, keeps them where asked.

    Raises:
        SystemExit: there is no folder of series, or a promised bar was not cleared.
    """
    options = _options()
    folder = series_folder("m4")
    found: list[Standing] = []
    texts = []
    for frequency in (HOURLY, WEEKLY):
        chosen = list(tasks(folder, frequency))[:: options.every]
        answers = list(_told(chosen, frequency, options.processes))
        own = standings(frequency, references(folder, frequency), answers)
        found += own
        texts.append(table(frequency, own, len(chosen)))
    text = "\n\n".join(texts)
    print(text)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=2) + "\n")
    if options.write:
        report.write_into(PAGE, "m4", text)
    if short := missed(found):
        raise SystemExit("not cleared: " + "; ".join(short))


def _told(chosen: Sequence[Task], frequency: Frequency, processes: int) -> Iterator[Told]:
    """What our methods tell of each series, with a bar on the terminal."""
    with Progress(console=Console(file=sys.stderr)) as progress, ProcessPoolExecutor(processes) as pool:
        bar = progress.add_task(frequency.name, total=len(chosen))
        for answers in pool.map(told, chosen, repeat(frequency)):
            yield from answers
            progress.advance(bar)


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th series")
    parser.add_argument("--processes", type=int, default=1, help="how many series at once (default 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures in FILE")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
