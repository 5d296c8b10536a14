"""How somebody's ONNX file is adopted: its contract is what its inputs tell, and it is published as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from vaticina.contract import Contract, Project
from vaticina.contract.fields import Scalar
from vaticina.errors import ImportRefused
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.columns import FittedTable
from vaticina.formats.contract_draft import INPUTS, InputTable, draft_contract, identifier_table, new_project
from vaticina.formats.onnx.answers import plan_answers
from vaticina.formats.onnx.file import WHOLE, OnnxFile, fitted_columns, open_file, plan_inputs
from vaticina.formats.onnx.file_runtime import OnnxFileRuntime
from vaticina.formats.onnx.trial_rows import trial_rows
from vaticina.formats.source import fingerprint, read_file
from vaticina.progress import Report


def adopt_onnx_file(adoption: Adoption, report: Report) -> AdoptedModel:
    """The ONNX file of the adoption.

    Raises ImportRefused when it is none, or when it and the contract do not tell enough to ask it.
    """
    source = adoption.source
    if len(source.files) > 1:
        raise ImportRefused(
            f"{source.model.name} is an ONNX file, which holds its own preparation; leave --preprocessor out."
        )
    report("reading the file", 0.0)
    data = read_file(source.model)
    file = open_file(data, source.model.name, adoption.allow)
    table = FittedTable(tuple(fitted_columns(file, adoption.project)), has_names=len(file.inputs) > 1)
    project = adoption.project or _draft_project(adoption, file, table)
    draft = _without_classes(project)
    rows = trial_rows(draft, table, file.graph)
    answers = plan_answers(file, plan_inputs(file, draft), rows)
    contract = draft_contract(project, project.inputs, answers.classes)
    notes = answers.notes
    if adoption.project is None and not table.has_names:
        notes = ("the file holds no names of columns: name them with --contract", *notes)
    model = OnnxFileRuntime(file.data, answers.plan, contract)
    return AdoptedModel(
        model=model,
        project=project,
        contract=contract,
        rows=rows,
        training={
            "estimator": "onnx",
            "imported": [{"file": source.model.name, "kind": "onnx"}],
            "opened_with": {},
            "notes": list(notes),
        },
        data={"files": fingerprint({source.model.name: data})},
        notes=notes,
        ask_original=model.predict,
    )


def _draft_project(adoption: Adoption, file: OnnxFile, table: FittedTable) -> Project:
    inputs = INPUTS.validate_python(_inputs(file, table, adoption.identifier))
    return new_project(adoption.name, adoption.complete_inputs(inputs), adoption.threshold)


def _without_classes(project: Project) -> Contract:
    """The contract of ``project`` before its classes are known, so without a threshold between them."""
    model = project.model.model_copy(update={"threshold": None})
    return draft_contract(project.model_copy(update={"model": model}), project.inputs, ())


def _inputs(file: OnnxFile, table: FittedTable, identifier: str) -> Mapping[str, InputTable]:
    """The inputs: numbers, whole numbers, flags, and categories with the texts that the file knows."""
    types = {input_.name: input_.type for input_ in file.inputs}
    matrix_type = ""
    if len(file.inputs) == 1:
        matrix_type = file.inputs[0].type
    inputs: dict[str, InputTable] = {}
    for column in table.columns:
        inputs[column.name] = _input_table(types.get(column.name, matrix_type), column.categories)
    if identifier and identifier not in inputs:
        inputs[identifier] = identifier_table()
    return inputs


def _input_table(tensor_type: str, texts: Sequence[Scalar] | None) -> dict[str, Any]:
    if texts is not None:
        return {"type": "category", "seen": texts, "example": texts[0]}
    if tensor_type == "tensor(bool)":
        return {"type": "flag"}
    if tensor_type in WHOLE:
        return {"type": "integer", "example": 0}
    return {"type": "number", "example": 0.0}
