"""``vaticina init``."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError

from vaticina.cli.arguments import AsJson, nearby
from vaticina.cli.bundled_examples import bundled, copy_example
from vaticina.cli.command import Verb
from vaticina.cli.console import emit, progress, say, show_table, warn
from vaticina.contract import load_project
from vaticina.contract.notation import TableNotation
from vaticina.contract.project import PROJECT_FILE, About
from vaticina.datasets.table_options import TableOptions
from vaticina.datasets.understood_column import UnderstoodColumn
from vaticina.errors import ProjectError
from vaticina.usecases.init import Learnt, Wanted, learn, write
from vaticina.usecases.project_file import Draft, about_outputs, about_target

app = Verb()

LONG_CELL = 30
"""Characters of a cell that are shown."""

TargetKind = Literal["number", "classes"]
Dates = Literal["day-first", "month-first", "year-first"]


@app.command()
def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The project's name, and its folder's.")],
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="The table to learn from: CSV, Parquet or Excel.")
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict.")] = None,
    positive: Annotated[
        str | None, typer.Option(metavar="CLASS", help="The class whose probability is answered.")
    ] = None,
    target_kind: Annotated[
        TargetKind | None, typer.Option(help="Whether to predict a number or classes, where the values allow both.")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(metavar="MARK", help="The decimal mark where 1.234 may mean two things: . or ,")
    ] = None,
    dates: Annotated[
        Dates | None, typer.Option(help="The order of dates where 08/11/2024 may mean two things.")
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(metavar="NAME", help="The encoding of a file that is not UTF-8, such as cp1252.")
    ] = None,
    missing: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="A text that means that there is no value, such as -999; may be repeated."),
    ] = None,
    example: Annotated[str | None, typer.Option(metavar="EXAMPLE", help="Copy this bundled project instead.")] = None,
    folder: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the project's folder is made.")] = Path(),
    copy: Annotated[bool, typer.Option(help="Copy the table into the project, or point to it.")] = True,
    as_json: AsJson = False,
) -> None:
    """Write a project from a CSV file, or copy an example.

    From a file, the types, ranges and categories of the inputs are learnt, and
    how numbers and dates are written; what was understood of each column is
    shown. Inputs that seem to know the target too well are pointed out. The
    project is ready to train. What exists is never overwritten.

    Example:

        vaticina init income --from adult.csv --target income
        vaticina init medico --example medico
    """
    place = folder / name
    _check(name, place)
    if example is not None and source is None:
        copy_example(example, name, place)
        _tell_copied(name, place, example, as_json)
    elif example is None and source is not None and target is not None:
        with progress(not as_json) as report:
            options = _table_options(decimal, dates, encoding, missing, target_kind)
            learnt = learn(Wanted(name, source, target, positive, options), report)
        write(learnt.draft, place, copy)
        _tell_learnt(learnt, place, as_json)
    else:
        names = ", ".join(bundled())
        raise typer.BadParameter(f"give either --from FILE and --target COLUMN, or --example EXAMPLE, one of: {names}")


def _table_options(
    decimal: str | None,
    dates: Dates | None,
    encoding: str | None,
    missing: list[str] | None,
    target_kind: TargetKind | None,
) -> TableOptions:
    """What the options say about the table. Raises typer.BadParameter."""
    try:
        words = TableNotation.model_validate({"decimal": decimal, "dates": dates, "encoding": encoding})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise typer.BadParameter(f"--{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}") from None
    return TableOptions(words.decimal, words.dates, words.encoding, tuple(missing or ()), target_kind)


def _check(name: str, place: Path) -> None:
    """Raises ProjectError unless a project of that name can be written there."""
    try:
        About(name=name)
    except ValidationError:
        raise ProjectError(
            f"{name!r} is no name for a project: small letters, digits, - and _, a letter first."
        ) from None
    if (place / PROJECT_FILE).exists() or (place.exists() and not place.is_dir()):
        raise ProjectError(f"{place} exists already; choose another name or another --folder, or remove it yourself.")


def _tell_copied(name: str, place: Path, example: str, as_json: bool) -> None:
    if as_json:
        emit({"project": name, "folder": place, "example": example})
        return
    say(f"{place / PROJECT_FILE} is a copy of the example {example}.")
    _tell_next(place)


def _tell_learnt(learnt: Learnt, place: Path, as_json: bool) -> None:
    draft = learnt.draft
    for warning in learnt.warnings:
        warn(f"leak suspect: {warning}" if warning in draft.suspects.values() else warning)
    if as_json:
        emit(_facts(learnt, place))
        return
    columns = ((column.name, column.read_as, column.how, _example(column)) for column in learnt.columns)
    show_table(None, ("column", "read as", "from", "example"), columns)
    kinds = Counter(field.type for field in draft.project.inputs.values())
    say(f"{place / PROJECT_FILE} was learnt from {learnt.rows} rows.")
    say(f"  inputs   {len(draft.project.inputs)}: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}")
    say(f"  target   {draft.project.data.target}: {about_target(draft.classes)}{_other_kind(draft)}")
    say(f"  answer   {', '.join(f'{name} ({about})' for name, about in about_outputs(draft).items())}")
    for note in learnt.notes:
        say(f"  note     {note}")
    _tell_next(place)


def _example(column: UnderstoodColumn) -> str:
    """A cell, and what it is read as if that is written in another way."""
    raw = column.raw[:LONG_CELL]
    if not column.value or column.value == column.raw:
        return raw
    return f"{raw} → {column.value[:LONG_CELL]}"


def _other_kind(draft: Draft) -> str:
    """How to say that the target is of the other kind, where its values allow that."""
    if not draft.classes:
        return "; for classes, say --target-kind classes"
    if isinstance(draft.classes[0], int) and not isinstance(draft.classes[0], bool):
        return "; for a number, say --target-kind number"
    return ""


def _facts(learnt: Learnt, place: Path) -> dict[str, object]:
    project = learnt.draft.project
    return {
        "project": project.name,
        "folder": place,
        "rows": learnt.rows,
        "inputs": {name: field.type for name, field in project.inputs.items()},
        "target": project.data.target,
        "classes": learnt.draft.classes,
        "columns": [asdict(column) for column in learnt.columns],
        "left_out": learnt.draft.left_out,
        "suspects": learnt.draft.suspects,
        "notes": learnt.notes,
        "warnings": learnt.warnings,
    }


def _tell_next(place: Path) -> None:
    project = load_project(place)
    if not project.kind.is_trained:
        say(f"Next: put a model and its preprocessor into {nearby(place.resolve() / str(project.imports.models))}")
        return
    say(f"Next: vaticina train {nearby(place.resolve())}")
