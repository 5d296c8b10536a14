"""``vaticina replay``."""

from pathlib import Path
from typing import Annotated

import typer

from vaticina.cli.arguments import AsJson
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, progress, remark, say, show_table
from vaticina.client.replay_plan import ReplayPlan
from vaticina.client.replay_summary import Agreement, ReplaySummary
from vaticina.contract import find_project, load_project
from vaticina.contract.notation import PLAIN, TableNotation
from vaticina.errors import ProjectError
from vaticina.settings import usual_server
from vaticina.usecases.replay import replay as replay_file

app = Verb()

DEFAULT = ReplayPlan()

INTERRUPTED = 130


Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The server, or a project on it (…/models/NAME). Else SERVER_HOST, or localhost, with APP_PORT, "
        "PORT, the port of the project in this folder, or 8000.",
        show_default=False,
    ),
]

Label = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="The column with the truth, which is not sent. Else the one that the server was trained for, "
        "or the first one if it is no input and holds labels.",
        show_default=False,
    ),
]


TableProject = Annotated[
    Path | None,
    typer.Option(
        "--project",
        metavar="PROJECT",
        help="The project whose project.toml says how the file is written. Else the nearest one upwards, if any.",
        show_default=False,
    ),
]


@app.command()
def replay(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The rows to send: a CSV, Parquet or Excel file.")],
    url: Url = None,
    count: Annotated[int, typer.Option(min=1, help="How many rows to send, drawn with repetition.")] = DEFAULT.count,
    delay: Annotated[
        str, typer.Option(metavar="SECONDS", help="The pause before each request: a number, or a range to draw from.")
    ] = "0.5-3",
    timeout: Annotated[
        float, typer.Option(min=0.001, metavar="SECONDS", help="How long a request may take, its retries included.")
    ] = DEFAULT.timeout,
    concurrency: Annotated[int, typer.Option(min=1, help="How many callers at once, at most.")] = DEFAULT.concurrency,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Settles which rows, and the pauses.")] = DEFAULT.seed,
    label: Label = None,
    retries: Annotated[
        int, typer.Option(min=0, help="How often a request is repeated after 429, 503 or a broken connection.")
    ] = DEFAULT.retries,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for the server to be ready.")
    ] = DEFAULT.wait,
    once: Annotated[
        bool, typer.Option("--once", help="Send Idempotency-Key, so that a repeated request is recorded once.")
    ] = False,
    project: TableProject = None,
    as_json: AsJson = False,
) -> None:
    """Send rows of a file to a server, as many callers would, and sum up.

    Each cell is read as project.toml says, and sent as the type that
    the server's contract asks for; what is missing is null, or not sent if the
    input has a default. The summary tells answers, errors by kind, latencies
    with retries in them, and how often the answer was the truth. Ctrl-C ends it
    with what was counted so far. The exit code is 1 when nothing was answered.

    Example:

        vaticina replay test.parquet --url http://localhost:5000
        vaticina replay adult.csv --label income --count 1000 --delay 0.1
        vaticina replay adult.csv --count 20000 --delay 0 --concurrency 64
    """
    plan = ReplayPlan(count, read_delay(delay), timeout, concurrency, seed, wait, retries, label, once)
    with progress(not as_json) as report:
        summary = replay_file(data, url or usual_server(Path.cwd()), plan, report, _notation(project))
    if as_json:
        emit(summary.as_dict())
    else:
        _tell(summary)
    if summary.interrupted or not summary.answered:
        raise typer.Exit(INTERRUPTED if summary.interrupted else 1)


def _notation(folder: Path | None) -> TableNotation:
    """How the tables of the project are written; plainly where there is none."""
    if folder is None:
        try:
            folder = find_project(Path.cwd())
        except ProjectError:
            return PLAIN
    return load_project(folder).data


def read_delay(text: str) -> tuple[float, float]:
    """``0.5-3`` or ``2`` as a range of seconds. Raises typer.BadParameter."""
    low, _, high = text.partition("-")
    try:
        found = float(low), float(high or low)
    except ValueError:
        found = (-1.0, -1.0)
    if not 0 <= found[0] <= found[1] < float("inf"):
        raise typer.BadParameter(f"{text!r} is no range of seconds; write one like 0.5-3, or a number like 0.")
    return found


def _tell(summary: ReplaySummary) -> None:
    ended = ", interrupted" if summary.interrupted else ""
    again = f", {summary.retries} asked again" if summary.retries else ""
    rate = f"{summary.answered / max(summary.seconds, 1e-9):.1f} a second"
    say(f"{summary.answered} of {summary.count} answered in {summary.seconds:.1f} s ({rate}{again}){ended}")
    if summary.agreement:
        say(_agreed(summary.agreement))
    if summary.latencies:
        show_table(None, ("latency", "ms"), ((name, f"{ms:.1f}") for name, ms in summary.percentiles().items()))
    if summary.errors:
        errors = sorted(summary.errors.items(), key=lambda item: -item[1].count)
        show_table(None, ("error", "times", "for example"), ((kind, e.count, e.example) for kind, e in errors))
    if not summary.answered:
        remark("Nothing was answered.")


def _agreed(agreement: Agreement) -> str:
    if not agreement.compared:
        return f"no answer could be compared with {agreement.column}"
    if agreement.is_number:
        return f"mean distance from {agreement.column}: {agreement.distance / agreement.compared:.4g}"
    share = agreement.equal / agreement.compared
    return f"agreement with {agreement.column}: {agreement.equal} of {agreement.compared} ({share:.1%})"
