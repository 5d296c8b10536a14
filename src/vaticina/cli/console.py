"""What verbs print: results on stdout, as tables or as JSON; progress and remarks on stderr."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from vaticina.progress import Report, no_report

FOR_PIPES = 200
"""Columns of a table when nobody's terminal is there to tell."""


def emit(result: Any, to_stderr: bool = False) -> None:
    """``result`` as JSON, for scripts."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_SERIALIZE_NUMPY
    typer.echo(orjson.dumps(result, default=str, option=option).decode(), err=to_stderr)


def say(text: str) -> None:
    """One line of the result."""
    typer.echo(text)


def remark(text: str) -> None:
    """One plain line beside the result."""
    typer.echo(text, err=True)


def warn(text: str) -> None:
    """One line that should not be overlooked, but does not stop the verb."""
    typer.secho("warning: ", fg=typer.colors.YELLOW, bold=True, nl=False, err=True)
    typer.echo(text, err=True)


def show_table(title: str | None, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on stdout; what is None is left blank."""
    table = Table(*columns, title=title, title_justify="left", title_style="bold", header_style="bold", box=None)
    for row in rows:
        table.add_row(*map(_cell, row))
    console = Console()
    (console if console.is_terminal else Console(width=FOR_PIPES)).print(table)


def _cell(value: Any) -> Text:
    """As a Text, so that brackets are no markup."""
    return value if isinstance(value, Text) else Text("" if value is None else str(value))


@contextmanager
def steps() -> Iterator[Report]:
    """Each step as a line on stderr, ``@ SHARE STEP``, for whoever started this process."""
    yield lambda step, share: typer.echo(f"@ {share:.2f} {step}", err=True)


@contextmanager
def progress(shown: bool) -> Iterator[Report]:
    """A bar on stderr that follows what is reported: the step at work, and the share done from 0 to 1.

    It leaves nothing behind, and logs and pipes get none of it.
    """
    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield no_report
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda step, share: bar.update(task, description=step, completed=share)
