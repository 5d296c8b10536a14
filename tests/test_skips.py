"""What a run of pytest says of skipped tests and of those that were left out, in one process and in several."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.system import NEEDS, is_here

ROOT = Path(__file__).parents[1]

SUITE = """
import pytest

def test_passes(): pass

@pytest.mark.system("wrk")
@pytest.mark.parametrize("number", [1, 2])
def test_load(number): pass
"""

SKIPPING = """
import pytest

@pytest.mark.skip(reason="no table")
def test_skips(): pass
"""

MODULE = """
import pytest

nothing = pytest.importorskip("no_such_module")
"""

every_way = pytest.mark.parametrize("processes", ["0", "2"])


def ran(folder: Path, *options: str, **files: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest over test files of these names and texts."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -ra --strict-markers\nmarkers = system\n")
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "no:cacheprovider", *options, str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@every_way
def test_a_skip_is_allowed_unless_it_is_said_that_none_is(tmp_path: Path, processes: str) -> None:
    run = ran(tmp_path, "-n", processes, suite=SUITE, skipping=SKIPPING)
    assert run.returncode == pytest.ExitCode.OK, run.stdout


@every_way
@pytest.mark.parametrize("text", [SKIPPING, MODULE], ids=["test", "module"])
def test_a_skip_that_is_not_allowed_is_named_and_fails_the_run(tmp_path: Path, processes: str, text: str) -> None:
    run = ran(tmp_path, "--no-skips", "-n", processes, suite=SUITE, skipping=text)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "SKIPPED [1]" in run.stdout
    assert "test_skipping.py" in run.stdout
    assert "--no-skips: 1 skipped tests make this run fail" in run.stdout


@every_way
def test_what_was_left_out_is_told(tmp_path: Path, processes: str) -> None:
    run = ran(tmp_path, "--no-skips", "-m", "not system", "-n", processes, suite=SUITE)
    assert run.returncode == pytest.ExitCode.OK, run.stdout
    (line,) = [line for line in run.stdout.splitlines() if line.startswith("left out")]
    assert line.startswith("left out: 2 tests that need wrk; run ")
    assert ("make system" in line) == (not is_here("wrk"))
    assert "make test-system" in line


def test_a_run_that_finds_no_test_fails(tmp_path: Path) -> None:
    run = ran(tmp_path, "-m", "system", suite="def test_passes(): pass")
    assert run.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, run.stdout


def test_a_need_that_nothing_installs_is_refused(tmp_path: Path) -> None:
    run = ran(tmp_path, suite=SUITE.replace("wrk", "fortran"))
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "'fortran', which tests/system.py does not install" in run.stderr


@pytest.mark.system(*NEEDS)
def test_what_make_system_installs_is_here() -> None:
    assert [need for need in NEEDS if not is_here(need)] == []
