"""The table of verbs, and the group that imports the one asked for."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from vaticina import __version__
from vaticina.cli.command import Group
from vaticina.cli.failures import fail


def _init() -> typer.Typer:
    from vaticina.cli.init import app as verb

    return verb


def _import() -> typer.Typer:
    from vaticina.cli.import_model import app as verb

    return verb


def _train() -> typer.Typer:
    from vaticina.cli.train import app as verb

    return verb


def _serve() -> typer.Typer:
    from vaticina.cli.serve import app as verb

    return verb


def _score() -> typer.Typer:
    from vaticina.cli.score import app as verb

    return verb


def _replay() -> typer.Typer:
    from vaticina.cli.replay import app as verb

    return verb


def _models() -> typer.Typer:
    from vaticina.cli.models import app as verb

    return verb


def _data() -> typer.Typer:
    from vaticina.cli.data import app as verb

    return verb


def _history() -> typer.Typer:
    from vaticina.cli.history import app as verb

    return verb


def _doctor() -> typer.Typer:
    from vaticina.cli.doctor import app as verb

    return verb


VERBS: dict[str, tuple[Callable[[], typer.Typer], str]] = {
    "init": (_init, "Write a project from a CSV file, or copy an example."),
    "import": (_import, "Make a project of a model's files: pickles, joblib, ONNX and others."),
    "train": (_train, "Train a model, and promote it if it passes the gate."),
    "serve": (_serve, "Serve the version in production over HTTP."),
    "score": (_score, "Predict every row of a CSV file into another."),
    "replay": (_replay, "Send rows of a file to a server, and sum up what came back."),
    "models": (_models, "List, show, promote, roll back and verify versions."),
    "data": (_data, "Load and look at collections of time series."),
    "history": (_history, "Look at the recorded predictions."),
    "doctor": (_doctor, "Check what a project needs, and say what to do."),
}
"""Each verb: what imports its module and gives the command, and its line in ``vaticina --help``."""


class Deferred(TyperCommand):
    """Stands for a verb in the list; becomes the verb itself, whose module is then imported, once it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the real command."""
        return real(str(self.name)).make_context(info_name, args, parent, **extra)


def real(verb: str) -> Any:
    """The command behind a verb of the table."""
    load, _ = VERBS[verb]
    return get_command(load())


class Verbs(Group):
    """The root of the command line: knows its verbs by the table alone, and ends every failure in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = {verb: Deferred(name=verb, help=line) for verb, (_, line) in VERBS.items()}

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Runs the command line. Usage errors exit with 2, other errors with 1, Ctrl-C with 130."""
        try:
            return super().main(args, *rest, **options)
        except Exception as error:
            given = sys.argv[1:] if args is None else args
            sys.exit(fail(error, as_json="--json" in given, is_debugging=is_debugging()))


def is_debugging() -> bool:
    """Whether LOG_LEVEL asks for tracebacks; settings come with the contract, so they are read only now."""
    from vaticina.errors import VaticinaError
    from vaticina.settings import read_settings

    try:
        return read_settings().log_level == "debug"
    except VaticinaError:
        return False


app = typer.Typer(cls=Verbs, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vaticina {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """From data and a contract to a served, recorded prediction.

    Example:

        vaticina init income --from adult.csv --target income
        vaticina train income
        vaticina serve income
    """
