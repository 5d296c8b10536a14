"""What a long history and many projects on one server cost: `python -m benchmarks.growth`."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import bars, load, machine, processes, report, rounds
from benchmarks.contenders import ROOT, Builder, Contender
from benchmarks.growth import builders
from benchmarks.growth.pages import Pages, timed
from benchmarks.server import serving
from benchmarks.session import PAGE, leave
from benchmarks.summary import Summary, summarise

SHORT = 10_000
PAGE_BAR = 1.5


def main() -> None:
    """Measures, prints the report, keeps it where asked.

    Raises:
        SystemExit: something could not be measured, or a promised bar was not cleared.
    """
    options = _options()
    load.require_wrk()
    signal.signal(signal.SIGTERM, leave)
    machine.settle()
    processes.adopt_orphans()
    with TemporaryDirectory(prefix="bench-") as source:
        template = builders.template(Path(source))
        with rounds.ready(_builders(template, options)) as contenders:
            pages = {} if options.rows == 0 else _pages(contenders, options.rows)
            samples = []
            for sample in rounds.run(contenders, options.rounds, options.seconds):
                print(f"{sample.name}: {sample.rate:,.0f} req/s, {sample.memory:.0f} MB", file=sys.stderr, flush=True)
                samples.append(sample)
    summaries = summarise(samples)
    figures = report.markdown(samples, contenders, bars.GROWTH, options.seconds)
    text = "\n\n".join(part for part in (figures, projects(summaries), told(pages)) if part)
    print(f"\n{text}")
    if options.json:
        report.save(samples, options.json)
    if options.write:
        report.write_into(PAGE, "growth", text)
    if missed := bars.failed(bars.GROWTH, summaries):
        raise SystemExit("not cleared: " + "; ".join(map(str, missed)))


def _builders(template: Path, options: Namespace) -> dict[str, Builder]:
    lengths = {"empty": 0, "short": SHORT, "long": options.rows} if options.rows else {}
    long = {name: partial(builders.long, template, rows=rows) for name, rows in lengths.items()}
    many = {f"projects-{count}": partial(builders.many, template, count=count) for count in options.projects}
    return {**long, **many}


def _pages(contenders: Mapping[str, Contender], rows: int) -> dict[str, Pages]:
    """Pages of the short and of the long history, before any load adds to them."""
    found = {}
    for name, length in (("short", SHORT), ("long", rows)):
        with serving(contenders[name]) as server:
            found[name] = timed(server.url, length)
    return found


def told(pages: Mapping[str, Pages]) -> str:
    """The table of pages; nothing where none were asked for."""
    if not pages:
        return ""
    rows = []
    for kind, short in pages["short"].items():
        ratio = pages["long"][kind] / short
        verdict = "aim, reached" if ratio <= PAGE_BAR else "aim, not yet"
        rows.append((kind, f"{short:.2f}", f"{pages['long'][kind]:.2f}", f"{ratio:.2f}", verdict))
    return report.table(("page of 100", "ms, short", "ms, long", "ratio", f"≤ {PAGE_BAR}"), rows)


def projects(summaries: Mapping[str, Summary]) -> str:
    """The table of many projects: what one more costs, beyond the first."""
    counts = {int(name.partition("-")[2]): figures for name, figures in summaries.items() if "-" in name}
    alone = counts.get(1)
    rows = [
        (
            str(count),
            f"{(own.startup - alone.startup) / (count - 1):.3f}",
            f"{(own.memory - alone.memory) / (count - 1):.2f}",
        )
        for count, own in counts.items()
        if alone and count > 1
    ]
    return report.table(("projects", "start-up s for one more", "PSS MB for one more"), rows) if rows else ""


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="the long history's rows; 0 leaves histories out")
    parser.add_argument(
        "--projects", type=int, nargs="*", default=[1, 50, 200], metavar="N", help="projects on one server"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=10, help="length of the load at 64 connections (default 10)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every sample in FILE")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
