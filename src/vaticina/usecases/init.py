"""A project learnt from a table: its draft, and the folder that is written."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from vaticina.bootstrap import missing_libraries_named
from vaticina.contract import Project
from vaticina.contract.contract import Output
from vaticina.contract.fields import Scalar
from vaticina.contract.project import PROJECT_FILE, parse_project
from vaticina.datasets import infer_contract
from vaticina.datasets.table_options import NO_OPTIONS, TableOptions
from vaticina.datasets.understood_column import UnderstoodColumn
from vaticina.errors import DataError, ProjectError
from vaticina.progress import Report
from vaticina.tasks.table import find_suspects
from vaticina.usecases.project_file import Draft, written

DATA = "data"
"""The folder of a project that the table is copied to."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to learn: the table, the column to predict, and by its name the class whose probability is answered.

    ``options`` are what a person said about the table.
    """

    name: str
    source: Path
    target: str
    positive: str | None = None
    options: TableOptions = NO_OPTIONS


@dataclass(frozen=True, slots=True)
class Learnt:
    """A draft with what people should be told.

    ``columns`` are what was understood of each column, ``notes`` what was understood of the file and left out of the
    rows, and ``warnings`` what is odd about columns, and the evidence against suspects.
    """

    draft: Draft
    rows: int
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    columns: tuple[UnderstoodColumn, ...]


def learn(wanted: Wanted, report: Report) -> Learnt:
    """The draft of a project for ``wanted``.

    Raises:
        DataError: the table or its target cannot be used, or no class is called ``positive``.
        ProjectError: ``name`` is no project's name.
        MissingExtra: what trains is not installed.
    """
    report("reading the data", 0.0)
    with missing_libraries_named():
        inference = infer_contract(wanted.source, wanted.name, wanted.target, wanted.options)
        suspects = find_suspects(inference.dataset, _suspects_report(report))
    classes = inference.dataset.contract.classes
    evidence_by_input: dict[str, str] = {}
    for suspect in suspects:
        evidence_by_input.update(dict.fromkeys(suspect.inputs, suspect.evidence))
    draft = Draft(
        project=_with_positive(inference.project, classes, wanted.positive),
        source=str(wanted.source),
        classes=classes,
        left_out=inference.left_out,
        suspects=evidence_by_input,
    )
    report("done", 1.0)
    evidence = [suspect.evidence for suspect in suspects]
    return Learnt(
        draft,
        inference.dataset.size,
        (*inference.remarks, *inference.dataset.notes),
        (*inference.warnings, *evidence),
        inference.columns,
    )


def _suspects_report(report: Report) -> Callable[[str, int, int], None]:
    """Reports the steps of the search for suspects, which is the longer part."""

    def progress(step: str, done: int, total: int) -> None:
        report(step, 0.2 + 0.8 * done / total)

    return progress


def _with_positive(project: Project, classes: tuple[Scalar, ...], positive: str | None) -> Project:
    """``project`` answering the probability of the class that is called ``positive``."""
    if positive is None:
        return project
    named = {label if isinstance(label, str) else json.dumps(label): label for label in classes}
    if positive not in named:
        known = f"its classes are: {', '.join(named)}" if named else "it is a number"
        raise DataError(f"The target {project.data.target!r} has no class {positive!r}; {known}.")
    outputs = {**project.outputs, "probability": Output.model_validate({"from": "positive_probability"})}
    data = project.data.model_copy(update={"positive": named[positive]})
    return project.model_copy(update={"data": data, "outputs": outputs})


def write(draft: Draft, folder: Path, copy: bool) -> None:
    """Writes the project's ``folder``, with its table in it or pointed to. Raises ProjectError."""
    source = Path(draft.source)
    inside = source.resolve().is_relative_to(folder.resolve())
    kept = Path(DATA, source.name) if copy and not inside else _path_from(folder, source)
    text = written(replace(draft, source=kept.as_posix()))
    parse_project(text, folder / PROJECT_FILE)  # what cannot be read is not written
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if copy and not inside:
            _copy(source, folder / kept)
        (folder / PROJECT_FILE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written: {error.strerror}.") from None


def _copy(source: Path, target: Path) -> None:
    if target.exists():
        raise ProjectError(f"{target} exists already; remove it, or point to {source} with --no-copy.")
    target.parent.mkdir(exist_ok=True)
    shutil.copyfile(source, target)


def _path_from(folder: Path, source: Path) -> Path:
    try:
        return Path(os.path.relpath(source.resolve(), folder.resolve()))
    except ValueError:  # another drive
        return source.resolve()
