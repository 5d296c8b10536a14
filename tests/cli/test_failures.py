"""Failures: one line, a non-zero exit, JSON for who asked, and the traceback only for who wants it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.shell import vaticina, write_project
from vaticina.cli.failures import fail
from vaticina.cli.verbs import is_debugging
from vaticina.errors import ContractViolation, VaticinaError


def every_error(root: type[VaticinaError] = VaticinaError) -> list[type[VaticinaError]]:
    return [root, *(error for child in root.__subclasses__() for error in every_error(child))]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_each_error_is_one_line_and_its_code(kind: type[VaticinaError], capsys: pytest.CaptureFixture[str]) -> None:
    error = kind([]) if kind is ContractViolation else kind("What happened,\nand what to do.")
    assert fail(error, as_json=True, is_debugging=False) == 1
    out, err = capsys.readouterr()
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert json.loads(out)["code"] == kind.code
    assert json.loads(out)["message"] == err.removeprefix("error: ").strip()


def test_without_json_nothing_goes_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    fail(VaticinaError("x"), as_json=False, is_debugging=False)
    assert capsys.readouterr().out == ""


def test_the_unforeseen_is_one_line_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert fail(ZeroDivisionError("by zero"), as_json=False, is_debugging=is_debugging()) == 1
    line = capsys.readouterr().err
    assert line == "error: unexpected ZeroDivisionError: by zero. Set LOG_LEVEL=debug for the traceback.\n"
    monkeypatch.setenv("LOG_LEVEL", "debug")
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError as error:
        fail(error, as_json=False, is_debugging=is_debugging())
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == "error: unexpected ZeroDivisionError: by zero."


def test_a_bad_log_level_does_not_hide_the_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    fail(ZeroDivisionError("by zero"), as_json=False, is_debugging=is_debugging())
    assert "by zero" in capsys.readouterr().err


COMMANDS = {
    "no project here": (["train"], "project_invalid", "No project.toml in"),
    "no project there": (["train", "nowhere"], "project_invalid", "does not exist"),
    "no data": (["train", "dataless"], "data_invalid", "gone.csv"),
    "no table": (["init", "x", "--from", "gone.csv", "--target", "y"], "data_invalid", "gone.csv"),
    "no column": (["init", "x", "--from", "risk/data.csv", "--target", "y"], "data_invalid", "'y'"),
    "no class": (
        ["init", "x", "--from", "risk/data.csv", "--target", "risk", "--positive", "maybe"],
        "data_invalid",
        "no class 'maybe'; its classes are: high, low",
    ),
    "no name": (["init", "Big One", "--from", "risk/data.csv", "--target", "risk"], "project_invalid", "'Big One'"),
    "no example": (["init", "x", "--example", "nope"], "project_invalid", "medico"),
    "project is there": (["init", "risk", "--example", "medico"], "project_invalid", "exists already"),
    "nothing to score with": (["score", "risk", "risk/data.csv", "out.csv"], "version_not_found", "production"),
    "nothing to show": (["models", "show", "risk"], "version_not_found", "production"),
    "no such version": (["models", "promote", "risk", "2020"], "version_not_found", "2020"),
    "nothing to roll back": (["models", "rollback", "risk"], "version_not_found", "production"),
    "nothing to verify": (["models", "verify", "risk"], "version_not_found", "production"),
}


@pytest.mark.parametrize(("words", "code", "part"), COMMANDS.values(), ids=COMMANDS.keys())
def test_a_failing_command_says_one_line(untrained: Path, words: list[str], code: str, part: str) -> None:
    write_project(untrained.parent / "dataless")
    (untrained.parent / "dataless" / "data.csv").unlink()
    text = (untrained.parent / "dataless" / "project.toml").read_text()
    (untrained.parent / "dataless" / "project.toml").write_text(text.replace("data.csv", "gone.csv"))
    ran = vaticina(*words)
    assert (ran.code, ran.out) == (1, "")
    [line] = ran.err.splitlines()
    assert line.startswith("error: ")
    assert part in line
    asked = vaticina(*words, "--json")
    assert asked.code == 1
    assert asked.json["code"] == code


VARIABLES = {
    "APP_PORT": "many",
    "LOG_LEVEL": "loud",
    "DATABASE_URL": "oracle://scott:tiger@db/x",
}


@pytest.mark.parametrize(("name", "value"), VARIABLES.items())
def test_a_variable_that_cannot_be_used_is_named_without_its_value(
    untrained: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = vaticina("history", "list", untrained)
    assert ran.code == 1
    [line] = ran.err.splitlines()
    assert value not in line
    assert "tiger" not in line


def opened_by_reader(pipe: Path, process: "subprocess.Popen[str]") -> int:
    """The pipe's writing end, as soon as somebody reads it."""
    while process.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.05)
    raise AssertionError(process.communicate())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_is_quiet(tmp_path: Path) -> None:
    pipe = tmp_path / "project.toml"
    os.mkfifo(pipe)
    words = ["models", "list", str(tmp_path)]
    command = [sys.executable, "-c", "from vaticina.cli import main; main()", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        writing = opened_by_reader(pipe, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        os.close(writing)
    assert (process.returncode, out, err) == (130, "", "")
