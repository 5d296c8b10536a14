"""A proof counts if it ran and passed: runs of pytest are recorded, and each row is judged by the record."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.requirements import LEFT_OUT, RECORDS, ROOT, ROWS, Record, judge, main, proving_tests, read_record, summary

TESTS = """
import pytest

def test_passes(): ...

@pytest.mark.parametrize("number", [1, 2])
def test_passes_always(number): ...

@pytest.mark.parametrize("number", [1, 2])
def test_fails_once(number):
    assert number == 1

@pytest.mark.parametrize("number", [1, pytest.param(2, marks=pytest.mark.skip)])
def test_is_skipped_once(number): ...

@pytest.mark.skip(reason="it is tired")
def test_is_skipped(): ...

@pytest.mark.xfail
def test_is_expected_to_fail():
    assert False

@pytest.fixture
def broken():
    yield
    raise OSError("the disk is full")

def test_fails_afterwards(broken): ...

@pytest.mark.system("wrk")
def test_needs_the_system(): ...
"""

DIES = """
import os

def test_dies():
    os._exit(3)
"""

NAMES = {
    "test_passes": "passed",
    "test_passes_always": "passed",
    "test_fails_once": "failed",
    "test_is_skipped_once": "skipped",
    "test_is_skipped": "skipped",
    "test_is_expected_to_fail": "skipped",
    "test_fails_afterwards": "failed",
}

OUTCOMES = {f"tests/test_it.py::{name}": outcome for name, outcome in NAMES.items()}
SYSTEM = "tests/test_it.py::test_needs_the_system"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A repository with a suite of tests of all kinds."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = tests\nmarkers = system: needs a package\n")
    (tmp_path / "tests" / "test_it.py").write_text(TESTS)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "it"]):
        subprocess.run([*git, *command], cwd=tmp_path, check=True)
    return tmp_path


def run(suite: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest there, recorded in ``record.json``."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "tests.record"]
    command += ["--record", "record.json", *options]
    return subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_run_is_recorded(suite: Path, processes: str) -> None:
    """In one process and in several."""
    assert run(suite, "-n", processes, "-m", "not system").returncode == 1
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=suite, check=True, capture_output=True, text=True)
    assert read_record(suite / "record.json") == Record(head.stdout.strip(), OUTCOMES, frozenset([SYSTEM]))


def test_a_process_that_dies_fails_its_test(suite: Path) -> None:
    (suite / "tests" / "test_it.py").write_text(DIES)
    run(suite, "-n", "1", "--max-worker-restart", "0")
    assert read_record(suite / "record.json").outcomes == {"tests/test_it.py::test_dies": "failed"}


@pytest.mark.parametrize("options", [["tests/test_it.py"], ["-k", "passes"]])
def test_a_part_of_the_suite_is_no_whole_run(suite: Path, options: list[str]) -> None:
    refused = run(suite, *options)
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--record keeps a whole run" in refused.stderr
    assert not (suite / "record.json").exists()


def row(*proofs: str) -> dict[str, Any]:
    return {"what": "a promise", "step": "Foundation", "proof": [f"tests/test_it.py::{name}" for name in proofs]}


def test_a_proof_that_did_not_run_or_did_not_pass_is_named_with_its_row() -> None:
    rows = {
        "S0-01": row("test_passes", "test_passes_always"),
        "S0-02": row("test_passes", "test_is_skipped"),
        "S0-03": row("test_fails_once") | {"partly": {"Trust": "Keys are missing."}},
        "S0-04": row("test_is_gone"),
        "S0-05": {"what": "later", "step": "People", "todo": True},
        "S0-06": {"what": "told", "step": "People", "proof": ["docs/page.md#a-heading"]},
    }
    verdict = judge(rows, [Record("a", OUTCOMES, frozenset([SYSTEM]))], is_complete=False)
    assert verdict.faults == [
        "S0-02 (a promise): tests/test_it.py::test_is_skipped skipped",
        "S0-03 (a promise): tests/test_it.py::test_fails_once failed",
        "S0-04 (a promise): tests/test_it.py::test_is_gone did not run",
    ]
    assert verdict.waiting == []
    assert summary(rows) == "6 requirements: 4 proved, 1 proved in part, 1 not begun"


@pytest.mark.parametrize(
    ("outcomes", "fault"),
    [
        ({SYSTEM: "passed"}, None),
        ({SYSTEM: "failed"}, "failed"),
        ({SYSTEM: "skipped"}, "skipped"),
        ({}, "did not run"),
    ],
)
def test_what_one_run_leaves_out_the_other_must_have_run(outcomes: dict[str, str], fault: str | None) -> None:
    ours = Record("a", OUTCOMES, frozenset([SYSTEM]))
    theirs = Record("a", outcomes, frozenset(OUTCOMES))
    rows = {"S0-01": row("test_passes", "test_needs_the_system")}
    faults = [] if fault is None else [f"S0-01 (a promise): {SYSTEM} {fault}"]
    for records in ([ours, theirs], [theirs, ours]):
        assert judge(rows, records, is_complete=True) == (faults, [])
    assert judge(rows, [ours], is_complete=False) == ([], [SYSTEM]), "it waits for the other run"
    assert judge(rows, [ours, ours], is_complete=True).faults == [f"S0-01 (a promise): {SYSTEM} {LEFT_OUT}"]


def test_the_check_reads_the_records_of_one_commit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of our own rows: all proofs passed, but for one that each run here tells something else of."""
    tests, system = tmp_path / "test.json", tmp_path / "test-system.json"
    assert main([tests, system]) == 1
    assert "There is no record" in capsys.readouterr().err
    everything = dict.fromkeys(_proofs(), "passed")
    last, _ = everything.popitem()
    write(tests, "a", everything, [last])
    assert main([tests, system]) == 0
    assert "Left out and not judged: 1 proofs; run: make test-system" in capsys.readouterr().out
    write(system, "b", {last: "failed"}, list(everything))
    assert main([tests, system]) == 0, "the other run was of another commit"
    write(system, "a", {last: "failed"}, list(everything))
    assert main([tests, system]) == 1
    assert f"{last} failed" in capsys.readouterr().err
    assert main([system, tests]) == 1
    write(system, "a", {last: "passed"}, list(everything))
    assert main([system, tests]) == 0


def test_make_test_ends_with_the_check() -> None:
    makes_own = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in makes_own}
    planned = subprocess.run(
        ["make", "-n", "test"], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    *_, command = planned.stdout.splitlines()
    tests, _, check = command.partition(" || ")
    assert tests.endswith(f"-p tests.record --record .pytest_cache/{RECORDS[0].name}")
    assert "-m tests.requirements .pytest_cache/test.json " in check


def _proofs() -> list[str]:
    """The tests that prove our own rows."""
    proofs: list[str] = []
    for each in ROWS.values():
        proofs += proving_tests(each)
    return proofs


def write(file: Path, commit: str, outcomes: dict[str, str], left_out: list[str]) -> None:
    file.write_text(json.dumps({"commit": commit, "outcomes": outcomes, "left_out": left_out}))
