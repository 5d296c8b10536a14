"""``vaticina history``: the recorded predictions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from vaticina.bootstrap import Workspace
from vaticina.cli.arguments import FOLDER, AsJson, ProjectFolder, open_workspace, project_and_name
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, say, show_table
from vaticina.contract import Record
from vaticina.errors import NotFound
from vaticina.history import History

app = Verb(no_args_is_help=True)

COLUMNS = ("number", "time", "label", "score", "outside", "version", "uid")


@app.callback()
def _history() -> None:
    """Look at the recorded predictions.

    Example:

        vaticina history list income --limit 5
        vaticina history stats income --json
    """


@app.command("list")
def list_predictions(
    project: ProjectFolder = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 20,
    before: Annotated[int | None, typer.Option(help="Only those with a smaller number.", show_default=False)] = None,
    since: Annotated[datetime | None, typer.Option(help="Made then or later (UTC).", show_default=False)] = None,
    until: Annotated[datetime | None, typer.Option(help="Made before then (UTC).", show_default=False)] = None,
    label: Annotated[str | None, typer.Option(help="Only those answered with it.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """List predictions, the newest first.

    Example:

        vaticina history list income --since 2026-01-31 --label '>50K'
    """
    with _opened(project) as (workspace, history):
        found = history.page(
            workspace.project.name, before=before, limit=limit, since=_utc(since), until=_utc(until), label=label
        )
    if as_json:
        emit([_facts(item.seq, item.record) for item in found])
        return
    show_table(None, COLUMNS, (_cells(item.seq, item.record) for item in found))


@app.command()
def stats(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Count predictions, in all and for each label; and where inputs lay outside.

    Example:

        vaticina history stats income
    """
    with _opened(project) as (workspace, history):
        counts = history.stats(workspace.project.name)
    if as_json:
        last = [_facts(item.seq, item.record) for item in counts.last]
        counted = {"total": counts.total, "by_label": counts.by_label, "outside": counts.outside}
        emit({**counted, "last_time": counts.last_time, "last": last})
        return
    say(f"{counts.total} predictions" + (f", the last at {_moment(counts.last_time)}" if counts.last_time else ""))
    if counts.by_label:
        largest = sorted(counts.by_label.items(), key=lambda item: -item[1])
        show_table(None, ("label", "predictions", "share"), ((k, n, f"{n / counts.total:.1%}") for k, n in largest))
    if counts.outside:
        largest = sorted(counts.outside.items(), key=lambda item: -item[1])
        shares = [(name, rows, f"{rows / counts.total:.1%}") for name, rows in largest]
        show_table(None, ("outside of what was seen", "predictions", "share"), shares)


@app.command()
def show(
    project: Annotated[str | None, typer.Argument(metavar="PROJECT", help=FOLDER, show_default=False)] = None,
    uid: Annotated[str | None, typer.Argument(metavar="UID", help="The prediction.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Show one prediction: what was asked, and what was answered.

    The uid stands in the answer's header Vaticina-Prediction.

    Example:

        vaticina history show income 01985c1e-7d0a-7f3e-8a55-0d1c7a1be001
    """
    folder, wanted = project_and_name(project, uid)
    if wanted is None:
        raise typer.BadParameter("name the prediction: vaticina history show [PROJECT] UID")
    with _opened(folder) as (workspace, history):
        found = history.find(workspace.project.name, wanted)
    if found is None:
        raise NotFound(f"{workspace.project.name} has no prediction {wanted}; 'vaticina history list' names them.")
    facts = _facts(found.seq, found.record)
    if as_json:
        emit(facts)
        return
    show_table(None, ("", ""), ((name, _text(value)) for name, value in facts.items() if value is not None))


@app.command()
def upgrade(project: ProjectFolder = None) -> None:
    """Bring the history's tables up to date; serve does so by itself.

    Example:

        vaticina history upgrade income
    """
    with _opened(project):
        say("The history's tables are up to date.")


@contextmanager
def _opened(folder: Path | None) -> Iterator[tuple[Workspace, History]]:
    workspace = open_workspace(folder)
    history = workspace.history()
    try:
        yield workspace, history
    finally:
        history.close()


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}Z"


def _cells(number: int, record: Record) -> tuple[Any, ...]:
    score = None if record.score is None else f"{record.score:.4g}"
    outside = "yes" if record.outside_range else None
    return number, _moment(record.time), record.label, score, outside, record.version, record.uid


def _facts(number: int, record: Record) -> dict[str, Any]:
    """The whole row, input and output as the JSON they are."""
    documents = {"input": orjson.loads(record.input), "output": orjson.loads(record.output)}
    return {"number": number, **record._asdict(), **documents}


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()
