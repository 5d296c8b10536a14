"""How an estimator of somebody else is adopted: its files opened, its contract drafted, its parts made one model."""

from collections.abc import Mapping, Sequence
from typing import Any

from vaticina.contract import Contract, Matrix, Outputs
from vaticina.errors import ImportRefused
from vaticina.formats.adoption import AdoptedModel, Adoption, AskOriginal, OpenedFiles
from vaticina.formats.columns import Columns, find_columns
from vaticina.formats.contract_draft import (
    classes_of,
    draft_contract,
    draft_inputs,
    merged_inputs,
    new_project,
    table_columns,
    unused,
)
from vaticina.formats.estimators import frame_graph
from vaticina.formats.estimators.frame_model import Framed, with_none
from vaticina.formats.plausible_rows import plausible_rows
from vaticina.formats.source import fingerprint
from vaticina.progress import Report
from vaticina.tasks.table.labels import label_of

CONVERTER_FILES = (frame_graph,)
"""Converters of our own classes, registered by being imported."""


def adopt_estimator(adoption: Adoption, report: Report) -> AdoptedModel:
    """The model in the adoption's files, once all of them were audited.

    Raises:
        PickleRefused, ForeignVersion, MissingExtra: as the formats of the files do.
        ImportRefused: the files hold no model, or one that does not fit the contract.
    """
    report("reading the files without opening them", 0.0)
    files = adoption.source.read()
    opened = open_by_format(files, adoption)
    report("inferring the contract", 0.3)
    parts = flat_parts([opened.objects[name] for name in files])
    columns = find_columns(parts)
    inputs = draft_inputs(columns, adoption.identifier)
    if adoption.project is None:
        inputs = adoption.complete_inputs(inputs)
        project = new_project(adoption.name, inputs, adoption.threshold)
    else:
        inputs = merged_inputs(adoption.project, inputs)
        project = adoption.project
    contract = draft_contract(project, inputs, classes_of(parts[-1]))
    model = Framed(parts, table_columns(contract, columns), columns.named)
    notes = _notes(columns)
    return AdoptedModel(
        model=model,
        project=project,
        contract=contract,
        rows=plausible_rows(contract, columns),
        training={
            "estimator": f"{type(parts[-1]).__module__}.{type(parts[-1]).__qualname__}",
            "imported": [opened.facts[name] for name in files],
            "opened_with": dict(opened.libraries),
            "notes": list(notes),
        },
        data={"files": fingerprint(files)},
        notes=notes,
        ask_original=_ask_original(opened, list(files), model, contract),
    )


def open_by_format(files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
    """The objects in ``files``, each opened by its own format."""
    groups: dict[str, dict[str, bytes]] = {}
    for name, data in files.items():
        groups.setdefault(adoption.file_formats[name].name, {})[name] = data
    objects: dict[str, Any] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    original = None
    libraries: dict[str, str] = {}
    for group in groups.values():
        file_format = adoption.file_formats[next(iter(group))]
        opened = file_format.open_files(group, adoption)
        objects.update(opened.objects)
        facts.update(opened.facts)
        original = opened.original or original
        libraries = dict(opened.libraries) or libraries
    return OpenedFiles(objects, facts, original, libraries)


def _notes(columns: Columns) -> tuple[str, ...]:
    """What people should be told of the columns."""
    notes = [f"no part of the model uses {name}, so it is no input" for name in unused(columns)]
    if columns.guessed:
        notes.append("the files hold no names of columns, so they are called x0, x1, …: name them with --contract")
    return tuple(notes)


def _ask_original(opened: OpenedFiles, names: Sequence[str], model: Framed, contract: Contract) -> AskOriginal | None:
    """How the files' own objects are asked in the interpreter of their version; None when they are those here."""
    foreign = opened.original
    if foreign is None:
        return None
    question = {"parts": list(names), "columns": [column["name"] for column in model.columns]}

    def outputs(matrix: Matrix) -> Outputs:
        answers = foreign.answers(question, [with_none(column) for column in model.decoded(matrix)])
        if not contract.classes:
            return Outputs(len(matrix), {"value": answers["value"].reshape(len(matrix))})
        shares = answers["probabilities"]
        return Outputs(len(matrix), {"label": label_of(shares, contract), "probabilities": shares})

    return outputs


def flat_parts(objects: Sequence[Any]) -> list[Any]:
    """The transformers and the model, last; a pipeline at the end is taken apart. Raises ImportRefused."""
    *before, last = objects
    if isinstance(last, dict):
        raise ImportRefused("The file holds a dict, not a model; save the fitted model itself.")
    steps = [step for _, step in last.steps] if hasattr(last, "steps") else [last]
    parts = [*before, *(step for step in steps if step is not None and step != "passthrough")]
    for part in parts[:-1]:
        if not hasattr(part, "transform"):
            raise ImportRefused(f"{type(part).__name__} stands before the model, but transforms nothing.")
    if not hasattr(parts[-1], "predict"):
        raise ImportRefused(f"The last part is a {type(parts[-1]).__name__}, which predicts nothing.")
    return parts
