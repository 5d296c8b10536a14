"""Bringing the tables of a project's history up to date before a server starts."""

import subprocess

from vaticina.bootstrap import Workspace
from vaticina.errors import HistoryUnavailable
from vaticina.settings import own_command


def upgrade_history(workspace: Workspace) -> None:
    """Upgrades the tables in a process of its own: Alembic is not to stay in a server's memory.

    Raises HistoryUnavailable, with what that process said.
    """
    workspace.places.state.mkdir(parents=True, exist_ok=True)
    history = workspace.open_history()
    is_current = history.is_current()
    history.close()
    if is_current:
        return
    command = own_command("history", "upgrade", workspace.project.folder)
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own module
    if ran.returncode:
        raise HistoryUnavailable(ran.stderr.strip().removeprefix("error: ") or None)
