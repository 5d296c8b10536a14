"""``vaticina serve``: checks what a server needs, then becomes the server."""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer

from vaticina.bootstrap import Workspace
from vaticina.cli.arguments import FOLDER, nearby, open_workspace
from vaticina.cli.console import say, warn
from vaticina.cli.ports import free_port, is_loopback, why_not
from vaticina.contract import Contract
from vaticina.errors import ModelUnavailable, ProjectError, RegistryError, SettingsError, VersionNotFound
from vaticina.serving.versions import ALIAS
from vaticina.settings import PROJECTS, environment_with

SERVER = "vaticina.api.server"

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
    workspaces = [open_workspace(folder) for folder in projects] if projects else [open_workspace(None)]
    port = port or workspaces[0].settings.port or workspaces[0].project.project.port
    check_names(workspaces)
    check_address(workspaces, host)
    check_port(host, port)
    contracts = [ready(workspace) for workspace in workspaces]
    announce(workspaces, contracts, f"http://{_reachable(host)}:{port}")
    become_server(workspaces, ["--host", host, "--port", str(port), "--workers", str(workers)])


def check_names(workspaces: Sequence[Workspace]) -> None:
    """Raises ProjectError when two projects would have one address."""
    names = [workspace.project.name for workspace in workspaces]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ProjectError(f"Two projects are called {', '.join(repeated)}; rename one in its project.toml.")


def check_address(workspaces: Sequence[Workspace], host: str) -> None:
    """Raises SettingsError for a public address of a project that does not declare itself open."""
    if is_loopback(host):
        return
    closed = [workspace.project for workspace in workspaces if workspace.project.security.auth != "none"]
    if closed:
        raise SettingsError(
            f"{closed[0].name} does not declare itself open, so it is not served on {host}: listen on 127.0.0.1 "
            f'(leave --host out), or write [security] auth = "none" into {closed[0].folder / "project.toml"} '
            "to answer everybody who can reach this machine."
        )
    warn(f'{host} may be reached from other machines, and [security] auth = "none" answers everybody without a key.')


def check_port(host: str, port: int) -> None:
    """Raises SettingsError unless ``port`` can be listened on."""
    reason = why_not(host, port)
    if reason:
        other = free_port(host, port)
        raise SettingsError(f"{reason[0].upper()}{reason[1:]}; choose another with --port {other or 'N'}.")


def ready(workspace: Workspace) -> Contract:
    """The contract of the version that will answer, once the history's tables are up to date.

    Raises:
        ModelUnavailable: nothing was promoted yet.
        RegistryError: the store does not answer, and no version that answered before is on this machine.
        HistoryUnavailable: the history's database does not answer.
    """
    contract = _contract(workspace)
    workspace.history().close()
    return contract


def _contract(workspace: Workspace) -> Contract:
    registry, name = workspace.registry(), workspace.project.name
    try:
        return registry.manifest(name, registry.resolve(name, ALIAS)).contract
    except VersionNotFound:
        folder = nearby(workspace.project.folder)
        raise ModelUnavailable(f"{name} has no version in production yet; run: vaticina train {folder}") from None
    except RegistryError as error:
        bundle = registry.last_good(name, ALIAS)
        if bundle is None:
            raise
        warn(f"{error.message} Serving version {bundle.version}, the last one that answered here.")
        return bundle.manifest.contract


def announce(workspaces: Sequence[Workspace], contracts: Sequence[Contract], url: str) -> None:
    """Prints where the server answers, and a line that shows it."""
    say(f"URL   {url}")
    say(f"Docs  {url}/docs")
    for workspace, contract in zip(workspaces, contracts, strict=True):
        prefix = "" if len(workspaces) == 1 else f"/models/{workspace.project.name}"
        body = orjson.dumps(contract.example()).decode()
        header = "-H 'Content-Type: application/json'"
        say(f"Try   curl {url}{prefix}/predict {header} -d {shlex.quote(body)}")


def become_server(workspaces: Sequence[Workspace], options: Sequence[str]) -> NoReturn:
    """Hands this process over to the server: what the command line loaded is not in its memory."""
    folders = os.pathsep.join(str(workspace.project.folder) for workspace in workspaces)
    environment = environment_with({PROJECTS: folders})
    # -P: a file of the current folder must not take the place of a library
    command = [sys.executable, "-P", "-m", SERVER, *options]
    sys.stdout.flush()
    if os.name == "nt":  # exec there starts another process and ends this one before it
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 -- our own module
    os.execvpe(command[0], command, environment)  # noqa: S606 -- likewise


def _reachable(host: str) -> str:
    """``host`` as it stands in a URL of this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 -- compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
