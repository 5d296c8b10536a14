"""What an import asks at a terminal: a real one, on the other side of which a person would sit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import done
from tests.formats.churn import pair
from vaticina.cli.ask_ranges import ranged
from vaticina.contract import load_project
from vaticina.contract.fields import Integer, Number

pty = pytest.importorskip("pty", reason="no pseudo-terminals there")

NUMBER = Number(example=3.0, seen=(0.0, 70.0))


@pytest.mark.parametrize(
    ("answer", "bounds", "example"),
    [
        ("0..72", (0, 72), 3.0),
        (" 0 .. 72.5 ", (0, 72.5), 3.0),
        ("-1e3..", (-1000, None), 3.0),
        ("..72", (None, 72), 3.0),
        ("10..20", (10, 20), 15.0),
        ("10..", (10, None), 10.0),
        ("", (None, None), 3.0),
        ("  ", (None, None), 3.0),
    ],
)
def test_a_range_is_two_numbers_with_dots_between(
    answer: str, bounds: tuple[float | None, float | None], example: float
) -> None:
    field = ranged(NUMBER, answer)
    assert (field.min, field.max, field.example, field.seen) == (*bounds, example, (0.0, 70.0))


def test_whole_numbers_stay_whole() -> None:
    field = ranged(Integer(example=0), "3..8")
    assert (type(field), field.min, field.max, field.example) == (Integer, 3, 8, 6)


@pytest.mark.parametrize(
    ("field", "answer", "said"),
    [
        (NUMBER, "72", "'72' is no range; write two numbers with two dots between them, like 0..72"),
        (NUMBER, "..", "is no range"),
        (NUMBER, "0..many", "'many' is no number"),
        (NUMBER, "0..inf", "inf is no end of a range"),
        (NUMBER, "72..0", "min 72.0 is above max 0.0"),
        (Integer(), "0.5..3", "integer"),
    ],
)
def test_what_is_no_range_is_told(field: Number | Integer, answer: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ranged(field, answer)


def at_terminal(*words: object, answers: str) -> tuple[int, str]:
    """The exit code of a command at a terminal of its own, where somebody types ``answers``, and what was shown."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-P", "-m", "vaticina", *map(str, words)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True) as process:
        os.close(theirs)
        os.write(ours, answers.encode())
        shown = b""
        try:
            while part := os.read(ours, 65_536):
                shown += part
        except OSError:  # the other side has closed
            pass
        code = process.wait(60)
    os.close(ours)
    return code, shown.decode()


def test_an_import_at_a_terminal_asks_for_ranges(tmp_path: Path) -> None:
    model, preprocessor = pair(tmp_path / "files")
    words = ("import", model, "--preprocessor", preprocessor, "--name", "churn", "--folder", tmp_path)
    code, shown = at_terminal(*words, answers="0..72\nall\n0..\n" + "\n" * 20)
    assert code == 0, shown
    assert "tenure (around" in shown
    assert "'all' is no range" in shown
    inputs = load_project(tmp_path / "churn").inputs
    first, second, *_ = (field for field in inputs.values() if isinstance(field, Number))
    assert ((first.min, first.max), (second.min, second.max)) == ((0, 72), (0, None))
    shown_contract = done("models", "show", tmp_path / "churn", "--json").json
    assert shown_contract["verification"]["verified"]


def test_scripts_and_people_in_a_hurry_are_not_asked(tmp_path: Path) -> None:
    model, preprocessor = pair(tmp_path / "files")
    words = ("import", model, "--preprocessor", preprocessor, "--name", "churn", "--folder", tmp_path, "--no-ask")
    code, shown = at_terminal(*words, answers="")
    assert code == 0, shown
    assert "range" not in shown.split("What no file tells")[0]
