"""A project's own script that makes its data."""

import subprocess
import sys

from vaticina.contract import Project
from vaticina.errors import DataError


def run_generator(project: Project) -> None:
    """Runs ``[data] generator`` when the source does not exist yet. Raises DataError."""
    source, script = project.data.source, project.data.generator
    if source is None or script is None or (project.folder / source).exists():
        return
    command = [sys.executable, script]
    ran = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)  # noqa: S603 -- the project's own script
    if ran.returncode or not (project.folder / source).exists():
        lines = ran.stderr.strip().splitlines() or ["it wrote no such file"]
        raise DataError(f"{script} did not make {source}: {lines[-1]}")
