"""``vaticina import``."""

import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from vaticina.bootstrap import Workspace
from vaticina.cli.arguments import AsJson, nearby
from vaticina.cli.ask_ranges import ask_ranges
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, progress, say, warn
from vaticina.contract import load_project
from vaticina.contract.project import PROJECT_FILE
from vaticina.errors import ProjectError
from vaticina.formats import find_source
from vaticina.usecases.adopt import ImportRequest, OpenedModel, import_lock, isolation_of, open_model, publish_model
from vaticina.usecases.follow import version_of_files
from vaticina.usecases.release import Published

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
Identifier = Annotated[str, typer.Option("--id", metavar="FIELD", help="Add a field that names each row.")]
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
    identifier: Identifier = "",
    threshold: Threshold = None,
    isolated: Isolated = None,
    python: OfPython = None,
    library: OfLibrary = None,
    new_only: NewOnly = False,
    ask: Ask = None,
    as_json: AsJson = False,
) -> None:
    """Make a project of a model's files, and a version of it that is served.

    The files are audited before any of them is opened: every name that they
    import must be on an exact list, or allowed by --allow. The contract is
    inferred from what the model's parts know; at a terminal you are asked for
    the ranges of numbers. The model is compiled, and what was compiled is
    verified against the model itself.

    Example:

        vaticina import model.pkl --preprocessor preprocessor.pkl --name churn
        vaticina import models/ --into churn
        vaticina import runs/ --name listings
    """
    target = _target(name, into, folder)
    project = load_project(target) if into else None
    request = ImportRequest(
        place=model,
        target=target,
        isolation=isolation_of(
            project,
            always=isolated is True,
            never=isolated is False,
            python=python,
            versions=tuple(library or ()),
        ),
        preprocessor=preprocessor,
        contract=contract,
        allow=frozenset(allow or ()),
        identifier=identifier,
        threshold=threshold,
    )
    with import_lock(Workspace(target)) if into else nullcontext():
        version = _version_there_is(request) if into and new_only else None
        if version is not None:
            _tell_known(request, version, as_json)
            return
        _import(request, _asks(ask, as_json) and not request.exists and contract is None, as_json)


def _import(request: ImportRequest, asks: bool, as_json: bool) -> None:
    """Opens, compiles and publishes the model, and tells what came of it."""
    if asks:
        opened = open_model(replace(request, complete_inputs=ask_ranges))  # no bar moves while a person is asked
    else:
        with progress(not as_json) as report:
            opened = open_model(request, report)
    with progress(not as_json) as report:
        published = publish_model(opened, report)
    facts = _facts(published, opened, request.target)
    if as_json:
        emit(facts)
    else:
        _tell(facts, request.place, request.target)


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


def _facts(published: Published, opened: OpenedModel, target: Path) -> dict[str, Any]:
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
        "notes": opened.adopted.notes,
        "promoted": True,
    }


def _named_files(names: list[str], place: Path) -> str:
    """The files by their names; more than a pair by their number."""
    if len(names) <= PAIR:
        return ", ".join(names)
    return f"{len(names)} files of {place}"


def _tell(facts: dict[str, Any], place: Path, target: Path) -> None:
    report = facts["verification"]
    files = _named_files(list(facts["files"]), place)
    say(f"{files}: version {facts['version']} of {facts['project']}, in production now")
    say(f"  inputs   {', '.join(f'{name} ({kind})' for name, kind in facts['inputs'].items())}")
    say(f"  classes  {', '.join(map(str, facts['classes'])) or 'none: a number is predicted'}")
    if facts["runtime"] == "graph":
        say("  served as the file it is")
    elif facts["runtime"] == "onnx":
        say(f"  compiled and verified on {report['rows']} rows: {report['flips']} labels differ")
    else:
        warn(f"{report.get('reason', 'not compiled')}")
    for note in facts["notes"]:
        say(f"  note     {note}")
    file = nearby((target / PROJECT_FILE).resolve())
    say(f"What no file tells, such as ranges, units and titles, is for you to write into {file}")
    say(f"Next: vaticina serve {nearby(target.resolve())}")
