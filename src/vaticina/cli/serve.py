"""``vaticina serve``: becomes the server."""

from pathlib import Path
from typing import Annotated

import typer

from vaticina.cli.arguments import FOLDER
from vaticina.cli.become_server import LIMITS, become_server
from vaticina.cli.command import Verb

app = Verb()


@app.command()
def serve(
    projects: Annotated[list[Path] | None, typer.Argument(metavar="PROJECT", help=FOLDER, show_default=False)] = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=LIMITS["--port"], help="Else APP_PORT, PORT, or the project's.", show_default=False),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=LIMITS["--workers"], help="Server processes.")] = 1,
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
