"""An import that is killed at any moment leaves nothing that stops the next one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.clinic import wait_until
from tests.formats.test_graphs import by_columns
from vaticina.bootstrap import Workspace
from vaticina.errors import ImportRefused
from vaticina.usecases.import_process import run_import
from vaticina.usecases.import_request import ImportRequest, isolation_of
from vaticina.usecases.publish_import import publish_import

STEPS = ("reading the file", "compiling and verifying", "publishing", "done")
"""The steps of an ONNX file's import, in their order. Behind the last one, the project's file is written."""

PROGRAM = """
import os, signal, sys
from pathlib import Path
from vaticina.usecases.import_process import run_import
from vaticina.usecases.import_request import ImportRequest, isolation_of
from vaticina.usecases.publish_import import publish_import

def report(step, share):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

request = ImportRequest(place=Path(sys.argv[1]), target=Path(sys.argv[2]), isolation=isolation_of(None))
publish_import(request, run_import(request, report), report)
"""
"""An import that kills its own process at a step."""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where imports have their scratch folders."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def children(temporary: Path) -> list[Path]:
    """The processes that live with their home in the folder."""
    living = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"HOME={temporary}".encode() in (process / "environ").read_bytes():
                living.append(process)
        except OSError:
            continue
    return living


def test_killed_at_each_step_it_goes_through_the_next_time(tmp_path: Path, temporary: Path) -> None:
    file = by_columns(tmp_path / "model.onnx")
    request = ImportRequest(place=file, target=tmp_path / "graph", isolation=isolation_of(None))
    for step in STEPS:
        command = [sys.executable, "-c", PROGRAM, str(file), str(request.target), step]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        assert not request.exists, f"a project is whole or not there: {step}"
        wait_until(lambda: not children(temporary))
    published = publish_import(request, run_import(request))
    workspace = Workspace(request.target)
    assert workspace.registry().resolve("graph", "production") == published.manifest.version
    assert workspace.versions().load(published.manifest.version)
    assert list(temporary.iterdir()) == [], "what the killed ones left is removed by the next"
    assert [path.name for path in request.target.rglob("*.part")] == []
    killed = subprocess.run([*command[:-1], "publishing"], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = publish_import(request, run_import(request))
    assert workspace.registry().resolve("graph", "production") == again.manifest.version


def test_a_child_that_is_killed_at_a_step_is_one_error_and_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    file = by_columns(tmp_path / "model.onnx")
    request = ImportRequest(place=file, target=tmp_path / "graph", isolation=isolation_of(None))
    for deadly_step in STEPS[:2]:

        def kill(step: str, share: float, deadly_step: str = deadly_step) -> None:
            if step == deadly_step:
                for process in children(temporary):
                    os.kill(int(process.name), signal.SIGKILL)

        with pytest.raises(ImportRefused, match="was killed"):
            run_import(request, kill)
        assert list(temporary.iterdir()) == []
    assert not request.target.exists()
