"""Scratch folders: one that a killed process left is removed by the next, one in use is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vaticina.usecases.process_memory import machine_bytes, resident_bytes
from vaticina.usecases.scratch_folder import scratch_folder

PREFIX = "vaticina-test-"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_in_use_is_left_alone(temporary: Path) -> None:
    with scratch_folder(PREFIX) as first:
        (first / "file").write_text("mine")
        with scratch_folder(PREFIX) as second:
            assert first != second
            assert (first / "file").read_text() == "mine"
        assert not second.exists()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(temporary: Path) -> None:
    program = """
import os, signal, tempfile
from vaticina.usecases.scratch_folder import scratch_folder
with scratch_folder("vaticina-test-") as folder:
    (folder / "large").write_text("data")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(temporary)}, check=False)
    (temporary / f"{PREFIX}of-somebody").mkdir()
    [abandoned] = [folder for folder in temporary.iterdir() if (folder / "large").exists()]
    with scratch_folder(PREFIX):
        assert not abandoned.exists()
    assert [folder.name for folder in temporary.iterdir()] == [f"{PREFIX}of-somebody"], "one without a lock stays"


def test_the_memory_of_a_session_is_that_of_its_processes() -> None:
    program = "data = bytearray(64 * 2**20); print('ready', flush=True); input()"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert 64 * 2**20 < resident_bytes(process.pid) < machine_bytes()
        process.communicate("\n")
    assert resident_bytes(process.pid) == 0
