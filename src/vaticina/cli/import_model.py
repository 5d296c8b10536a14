"""``vaticina import``."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from vaticina.bootstrap import Workspace
from vaticina.cli.arguments import AsJson, nearby
from vaticina.cli.ask_ranges import ask_ranges
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, progress, remark, say, warn
from vaticina.contract import Project, load_project
from vaticina.contract.fields import AnyInput
from vaticina.contract.project import PROJECT_FILE
from vaticina.errors import ProjectError
from vaticina.foreign.isolation import Isolation
from vaticina.formats import find_source
from vaticina.progress import Report, no_report
from vaticina.usecases.follow import version_of_files
from vaticina.usecases.import_process import run_import
from vaticina.usecases.import_report import ImportReport
from vaticina.usecases.import_request import ImportRequest, isolation_of
from vaticina.usecases.publish_import import import_lock, publish_import
from vaticina.usecases.release import Published
from vaticina.usecases.row_check import RowCheck

app = Verb()

PAIR = 2
"""Files that are told by their names: a model and its preprocessor."""

Preprocessor = Annotated[Path | None, typer.Option(metavar="FILE", help="The preprocessor that stands before it.")]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="The project's name, and its folder's.")]
ContractFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A project.toml with what the files cannot tell.")
]
Into = Annotated[Path | None, typer.Option(metavar="PROJECT", help="Publish a new version of this project instead.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="MODULE.CLASS", help="One more exact name its pickles may import, or onnx:Loop."),
]
Key = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="KEY", help="The model's key in a file that holds a dict; parts before it first."),
]
Identifier = Annotated[
    str, typer.Option("--id", metavar="FIELD", help="The field that names each row; added where the model has none.")
]
Threshold = Annotated[
    float | None, typer.Option(min=0, max=1, help="The probability from which on the positive class is answered.")
]
Isolated = Annotated[
    bool | None, typer.Option(help="Open pickles in an interpreter of their own versions; by default when needed.")
]
OfPython = Annotated[str | None, typer.Option(metavar="3.N", help="The Python that made the pickles, if known.")]
OfLibrary = Annotated[
    list[str] | None, typer.Option("--with", metavar="NAME==N", help="A library's version that made them.")
]
Ask = Annotated[
    bool | None, typer.Option(help="Ask for the ranges of numbers, which no file tells; by default at a terminal.")
]
Check = Annotated[
    Path | None,
    typer.Option(
        "--check", metavar="ROWS", help="Rows of your own: nothing is published if one is answered otherwise."
    ),
]
Expect = Annotated[
    Path | None,
    typer.Option("--expect", metavar="ANSWERS", help="The answers to those rows, as the outputs are called."),
]
NewOnly = Annotated[
    bool, typer.Option("--new-only", help="Do nothing when a version was made of these very files, as a server asks.")
]


@app.command("import")
def import_(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The model's file, or a folder of artefacts.")],
    preprocessor: Preprocessor = None,
    name: Name = None,
    contract: ContractFile = None,
    into: Into = None,
    folder: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the project's folder is made.")] = Path(),
    allow: Allow = None,
    key: Key = None,
    identifier: Identifier = "",
    threshold: Threshold = None,
    isolated: Isolated = None,
    python: OfPython = None,
    library: OfLibrary = None,
    check: Check = None,
    expect: Expect = None,
    new_only: NewOnly = False,
    ask: Ask = None,
    as_json: AsJson = False,
) -> None:
    """Make a project of a model's files, and a version of it that is served.

    The files are audited before any of them is opened: every name that they
    import must be on an exact list, or allowed by --allow. The contract is
    inferred from what the model's parts know; at a terminal you are asked for
    the ranges of numbers. The model is compiled, and what was compiled is
    verified against the model itself. All this is done by a process of its
    own, whose memory and time are limited.

    With --check, rows of your own are answered too, and compared with what
    the file's model answers, and with --expect with the answers you have.

    Example:

        vaticina import model.pkl --preprocessor preprocessor.pkl --name churn
        vaticina import model.pkl --name churn --check rows.csv
        vaticina import models/ --into churn
        vaticina import runs/ --name listings
    """
    _check_usage(check, expect)
    target = _target(name, into, folder)
    request = ImportRequest(
        place=model,
        target=target,
        isolation=_isolation(load_project(target) if into else None, isolated, python, library),
        preprocessor=preprocessor,
        contract=contract,
        allow=frozenset(allow or ()),
        keys=tuple(key or ()),
        identifier=identifier,
        threshold=threshold,
        rows=check,
        expected=expect,
    )
    with import_lock(Workspace(target)) if into else nullcontext():
        version = _version_there_is(request) if into and new_only else None
        if version is not None:
            _tell_known(request, version, as_json)
        else:
            _import(request, _asks(ask, as_json) and request.project() is None, as_json)


def _check_usage(check: Path | None, expect: Path | None) -> None:
    """Raises BadParameter for answers without the rows that they answer."""
    if expect is not None and check is None:
        raise typer.BadParameter("--expect holds answers to the rows of --check ROWS; name those too")


def _isolation(
    project: Project | None, isolated: bool | None, python: str | None, library: list[str] | None
) -> Isolation:
    """How files of other versions are opened, by the options, else as the project says."""
    return isolation_of(
        project,
        always=isolated is True,
        never=isolated is False,
        python=python,
        versions=tuple(library or ()),
    )


def _import(request: ImportRequest, asks: bool, as_json: bool) -> None:
    """Opens, compiles and publishes the model, and tells what came of it."""
    with ExitStack() as stack:
        bar = _Bar(stack, is_shown=not as_json)
        if asks:
            request = replace(request, complete_inputs=bar.after_questions)
        else:
            bar.show()
        request = request.with_files()
        imported = run_import(request, bar.report)
        report = imported.facts.report
        if report.check is not None:
            _tell_rows(report.check)
        published = publish_import(request, imported, bar.report)
    facts = _facts(published, report, request.target)
    if as_json:
        emit(facts)
    else:
        _tell(facts, report, request.place, request.target)


class _Bar:
    """The bar of an import, which is shown once nobody is asked any more. It is closed with ``stack``."""

    def __init__(self, stack: ExitStack, *, is_shown: bool) -> None:
        self._stack = stack
        self._is_shown = is_shown
        self._report: Report = no_report

    def show(self) -> None:
        """Shows the bar."""
        self._report = self._stack.enter_context(progress(self._is_shown))

    def report(self, step: str, share: float) -> None:
        """Moves the bar, if it is shown."""
        self._report(step, share)

    def after_questions(self, inputs: Mapping[str, AnyInput]) -> dict[str, AnyInput]:
        """The inputs with the ranges that a person declares; then the bar is shown."""
        completed = ask_ranges(inputs)
        self.show()
        return completed


def _version_there_is(request: ImportRequest) -> str | None:
    """The version of the project that was made of these very files, if there is one."""
    source = find_source(request.place, request.preprocessor)
    return version_of_files(Workspace(request.target), source.fingerprint())


def _asks(ask: bool | None, as_json: bool) -> bool:
    """Whether somebody is there to answer, unless that was said."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not as_json if ask is None else ask


def _tell_known(request: ImportRequest, version: str, as_json: bool) -> None:
    files = find_source(request.place, request.preprocessor).fingerprint()
    if as_json:
        emit({"folder": request.target, "version": version, "files": files, "promoted": False})
        return
    say(f"{_named_files(list(files), request.place)}: version {version} was made of them already")
    say(f"To let it answer: vaticina models promote {nearby(request.target.resolve())} {version}")


def _target(name: str | None, into: Path | None, folder: Path) -> Path:
    """The project's folder. Raises ProjectError and BadParameter."""
    if (name is None) == (into is None):
        raise typer.BadParameter("give either --name NAME for a new project, or --into PROJECT")
    if into is not None:
        return load_project(into).folder
    target = folder / str(name)
    if (target / PROJECT_FILE).exists():
        raise ProjectError(f"{target} exists already; publish a new version of it with --into {target}.")
    return target


def _facts(published: Published, report: ImportReport, target: Path) -> dict[str, Any]:
    manifest = published.manifest
    return {
        "project": manifest.project,
        "folder": target,
        "version": manifest.version,
        "files": manifest.data["files"],
        "runtime": manifest.runtime,
        "verification": manifest.verification,
        "inputs": {name: field.type for name, field in manifest.contract.inputs.items()},
        "classes": manifest.contract.classes,
        "outputs": {name: output.quantity for name, output in manifest.contract.outputs.items()},
        "notes": report.notes,
        "check": report.model_dump(mode="json")["check"],
        "promoted": True,
    }


def _tell_rows(check: RowCheck) -> None:
    """The first rows that are answered otherwise, and the first that the contract refuses, a line each."""
    for difference in check.differences:
        remark(f"{check.table}, {difference}")
    for refusal in check.refusals:
        remark(f"{check.table}, line {refusal.line}: {refusal.message}")


def _named_files(names: list[str], place: Path) -> str:
    """The files by their names; more than a pair by their number."""
    if len(names) <= PAIR:
        return ", ".join(names)
    return f"{len(names)} files of {place}"


def _tell(facts: dict[str, Any], report: ImportReport, place: Path, target: Path) -> None:
    verification = report.verification
    files = _named_files(list(facts["files"]), place)
    say(f"{files}: version {facts['version']} of {facts['project']}, in production now")
    say(f"  inputs   {', '.join(f'{name} ({kind})' for name, kind in facts['inputs'].items())}")
    say(f"  classes  {', '.join(map(str, facts['classes'])) or 'none: a number is predicted'}")
    if report.runtime == "graph":
        say("  served as the file it is")
    elif report.compiled:
        say(f"  compiled and verified on {verification['rows']} rows: {verification['flips']} labels differ")
    else:
        warn(f"{report.reason or 'not compiled'}")
    if report.check is not None:
        say(f"  check    {report.check}")
    for warning in report.warnings:
        warn(warning)
    for note in report.notes:
        say(f"  note     {note}")
    file = nearby((target / PROJECT_FILE).resolve())
    say(f"What no file tells, such as ranges, units and titles, is for you to write into {file}")
    say(f"Next: vaticina serve {nearby(target.resolve())}")
