"""``vaticina serve``: becomes the server."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from vaticina.cli.arguments import FOLDER

LAUNCH = "vaticina.api.launch"

app = typer.Typer(rich_markup_mode="rich", add_completion=False)


@app.command()
def serve(
    projects: Annotated[list[Path] | None, typer.Argument(metavar="PROJECT", help=FOLDER, show_default=False)] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65_535, help="Else APP_PORT, PORT, or the project's.", show_default=False),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 1,
) -> None:
    """Serve the version in production over HTTP.

    One project answers at /predict, several each at /models/NAME/predict. A
    version that is promoted later takes over without a dropped request.

    Example:

        vaticina serve income
        vaticina serve income medico --port 9000
    """
    folders = [str(folder) for folder in projects or ()]
    options = ["--host", host, "--workers", str(workers), *(["--port", str(port)] if port else [])]
    become_server([*options, "--", *folders])


def become_server(arguments: Sequence[str]) -> NoReturn:
    """Hands this process over to the server, which makes the checks: what the command line loaded leaves its memory."""
    # -P: a file of the current folder must not take the place of a library
    command = [sys.executable, "-P", "-m", LAUNCH, *arguments]
    sys.stdout.flush()
    if os.name == "nt":  # exec there starts another process and ends this one before it
        sys.exit(subprocess.run(command, check=False).returncode)  # noqa: S603 -- our own module
    os.execv(command[0], command)  # noqa: S606 -- likewise
