"""A thousand callers at once, beside sixty-four, and what is left of them afterwards: `python -m benchmarks.crowd`."""

import signal
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from benchmarks import contenders, load, machine, processes, report, rounds
from benchmarks.contenders import Contender
from benchmarks.load import Load
from benchmarks.server import serving
from benchmarks.session import PAGE, leave

CALLERS = 1_000
BAR = 0.6
CALM = 1
"""Seconds after which a lone caller is to be answered as before."""


@dataclass(frozen=True)
class Round:
    """The loads before, during and after the crowd, and the memory in MB (PSS) before and after it."""

    peak: Load
    alone: Load
    crowd: Load
    after: Load
    memory: tuple[float, float]


def measure(contender: Contender, seconds: int) -> Round:
    """One round on a server of its own. Raises SystemExit when a request is not answered 200."""
    with serving(contender) as server:
        peak = load.press(server.url, rounds.CONNECTIONS, seconds)
        alone = load.press(server.url, 1, CALM)
        before = processes.memory()
        crowd = load.press(server.url, CALLERS, seconds)
        after = load.press(server.url, 1, CALM)
        return Round(peak, alone, crowd, after, (before, processes.memory()))


def share(found: list[Round]) -> float:
    """How much of its peak the server does for a crowd: the median of the rounds' ratios."""
    return median(one.crowd.rate / one.peak.rate for one in found)


def markdown(found: list[Round], seconds: int) -> str:
    """The table, with the ratio to the bar."""
    loads = {
        f"{rounds.CONNECTIONS} connections": [one.peak for one in found],
        f"{CALLERS:,} connections": [one.crowd for one in found],
        "1 connection, before": [one.alone for one in found],
        "1 connection, in the second after": [one.after for one in found],
    }
    rows = [
        (
            name,
            f"{median(one.rate for one in own):,.0f}",
            f"{median(one.p50 for one in own):.2f}",
            f"{median(one.p99 for one in own):.1f}",
            f"{max(one.longest for one in own):.0f}",
        )
        for name, own in loads.items()
    ]
    before, after = (median(one.memory[at] for one in found) for at in (0, 1))
    verdict = "pass" if share(found) >= BAR else "FAIL"
    return "\n\n".join(
        (
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine.describe()}",
            f"{len(found)} rounds of {seconds} s; medians, and the longest of all. Every request was answered 200.",
            report.table(("medico, asked over", "req/s", "p50 ms", "p99 ms", "longest ms"), rows),
            f"{CALLERS:,} connections get {share(found):.2f} of what {rounds.CONNECTIONS} get (bar: {BAR}): {verdict}. "
            f"PSS {before:.0f} MB before the crowd, {after:.0f} MB after it.",
        )
    )


def main() -> None:
    """Measures, prints, keeps the table where asked. Raises SystemExit when the bar is not cleared."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often it is measured (default 3)")
    parser.add_argument("--seconds", type=int, default=5, help="length of each load (default 5)")
    parser.add_argument("--write", action="store_true", help="renew the page's table")
    options = parser.parse_args()
    load.require_wrk()
    signal.signal(signal.SIGTERM, leave)
    machine.settle()
    processes.adopt_orphans()
    with rounds.ready({"medico": contenders.medico}) as ready:
        found = [measure(ready["medico"], options.seconds) for _ in range(options.rounds)]
    text = markdown(found, options.seconds)
    print(f"\n{text}")
    if options.write:
        report.write_into(PAGE, "crowd", text)
    if share(found) < BAR:
        raise SystemExit("not cleared: a thousand callers")


if __name__ == "__main__":
    main()
