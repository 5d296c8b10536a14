"""Where the time goes while medico answers under load, sampled by py-spy: `python -m benchmarks.flame`."""

import signal
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import contenders, drawing, load, machine, processes, report, rounds, stacks
from benchmarks.contenders import ROOT, Contender, prepare
from benchmarks.peers.environment import installed
from benchmarks.server import serving
from benchmarks.session import PAGE, leave

_DRAWING = ROOT / "docs/explanation/hot-path.svg"
_RATE = 250
"""Samples a second: more would slow down what is sampled."""


def sample(contender: Contender, seconds: int, spy: Path) -> tuple[stacks.Stacks, float]:
    """The stacks of all the server's threads under full load, and its answers a second meanwhile.

    Raises:
        SystemExit: a request failed, or py-spy may not look into the server.
    """
    file = contender.folder / "stacks.txt"
    with serving(contender) as server, ThreadPoolExecutor(1) as beside:
        (process, *_) = processes.descendants()
        loading = beside.submit(load.press, server.url, rounds.CONNECTIONS, seconds + 2)
        prepare(
            *(str(spy), "record", "--pid", str(process), "--threads", "--format", "raw"),
            *("--rate", str(_RATE), "--duration", str(seconds), "--output", str(file)),
            folder=contender.folder,
        )
        rate = loading.result().rate
    return stacks.read(file.read_text()), rate


def markdown(found: stacks.Stacks, rate: float) -> str:
    """The table of shares."""
    rows = [(name, f"{share:.0%}") for name, share in stacks.shares(found).items()]
    return "\n\n".join(
        (
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. {machine.describe()}",
            f"{sum(found.values()):,} samples, while {rate:,.0f} requests a second were answered; sampling slows it.",
            report.table(("what the server works on", "share"), rows),
        )
    )


def main() -> None:
    """Samples, prints the shares, keeps drawing and table where asked."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="how long to sample (default 10)")
    parser.add_argument("--write", action="store_true", help="renew the page's table and its drawing")
    options = parser.parse_args()
    load.require_wrk()
    spy = installed("py-spy") / "py-spy"
    signal.signal(signal.SIGTERM, leave)
    machine.settle()
    processes.adopt_orphans()
    with rounds.ready({"medico": contenders.medico}) as ready:
        found, rate = sample(ready["medico"], options.seconds, spy)
    text = markdown(found, rate)
    print(f"\n{text}")
    if options.write:
        _DRAWING.write_text(drawing.svg(found, "medico under load"))
        report.write_into(PAGE, "flame", text)


if __name__ == "__main__":
    main()
