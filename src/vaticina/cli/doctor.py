"""``vaticina doctor``."""

from collections.abc import Iterator
from pathlib import Path

import typer
from rich.text import Text

from vaticina.bootstrap import Workspace
from vaticina.cli.arguments import AsJson, ProjectFolder
from vaticina.cli.checks.finding import Finding
from vaticina.cli.checks.machine import check_disk, check_python
from vaticina.cli.checks.settings_in_force import Setting, settings_in_force
from vaticina.cli.checks.stores import check_collections, check_history, check_port, check_registry
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, say, show_table
from vaticina.contract import find_project
from vaticina.contract.project import PROJECT_FILE
from vaticina.errors import ProjectError, VaticinaError

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}

app = Verb()


@app.command()
def doctor(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """Check what a project needs, and say what to do.

    Looks at Python, the disk, project.toml, the settings and where each came
    from, the port, the history, the store, and the version in production.
    Exits with 1 when something fails.

    Example:

        vaticina doctor income
        vaticina doctor income --json
    """
    findings = [check_python()]
    workspace, found = _open(project)
    findings.append(found)
    settings: list[Setting] = []
    if workspace:
        settings = settings_in_force(workspace)
        findings += _examine(workspace)
    _tell(findings, settings, as_json)
    raise typer.Exit(any(finding.status == "fail" for finding in findings))


def _open(folder: Path | None) -> tuple[Workspace | None, Finding]:
    """The workspace with a word on its project.toml. That there is none is no failure unless a folder was named."""
    try:
        place = folder or find_project(Path.cwd())
    except ProjectError as error:
        return None, Finding("warn", "project", error.message)
    try:
        workspace = Workspace(place)
    except VaticinaError as error:
        return None, Finding("fail", "project", error.message)
    inputs = len(workspace.project.inputs)
    text = f"{workspace.project.folder / PROJECT_FILE}: {workspace.project.name}, {inputs} inputs"
    return workspace, Finding("ok", "project", text)


def _examine(workspace: Workspace) -> Iterator[Finding]:
    yield check_disk(workspace.places.cache)
    yield check_port(workspace)
    yield check_history(workspace)
    if workspace.project.kind.takes_series:
        yield check_collections(workspace)
    yield from check_registry(workspace)


def _tell(findings: list[Finding], settings: list[Setting], as_json: bool) -> None:
    if as_json:
        emit(
            {
                "ok": all(finding.status != "fail" for finding in findings),
                "checks": [finding._asdict() for finding in findings],
                "settings": [setting._asdict() for setting in settings],
            }
        )
        return
    show_table(None, ("", "check", ""), ((Text(f.status, COLOURS[f.status]), f.name, f.text) for f in findings))
    if settings:
        say("")
        show_table(None, ("setting", "value", "from"), settings)
