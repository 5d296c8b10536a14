"""The arguments and options that several verbs share."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from vaticina.bootstrap import Workspace
from vaticina.contract import find_project

FOLDER = "The project's folder; by default the nearest one upwards with a project.toml."

ProjectFolder = Annotated[Path | None, typer.Argument(metavar="PROJECT", help=FOLDER, show_default=False)]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def open_workspace(folder: Path | None) -> Workspace:
    """The workspace of ``folder``, or of the nearest project above the current folder. Raises ProjectError."""
    return Workspace(folder or find_project(Path.cwd()))


def project_and_name(first: str | None, second: str | None) -> tuple[Path | None, str | None]:
    """``[PROJECT] [NAME]``: with both, in this order; one alone is the project when it is a folder, else the name."""
    if second is not None or first is None:
        return (Path(first) if first else None), second
    return (Path(first), None) if Path(first).is_dir() else (None, first)


def nearby(folder: Path) -> str:
    """``folder`` as one would type it here, to be pasted into a shell."""
    here = Path.cwd()
    return shlex.quote(str(folder.relative_to(here) if folder.is_relative_to(here) else folder))
