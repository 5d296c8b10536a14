"""The application for uvicorn, and the server process around it."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn

from vaticina.api.app import make_app
from vaticina.api.front_app import FrontApp
from vaticina.api.logs import log_as_json, log_config
from vaticina.api.service import Service
from vaticina.api.training import Training
from vaticina.bootstrap import Workspace
from vaticina.errors import ProjectError, SettingsError, VaticinaError
from vaticina.jobs.job_files import JobFiles
from vaticina.jobs.queue import JobQueue
from vaticina.serving.follower import Follower
from vaticina.settings import served_folders
from vaticina.usecases.follow import followed_versions

APP = "vaticina.api.server:served_app"

HTTP: Any = "auto" if sys.platform == "win32" else "vaticina.api.protocol:Shortcut"
"""uvicorn's parser in C, which we do not install on Windows."""

LOOKS = 20
"""How many aliases a server looks at in a second: more of them would take a share of what it answers with."""


def create_app(*folders: str | Path) -> FrontApp:
    """The ASGI application for the projects in ``folders``.

    One project answers at the root, several each under ``/models/NAME``. Nothing is trained; what ``production`` names
    is loaded when the application starts. In production the logs of this process become JSON.

    A project or a variable that cannot be used ends the process with one line: raises SystemExit. uvicorn, which
    imports the program that calls this, would print any other error as a traceback.
    """
    try:
        workspaces = [Workspace(Path(folder)) for folder in folders]
        check_names(workspaces)
        check_production(workspaces)
        interval = look_interval(len(workspaces))
        return make_app([_service(workspace, interval) for workspace in workspaces])
    except VaticinaError as error:
        raise SystemExit(f"error: {' '.join(error.message.split())}") from None


def look_interval(projects: int) -> float:
    """Seconds between two looks at a project's alias."""
    return max(1.0, projects / LOOKS)


def check_names(workspaces: Sequence[Workspace]) -> None:
    """Raises ProjectError when two projects would have one address."""
    names = [workspace.project.name for workspace in workspaces]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ProjectError(f"Two projects are called {', '.join(repeated)}; rename one in its project.toml.")


def check_production(workspaces: Sequence[Workspace]) -> None:
    """Raises SettingsError for a production that would exchange its code while it runs."""
    if not workspaces[0].settings.in_production:
        return
    if "--reload" in sys.argv:  # uvicorn's; what it starts to serve has its arguments too
        raise SettingsError("ENVIRONMENT=production does not reload: leave --reload out, or set another ENVIRONMENT.")
    log_as_json(workspaces[0].settings.log_level)


def served_app() -> FrontApp:
    """The application for the folders that ``vaticina serve`` handed over."""
    return create_app(*served_folders())


def _service(workspace: Workspace, interval: float) -> Service:
    history = workspace.history()
    engine = workspace.engine(history)
    follower = Follower(engine.slot, followed_versions(workspace), interval)
    return Service(workspace.project, engine, follower, history, training=_training(workspace, follower))


def _training(workspace: Workspace, follower: Follower) -> Training | None:
    """What trains over HTTP, for projects of kind window. Raises SettingsError and MissingExtra."""
    if not workspace.project.kind.takes_series:
        return None
    return Training(
        folder=workspace.project.folder,
        collections=workspace.collections(),
        jobs=JobQueue(JobFiles(workspace.places.state / "jobs")),
        follower=follower,
        default_query=workspace.series_request(""),
        reset=workspace.reset,
        epochs=workspace.settings.default_epochs,
    )


def run(host: str, port: int, workers: int, level: str, *, as_json: bool = False) -> None:
    """Serves the folders handed over until a signal ends it: with 0 after a SIGTERM, once all is answered."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises the signal again when it has ended well
    uvicorn.run(
        APP,
        factory=True,
        http=HTTP,
        host=host,
        port=port,
        workers=workers,
        log_level=level,
        log_config=log_config(level, as_json=as_json),
        access_log=False,  # the history is the log
        server_header=False,
        proxy_headers=False,  # a forged X-Forwarded-For must not make a caller local
        timeout_graceful_shutdown=30,
    )
