"""Somebody's ONNX file, ready to be published as it is: its contract is what its inputs tell."""

from typing import Any

from vaticina.contract import Contract, Project
from vaticina.contract.fields import Scalar
from vaticina.errors import ImportRefused
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.columns import Columns
from vaticina.formats.contract_draft import INPUTS, NUMBERED, draft_contract, new_project
from vaticina.formats.onnx.file import WHOLE, Graph, answered, known_columns, open_graph, plan_of
from vaticina.formats.onnx.file_runtime import GraphFile
from vaticina.formats.plausible_rows import plausible_rows
from vaticina.formats.source import fingerprint, read_file
from vaticina.progress import Report


def adopt_graph(adoption: Adoption, report: Report) -> AdoptedModel:
    """The ONNX file of the adoption.

    Raises ImportRefused when it is none, or when it and the contract do not tell enough to ask it.
    """
    file = adoption.source.model
    if len(adoption.source.files) > 1:
        raise ImportRefused(f"{file.name} is an ONNX file, which holds its own preparation; leave --preprocessor out.")
    report("reading the file", 0.0)
    data = read_file(file)
    graph = open_graph(data, file.name)
    columns = Columns(tuple(known_columns(graph, adoption.project)), named=False, guessed=len(graph.inputs) == 1)
    project = adoption.project or _drafted(adoption, graph, columns)
    draft = draft_contract(project, project.inputs, ()) if project.model.threshold is None else _classless(project)
    plan, classes = answered(graph, plan_of(graph, draft), draft)
    contract = draft_contract(project, project.inputs, classes)
    notes: tuple[str, ...] = ()
    if adoption.project is None and columns.guessed:
        notes = ("the file holds no names of columns: name them with --contract",)
    return AdoptedModel(
        model=GraphFile(graph.data, plan, contract),
        project=project,
        contract=contract,
        rows=plausible_rows(contract, columns),
        training={
            "estimator": "onnx",
            "imported": [{"file": file.name, "kind": "onnx"}],
            "opened_with": {},
            "notes": list(notes),
        },
        data={"files": fingerprint({file.name: data})},
        notes=notes,
    )


def _drafted(adoption: Adoption, graph: Graph, columns: Columns) -> Project:
    inputs = INPUTS.validate_python(_inputs(graph, columns, adoption.identifier))
    return new_project(adoption.name, adoption.complete_inputs(inputs), adoption.threshold)


def _classless(project: Any) -> Contract:
    """The contract of ``project`` before its classes are known."""
    model = project.model.model_copy(update={"threshold": None})
    return draft_contract(project.model_copy(update={"model": model}), project.inputs, ())


def _inputs(graph: Graph, columns: Columns, identifier: str) -> dict[str, dict[str, Any]]:
    """The inputs' tables: numbers, whole numbers, flags, and categories with the texts that the file knows."""
    types = {one.name: one.type for one in graph.inputs}
    alone = graph.inputs[0].type if len(graph.inputs) == 1 else ""
    tables = {one.name: _table(types.get(one.name, alone), one.values) for one in columns.known}
    if identifier and identifier not in tables:
        tables[identifier] = {"type": "identifier", "optional": True, "default": NUMBERED}
    return tables


def _table(kind: str, values: list[Scalar] | None) -> dict[str, Any]:
    if values is not None:
        return {"type": "category", "seen": values, "example": values[0]}
    if kind == "tensor(bool)":
        return {"type": "flag"}
    return {"type": "integer", "example": 0} if kind in WHOLE else {"type": "number", "example": 0.0}
