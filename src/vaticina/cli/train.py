"""``vaticina train``."""

from typing import Annotated, Any

import typer

from vaticina.bootstrap import Workspace
from vaticina.cli.arguments import AsJson, ProjectFolder, nearby, open_workspace
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, progress, say, show_table, steps
from vaticina.cli.metrics import measured
from vaticina.errors import ProjectError
from vaticina.progress import Report
from vaticina.sources.collection_series import CollectionSeries
from vaticina.usecases.release import Published
from vaticina.usecases.train import SeriesRequest, train_collection
from vaticina.usecases.train import train as train_project

app = Verb()


@app.command()
def train(
    project: ProjectFolder = None,
    collection: Annotated[
        str | None, typer.Option(metavar="NAME", help="Train a window on this collection.", show_default=False)
    ] = None,
    parameter: Annotated[
        str | None, typer.Option(metavar="FIELD", help="The field that holds the numbers.", show_default=False)
    ] = None,
    window_size: Annotated[
        int | None, typer.Option(min=1, help="How many points the model takes.", show_default=False)
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="The most rounds of training.", show_default=False)] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the newest documents.", show_default=False)] = None,
    promote: Annotated[bool, typer.Option(help="Put the version in production if it passes the gate.")] = True,
    as_lines: Annotated[bool, typer.Option("--steps", help="Write each step to stderr, a line each.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model, publish it as a version, promote it if it passes the gate.

    The metrics come from rows that the model never saw, with the interval that
    holds the true value in 95 of 100 cases. A version that does not pass the
    gate of project.toml is published all the same; production stays.

    A project of kind window trains one window of a series: the one that the
    table data of its project.toml names, or a collection that 'vaticina data
    list' shows.

    Example:

        vaticina train income
        vaticina train income --json
        vaticina train series --collection sensor_data --window-size 10 --epochs 50
    """
    workspace = open_workspace(project)
    given = {"window_size": window_size, "epochs": epochs}
    request = SeriesRequest(parameter, limit, {name: value for name, value in given.items() if value is not None})
    _check(workspace, collection, request, promote)
    with steps() if as_lines else progress(not as_json) as report:
        published, series = _trained(workspace, collection, request, report, promote)
    if as_json:
        emit({**_facts(published), **(_about(series, published.manifest.contract.windows[-1].size) if series else {})})
        return
    _tell(workspace, published, series)


def _check(workspace: Workspace, collection: str | None, request: SeriesRequest, promote: bool) -> None:
    """Raises ProjectError for what only kind window can be asked for, and BadParameter for a field of nothing."""
    if not workspace.project.kind.takes_series and (collection or request != SeriesRequest() or not promote):
        raise ProjectError(
            f"{workspace.project.name} is of kind {workspace.project.model.kind!r}: a collection, a field, a window "
            "and --no-promote are for kind 'window'."
        )
    if collection is None and (request.parameter or request.limit):
        raise typer.BadParameter("--parameter and --limit need --collection NAME")


def _trained(
    workspace: Workspace, collection: str | None, request: SeriesRequest, report: Report, promote: bool
) -> tuple[Published, CollectionSeries | None]:
    if collection is None:
        return train_project(workspace, report, request.options, promote=promote), None
    return train_collection(workspace, collection, request, report, promote=promote)


def _tell(workspace: Workspace, published: Published, series: CollectionSeries | None) -> None:
    manifest = published.manifest
    show_table(None, ("metric", "value", "95 % interval"), measured(manifest.metrics))
    for note in manifest.data.get("notes", ()):
        say(f"note: {note}")
    for reason, count in series.skipped.items() if series else ():
        if count:
            say(f"note: {count} documents were left out: {reason.replace('_', ' ')}")
    say(f"version {manifest.version}")
    say(f"not promoted: {published.refusal}" if published.refusal else "promoted: it is in production now")
    say(f"Next: vaticina serve {nearby(workspace.project.folder)}")


def _facts(published: Published) -> dict[str, Any]:
    manifest = published.manifest
    return {
        "project": manifest.project,
        "version": manifest.version,
        "promoted": published.refusal is None,
        "refusal": published.refusal,
        "metrics": manifest.metrics,
        "notes": manifest.data.get("notes", ()),
    }


def _about(series: CollectionSeries, size: int) -> dict[str, Any]:
    """What was read for the training."""
    readings = series.readings
    return {
        "window_size": size,
        "collection": readings.source,
        "parameter": readings.parameter,
        "data_points": readings.size,
        "documents": series.documents,
        "skipped": series.skipped,
    }
