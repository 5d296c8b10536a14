"""``vaticina models``: the versions at rest, and the aliases that point to them."""

import getpass
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from vaticina.cli.arguments import FOLDER, AsJson, ProjectFolder, nearby, open_workspace, project_and_name
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, say, show_table
from vaticina.cli.import_lines import import_lines
from vaticina.cli.metrics import measured
from vaticina.contract import Contract, Manifest
from vaticina.errors import BundleCorrupt
from vaticina.registry import AliasEntry
from vaticina.serving.registry_versions import ALIAS
from vaticina.usecases.import_report import ImportReport
from vaticina.usecases.kept_report import import_report
from vaticina.usecases.pull import pull as pull_models

app = Verb(no_args_is_help=True)

First = Annotated[str | None, typer.Argument(metavar="PROJECT", help=FOLDER, show_default=False)]
Version = Annotated[
    str | None,
    typer.Argument(metavar="VERSION", help="A version, the beginning of one, or an alias.", show_default=False),
]
Alias = Annotated[str, typer.Option(metavar="ALIAS", help="The alias to move.")]
Note = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the move.", show_default=False)]


@app.callback()
def _models() -> None:
    """List, show, promote, roll back and verify versions.

    Example:

        vaticina models list income
        vaticina models promote income 20261120T183012123Z-5f0c2a1b
    """


@app.command("list")
def list_versions(project: ProjectFolder = None, as_json: AsJson = False) -> None:
    """List the versions, the newest first, with the aliases that point to them.

    Example:

        vaticina models list income
    """
    workspace = open_workspace(project)
    registry, name = workspace.registry(), workspace.project.name
    pointing = _pointing(registry.aliases(name))
    manifests = registry.versions(name)[::-1]
    if as_json:
        emit([_facts(manifest, pointing) for manifest in manifests])
        return
    if not manifests:
        say(f"{name} has no version yet. Next: vaticina train {nearby(workspace.project.folder)}")
        return
    show_table(None, ("version", "aliases", "model", "metrics"), (_cells(manifest, pointing) for manifest in manifests))


@app.command()
def show(project: First = None, version: Version = None, as_json: AsJson = False) -> None:
    """Show a version: what it takes, what it answers, how good it is; by default the one in production.

    Example:

        vaticina models show income
        vaticina models show income 20261120T18 --json
    """
    folder, wanted = project_and_name(project, version)
    workspace = open_workspace(folder)
    registry, name = workspace.registry(), workspace.project.name
    manifest = registry.manifest(name, registry.resolve(name, wanted or ALIAS))
    report = import_report(registry, manifest)
    if as_json:
        emit(_shown(manifest, report))
        return
    show_table(None, ("", ""), _described(manifest, _pointing(registry.aliases(name))))
    say("")
    show_table(None, ("metric", "value", "95 % interval"), measured(manifest.metrics))
    for name, records in _tables(manifest):
        say("")
        show_table(None, (name, *list(records[0])[1:]), (tuple(map(_cell, record.values())) for record in records))
    if report is not None:
        say("")
        show_table(None, ("import", ""), import_lines(report))


@app.command()
def promote(
    project: First = None, version: Version = None, alias: Alias = ALIAS, note: Note = "", as_json: AsJson = False
) -> None:
    """Point an alias to a version, once every byte of it was checked.

    A server that follows the alias takes the version over within a second or
    two, without a dropped request.

    Example:

        vaticina models promote income 20261120T183012123Z-5f0c2a1b
        vaticina models promote income staging --alias production
    """
    folder, wanted = project_and_name(project, version)
    if wanted is None:
        raise typer.BadParameter("name the version: vaticina models promote [PROJECT] VERSION")
    workspace = open_workspace(folder)
    entry = workspace.registry().promote(workspace.project.name, wanted, alias, by=_whoever(), note=note)
    _tell_move(alias, entry, as_json)


@app.command()
def rollback(project: ProjectFolder = None, alias: Alias = ALIAS, note: Note = "", as_json: AsJson = False) -> None:
    """Point an alias back to the version before; once more, to the one before that.

    Example:

        vaticina models rollback income --note "odd answers since noon"
    """
    workspace = open_workspace(project)
    entry = workspace.registry().rollback(workspace.project.name, alias, by=_whoever(), note=note)
    _tell_move(alias, entry, as_json)


@app.command()
def verify(project: First = None, version: Version = None, as_json: AsJson = False) -> None:
    """Check a version: every byte in the store, and its examples answered as when it was published.

    Example:

        vaticina models verify income
    """
    folder, wanted = project_and_name(project, version)
    workspace = open_workspace(folder)
    registry, name = workspace.registry(), workspace.project.name
    found = registry.resolve(name, wanted or ALIAS)
    problems = registry.verify(name, found)
    if problems:
        raise BundleCorrupt(" ".join(map(str, problems)))
    loaded = workspace.versions().load(found)
    files, examples = len(loaded.bundle.manifest.files), len(loaded.bundle.manifest.examples)
    loaded.runtime.close()
    if as_json:
        emit({"version": found, "files": files, "examples": examples})
        return
    say(f"{found} is whole: {files} files unchanged, {examples} examples answered as when it was published.")


@app.command()
def pull(
    project: ProjectFolder = None,
    present: Annotated[
        bool, typer.Option("--present", help="Take what is whole on this machine without asking the bucket.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import the models in the project's bucket, unless the registry has them.

    A server does this by itself: before it starts when nothing is in
    production yet, and every few minutes behind. Files are fetched only when
    they are not on this machine or have changed in the bucket.

    Example:

        vaticina models pull contugas
        vaticina models pull contugas --present
    """
    workspace = open_workspace(project)
    pulled = pull_models(workspace, present=present)
    if as_json:
        emit({"version": pulled.version, "new": pulled.is_new, "warning": pulled.warning or None})
        return
    if pulled.warning:
        say(f"warning: {pulled.warning}")
    say(f"{'imported as' if pulled.is_new else 'unchanged:'} version {pulled.version}")


def _shown(manifest: Manifest, report: ImportReport | None) -> dict[str, Any]:
    """The manifest, and of an imported version the report of its import."""
    shown = manifest.model_dump(mode="json", by_alias=True)
    if report is not None:
        shown["import"] = report.model_dump(mode="json")
    return shown


def _tell_move(alias: str, entry: AliasEntry, as_json: bool) -> None:
    if as_json:
        emit({"alias": alias, **entry.model_dump(exclude={"mark"})})
        return
    say(f"{alias} is {entry.version} now")


def _whoever() -> str:
    """The user who moves an alias; a container may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _pointing(aliases: Mapping[str, AliasEntry]) -> dict[str, list[str]]:
    """The aliases of each version that has some."""
    found: dict[str, list[str]] = {}
    for alias, entry in aliases.items():
        found.setdefault(entry.version, []).append(alias)
    return found


def _facts(manifest: Manifest, pointing: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        "version": manifest.version,
        "created": manifest.created,
        "aliases": pointing.get(manifest.version, []),
        "runtime": manifest.runtime,
        "model": _model(manifest),
        "metrics": manifest.metrics,
    }


def _cells(manifest: Manifest, pointing: Mapping[str, list[str]]) -> tuple[str, ...]:
    metrics = ", ".join(f"{name} {value}" for name, value, _ in measured(manifest.metrics)[:3])
    return manifest.version, ", ".join(pointing.get(manifest.version, [])), _model(manifest), metrics


def _model(manifest: Manifest) -> str:
    return str(manifest.training.get("estimator") or manifest.contract.model.estimator)


def _described(manifest: Manifest, pointing: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    contract = manifest.contract
    answers = {name: output.quantity for name, output in contract.outputs.items()}
    return [
        ("version", manifest.version),
        ("created", f"{manifest.created:%Y-%m-%d %H:%M:%S}Z"),
        ("aliases", ", ".join(pointing.get(manifest.version, [])) or "none"),
        ("model", f"{_model(manifest)}, served as {manifest.runtime}"),
        ("inputs", _pairs({name: field.type for name, field in contract.inputs.items()})),
        ("answer", _pairs(answers)),
        ("classes", ", ".join(map(str, contract.classes)) or _without_classes(contract)),
        ("data", _pairs(manifest.data)),
        ("verification", _pairs(manifest.verification)),
        ("libraries", _pairs({"python": manifest.python, **manifest.libraries})),
        ("files", _pairs({name: f"{file.size} bytes" for name, file in manifest.files.items()})),
    ]


def _without_classes(contract: Contract) -> str:
    """What a model without classes tells."""
    marks = any(output.quantity == "anomaly" for output in contract.outputs.values())
    return "none: it tells whether a row is an anomaly" if marks else "none: it predicts a number"


def _tables(manifest: Manifest) -> list[tuple[str, list[dict[str, Any]]]]:
    """What training tells in tables: the models it weighed, the importance of the inputs."""
    named = {"leaderboard": manifest.training.get("leaderboard"), "importance": manifest.training.get("importance")}
    return [(name, records) for name, records in named.items() if records]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _pairs(facts: Mapping[str, Any]) -> str:
    """Plain facts on one line; what is nested is for --json."""
    return ", ".join(f"{name} {value}" for name, value in facts.items() if isinstance(value, str | int | float))
