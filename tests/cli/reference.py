"""``python -m tests.cli.reference`` writes docs/reference/cli.md from the commands' own help."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from vaticina.cli.verbs import VERBS, real

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "cli.md"

INTRODUCTION = """# Command line

Generated from `--help` by `python -m tests.cli.reference`; a test fails when it is stale.

- PROJECT is a folder; left out, it is the nearest one upwards with a `project.toml`.
- Results go to stdout; progress and remarks to stderr. `--json` prints JSON in their place.
- A failure is one line on stderr, `error: …`, and with `--json` also `{"code", "message"}` on stdout, with the
  [code of the error](errors.md). `LOG_LEVEL=debug` adds the traceback of what was not foreseen.
- Exit codes: 0 done, 1 failed, 2 not understood, 130 interrupted.
- A setting is taken from the flag, else the environment, else the project's `.env`, else `project.toml`, else a
  default; `vaticina doctor` prints each with where it came from.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by what one types, groups before what is in them."""
    for verb in VERBS:
        command = real(verb)
        yield f"vaticina {verb}", command
        for name, inner in getattr(command, "commands", {}).items():
            yield f"vaticina {verb} {name}", inner


def render() -> str:
    """The page."""
    return "\n".join([INTRODUCTION, *(_section(typed, command) for typed, command in commands())])


def _section(typed: str, command: Any) -> str:
    level = "#" * len(typed.split())
    text, _, example = command.help.partition("Example:\n")
    lines = [f"{level} {typed}", "", text.strip(), ""]
    if not hasattr(command, "commands"):
        usage = " ".join(command.collect_usage_pieces(typer.Context(command)))
        lines += ["```", f"{typed} {usage}", "```", "", *_parameters(command), ""]
    return "\n".join([*lines, "```sh", *(line.strip() for line in example.strip().splitlines()), "```", ""])


def _parameters(command: Any) -> Iterator[str]:
    yield "| | | default |"
    yield "|---|---|---|"
    for parameter in command.params:
        is_option = parameter.param_type_name == "option"
        names = ", ".join([*parameter.opts, *parameter.secondary_opts]) if is_option else parameter.metavar
        value = f" {parameter.metavar}" if is_option and parameter.metavar else ""
        help_text = parameter.help.replace("|", "\\|")
        yield f"| `{names}{value}` | {help_text} | {_default(parameter)} |"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    return "" if parameter.default in (None, False, "") else f"`{str(parameter.default).lower()}`"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
