"""Help: every command has some, with an example that can be typed, and none of it waits for what only verbs need."""

import shlex
import subprocess
import sys
from typing import Any

import pytest

from tests.cli import reference
from tests.cli.shell import done, vaticina
from vaticina import __version__
from vaticina.cli.verbs import VERBS, real

COMMANDS = dict(reference.commands())

HEAVY = ("numpy", "pydantic", "orjson", "sqlalchemy", "alembic", "obstore", "fastapi", "uvicorn", "pandas", "sklearn")

MEASURED = """
import sys, time
begun = time.process_time()
from vaticina.cli import main
took = time.process_time() - begun
sys.argv = ["vaticina", *sys.argv[1:]]
try:
    main()
finally:
    print("\\n@", took, *sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("typed", COMMANDS)
def test_every_command_has_help_with_an_example(typed: str) -> None:
    words = typed.split()[1:]
    ran = done(*words, "--help")
    assert "Usage: " in ran.out
    examples = [line.strip(" │") for line in ran.out.partition("Example:")[2].splitlines()]
    assert any(line.startswith(typed + " ") for line in examples), ran.out


@pytest.mark.parametrize("typed", COMMANDS)
def test_help_shows_every_word_and_no_types_of_flags(typed: str) -> None:
    """Square brackets would be markup, which a terminal swallows."""
    shown = done(*typed.split()[1:], "--help").out
    assert set(COMMANDS[typed].help.split()) <= set(shown.split())
    assert "<bool>" not in shown
    assert "{" not in shown


@pytest.mark.parametrize("typed", [typed for typed, command in COMMANDS.items() if not hasattr(command, "commands")])
def test_every_example_is_understood(typed: str) -> None:
    for line in COMMANDS[typed].help.partition("Example:")[2].strip().splitlines():
        words = shlex.split(line)[len(typed.split()) :]
        COMMANDS[typed].make_context(typed, words, resilient_parsing=False)


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_says_what_the_verb_says(verb: str) -> None:
    first = real(verb).help.splitlines()[0]
    assert VERBS[verb][1].split()[0] == first.split()[0]


def help_process(*words: str) -> tuple[float, set[str]]:
    """Seconds of processor time to import the command line, and the packages loaded once help was printed."""
    command = [sys.executable, "-c", MEASURED, *words, "--help"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    took, *packages = ran.stdout.rpartition("@")[2].split()
    return float(took), set(packages)


def test_help_loads_nothing_heavy_and_soon() -> None:
    runs = [help_process() for _ in range(3)]
    assert not runs[0][1] & set(HEAVY)
    assert min(took for took, _ in runs) < 0.3


def test_the_version_is_printed() -> None:
    assert done("--version").out == f"vaticina {__version__}\n"


@pytest.mark.parametrize("words", [["trian"], ["train", "--nope"], ["score"], ["models", "nope"], ["init", "x"]])
def test_what_is_not_understood_exits_with_two(words: list[str]) -> None:
    ran = vaticina(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert "Usage: " in ran.err


def test_a_mistyped_verb_is_guessed() -> None:
    assert "Did you mean 'train'?" in vaticina("trian").err


def test_the_reference_page_is_what_help_says() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.render(), "run: python -m tests.cli.reference"


def test_every_parameter_is_explained() -> None:
    for command in COMMANDS.values():
        parameters: list[Any] = command.params
        assert all(parameter.help for parameter in parameters), command.name
