"""``vaticina train``."""

import typer

from vaticina.bootstrap import Published
from vaticina.cli.arguments import AsJson, ProjectFolder, nearby, open_workspace
from vaticina.cli.console import emit, progress, say, show_table
from vaticina.cli.metrics import measured

app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def train(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Train a model, publish it as a version, promote it if it passes the gate.

    The metrics come from rows that the model never saw, with the interval that
    holds the true value in 95 of 100 cases. A version that does not pass the
    gate of project.toml is published all the same; production stays.

    Example:

        vaticina train income
        vaticina train income --json
    """
    workspace = open_workspace(project)
    with progress(not as_json) as report:
        published = workspace.train(report)
    if as_json:
        emit(_facts(published))
        return
    manifest = published.manifest
    show_table(None, ("metric", "value", "95 % interval"), measured(manifest.metrics))
    for note in manifest.data.get("notes", ()):
        say(f"note: {note}")
    say(f"version {manifest.version}")
    say(f"not promoted: {published.refusal}" if published.refusal else "promoted: it is in production now")
    say(f"Next: vaticina serve {nearby(workspace.project.folder)}")


def _facts(published: Published) -> dict[str, object]:
    manifest = published.manifest
    return {
        "project": manifest.project,
        "version": manifest.version,
        "promoted": published.refusal is None,
        "refusal": published.refusal,
        "metrics": manifest.metrics,
        "notes": manifest.data.get("notes", ()),
    }
