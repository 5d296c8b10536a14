"""``vaticina import``."""

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from vaticina.bootstrap import IMPORT, ISOLATION, Published, Workspace, resolve
from vaticina.cli.arguments import AsJson, nearby
from vaticina.cli.ask_ranges import ask_ranges
from vaticina.cli.console import emit, progress, say, warn
from vaticina.contract import Project, load_project
from vaticina.contract.project import PROJECT_FILE, Imports
from vaticina.errors import ProjectError
from vaticina.inlet import imported_as
from vaticina.jobs.lock import file_lock
from vaticina.settings import pyenv_root, read_settings, user_cache
from vaticina.usecases.import_set import holds_set, take_set
from vaticina.usecases.import_version import prepare, publish_import
from vaticina.usecases.imported_project_file import keep_artefacts, write_project

app = typer.Typer(rich_markup_mode="rich", add_completion=False)

PREDICTOR = "vaticina.formats.autogluon.adopt:import_predictor"
ARTEFACTS = "vaticina.formats.source:Artefacts"
FIND = "vaticina.formats.source:find_artefacts"
GRAPH = "vaticina.formats.onnx.adopt:import_graph"
WANTED = "vaticina.formats.sklearn.adopt:Wanted"


Preprocessor = Annotated[Path | None, typer.Option(metavar="FILE", help="The preprocessor that stands before it.")]
Name = Annotated[str | None, typer.Option(metavar="NAME", help="The project's name, and its folder's.")]
ContractFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A project.toml with what the files cannot tell.")
]
Into = Annotated[Path | None, typer.Option(metavar="PROJECT", help="Publish a new version of this project instead.")]
Allow = Annotated[
    list[str] | None, typer.Option(metavar="MODULE.CLASS", help="One more exact name its pickles may import.")
]
Identifier = Annotated[str, typer.Option("--id", metavar="FIELD", help="The field that names a row; '' for none.")]
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
    identifier: Identifier = "customerID",
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
    how = _how(target, isolated, python, library)
    if holds_set(model):
        _import_set(model, target, contract, how, frozenset(allow or ()), as_json)
        return
    project = _project(target, contract)
    allowed = frozenset([*(allow or ()), *(project.imports.allow if project else ())])
    gluon = is_predictor(model)
    artefacts = resolve(ARTEFACTS)(model) if gluon else resolve(FIND)(model, preprocessor)
    with _turn(target if into else None):
        version = imported_as(Workspace(target), artefacts.fingerprint()) if into and new_only and not gluon else None
        if version is not None:
            _tell_known(artefacts.fingerprint(), version, target, as_json)
            return
        complete = ask_ranges if project is None and _asks(ask, as_json) else dict
        wanted = resolve(WANTED)(artefacts, target.name, project, allowed, identifier, threshold, how, complete)
        with progress(not as_json and complete is dict) as report:
            imported = _importer(model, gluon)(wanted, report)
        with progress(not as_json) as report:
            prepared = prepare(imported, allowed, report)
            if not (target / PROJECT_FILE).exists():
                write_project(imported, target, sorted(allowed), contract)
            keep_artefacts(() if gluon else artefacts.files, target, load_project(target))
            published = publish_import(Workspace(target), prepared, report)
    facts = _facts(published, imported, target)
    if as_json:
        emit(facts)
    else:
        _tell(facts, target)


def _asks(ask: bool | None, as_json: bool) -> bool:
    """Whether somebody is there to answer, unless that was said."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not as_json if ask is None else ask


def _how(target: Path, isolated: bool | None, python: str | None, library: list[str] | None) -> Any:
    """How pickles of other versions are opened: by what was given, else by what the project says of its files."""
    known = load_project(target).imports if (target / PROJECT_FILE).exists() else Imports()
    return isolation(
        always=isolated is True,
        never=isolated is False,
        python=python or known.python,
        more=tuple(library or known.versions),
    )


def _importer(model: Path, gluon: bool) -> Any:
    """What imports files of this kind."""
    if gluon:
        return resolve(PREDICTOR, "autogluon")
    return resolve(GRAPH if model.suffix.lower() == ".onnx" else IMPORT)


def is_predictor(place: Path) -> bool:
    """Whether ``place`` is a folder that AutoGluon saved."""
    return (place / "predictor.pkl").is_file() and (place / "version.txt").is_file()


def _turn(target: Path | None) -> AbstractContextManager[None]:
    """One import into a project at a time, so that several servers make one version of the same files."""
    return nullcontext() if target is None else file_lock(Workspace(target).places.state / "import.lock")


def _tell_known(files: dict[str, str], version: str, target: Path, as_json: bool) -> None:
    if as_json:
        emit({"folder": target, "version": version, "files": files, "promoted": False})
        return
    say(f"{', '.join(files)}: version {version} was made of them already")
    say(f"To let it answer: vaticina models promote {nearby(target.resolve())} {version}")


def _import_set(
    place: Path, target: Path, contract: Path | None, how: Any, allow: frozenset[str], as_json: bool
) -> None:
    """Imports a set of clusters, all files of the folder ``place`` that belong to it."""
    file = target / PROJECT_FILE
    if contract is not None and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contract.read_bytes())
    with progress(not as_json) as report:
        report("reading, compiling and verifying the set", 0.1)
        manifest = take_set(place, target, load_project(target) if file.exists() else None, how, allow)
    files = manifest.training["files"]
    if as_json:
        facts = {"project": manifest.project, "folder": target, "version": manifest.version, "files": list(files)}
        emit({**facts, "runtime": manifest.runtime, "verification": manifest.verification, "promoted": True})
        return
    say(f"{len(files)} files of {place}: version {manifest.version} of {manifest.project}, in production now")
    verified = manifest.verification
    say(f"  compiled and verified on {verified['rows']} rows: {verified['flips']} labels differ")
    say(f"Next: vaticina serve {nearby(target.resolve())}")


def isolation(**how: Any) -> Any:
    """How pickles of other versions are opened: in environments that are kept for all projects of this user."""
    settings = read_settings()
    return resolve(ISOLATION)(cache=user_cache(settings), roots=(pyenv_root(settings),), **how)


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


def _project(target: Path, contract: Path | None) -> Project | None:
    """The contract that is there already: the project's own, or the file that was given."""
    if (target / PROJECT_FILE).exists():
        project = load_project(target)
        if project.model.kind != "imported":
            raise ProjectError(f"{target} trains its own models; [model] kind = 'imported' takes others.")
        return project
    return load_project(contract) if contract is not None else None


def _facts(published: Published, imported: Any, target: Path) -> dict[str, Any]:
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
        "notes": imported.notes,
        "promoted": True,
    }


def _tell(facts: dict[str, Any], target: Path) -> None:
    report = facts["verification"]
    say(f"{', '.join(facts['files'])}: version {facts['version']} of {facts['project']}, in production now")
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
