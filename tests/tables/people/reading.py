"""What the library makes of a file: the one place that calls it, by the way that everybody has.

A contract is inferred and a project written, as ``vaticina init`` does but for the search for leaks, which takes a
hundred times as long and says nothing of how a column is read. The values are those of the rows that ``read_dataset``
gives for the project that was written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.tables.people.truth import Value
from vaticina.contract.project import load_project
from vaticina.datasets import infer_contract
from vaticina.datasets.dataset_reader import read_dataset
from vaticina.datasets.table_options import NO_OPTIONS
from vaticina.errors import VaticinaError
from vaticina.usecases.init import write
from vaticina.usecases.project_file import Draft


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as it was understood.

    ``types`` are those of the inputs; ``left_out`` the reasons of columns that are none; ``messages`` whatever else was
    said to people. ``rows`` hold what training would get; ``target`` is "classes" or "number". A refused file has only
    ``refusal``.
    """

    types: Mapping[str, str]
    left_out: Mapping[str, str]
    messages: Sequence[str]
    target: str
    rows: Sequence[Mapping[str, Value | str]]
    labels: Sequence[Value | str]
    refusal: str = ""


def read_as_everybody(file: Path, target: str, folder: Path) -> Reading:
    """The reading of ``file`` for predicting ``target``; its project is written into ``folder``."""
    try:
        inference = infer_contract(file, "judged", target, NO_OPTIONS)
        classes = inference.dataset.contract.classes
        write(Draft(inference.project, str(file), classes, inference.left_out, {}), folder, copy=True)
        dataset = read_dataset(load_project(folder))
    except VaticinaError as error:
        return Reading({}, {}, (), "", (), (), refusal=str(error))
    inputs = inference.project.inputs
    labels: list[Value | str] = []
    for value in dataset.target if dataset.target is not None else ():
        if classes:
            labels.append(classes[int(value)])
        else:
            labels.append(float(value))
    return Reading(
        types={name: field.type for name, field in inputs.items()},
        left_out=inference.left_out,
        messages=(*inference.remarks, *inference.dataset.notes, *inference.warnings),
        target="classes" if classes else "number",
        rows=[{name: _plain(row[name]) for name in inputs} for row in dataset.rows],
        labels=labels,
    )


def _plain(value: object) -> Value | str:
    """A row's value, once it is seen to be one."""
    if value is None or isinstance(value, bool | int | float | str | datetime):
        return value
    raise TypeError(f"{value!r} is no value of a table's row")
