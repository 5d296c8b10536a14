"""The contract of a model of somebody else, drafted from what its parts tell: names, categories, classes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from vaticina.contract import Contract, Project
from vaticina.contract.contract import AnyOutput, Output
from vaticina.contract.fields import AnyInput, Category, Identifier, Scalar
from vaticina.contract.kinds import KINDS
from vaticina.contract.project import default_outputs
from vaticina.errors import ImportRefused
from vaticina.formats.columns import FittedColumn, FittedTable, are_all

IDENTIFIER_NAMES = re.compile(r"(^|[_\s-])(id|ID|Id|uuid|key)$|[a-z](ID|Id)$")
"""Names of columns that may hold who a row is about."""

MANY_CATEGORIES = 20
"""A column with such a name and more categories than this may be meant to name rows, although the model uses it."""

NUMBERED = "{i}"
"""What a row without an identifier is called: its place in the request, from 0."""

InputTable = dict[str, Any]
"""An input as a table of project.toml."""

INPUTS: TypeAdapter[dict[str, AnyInput]] = TypeAdapter(dict[str, AnyInput])


def draft_inputs(table: FittedTable, identifier: str) -> dict[str, AnyInput]:
    """The inputs that the model needs.

    ``identifier`` names the row: a column of the table, or one more input. Without it, columns are identifiers that are
    called so and that the model does not use.
    """
    inputs: dict[str, InputTable] = {}
    for column in table.columns:
        if is_identifier(column, identifier):
            inputs[column.name] = identifier_table()
        elif column.used:
            inputs[column.name] = _input_table(column)
    if identifier and identifier not in inputs:
        inputs[identifier] = identifier_table()
    return INPUTS.validate_python(inputs)


def identifier_table() -> InputTable:
    """An input that names a row, and may be left out."""
    return {"type": "identifier", "optional": True, "default": NUMBERED}


def is_identifier(column: FittedColumn, identifier: str) -> bool:
    """Whether a column names rows: the ``identifier`` that was asked for; without one, it is called so, and unused."""
    if identifier:
        return column.name == identifier
    return not column.used and IDENTIFIER_NAMES.search(column.name) is not None


def may_be_identifier(column: FittedColumn) -> bool:
    """Whether a column that the model uses looks as if it only named rows: by its name and its many texts."""
    values = column.categories
    if not column.used or values is None or not IDENTIFIER_NAMES.search(column.name):
        return False
    return len(values) > MANY_CATEGORIES and isinstance(values[0], str)


def _input_table(column: FittedColumn) -> InputTable:
    """The input for a column that a part uses."""
    if column.categories is None:
        table = _number_table(column)
    elif are_all(column.categories, bool):
        table = {"type": "flag"}
    else:
        table = _category_table(column.categories, column.refuses_others)
    if column.takes_missing:
        table["optional"] = True
    return table


def _number_table(column: FittedColumn) -> InputTable:
    table: InputTable = {"type": "number"}
    example = 0.0
    if column.bounds is not None:
        table["seen"] = list(column.bounds)
        example = sum(column.bounds) / 2
    if column.centre is not None:
        example = column.centre
    table["example"] = round(example, 6)
    if _may_hold_flags(column):
        table["flags"] = True
    return table


def _may_hold_flags(column: FittedColumn) -> bool:
    """Whether a column may hold true and false, which are 1 and 0 to a model: nothing tells that it does not."""
    if column.may_be_flag or column.bounds == (0.0, 1.0):
        return True
    if column.is_beyond_flags or column.bounds is not None or column.scale is not None:
        return False
    numbers = list(column.constants)
    if column.centre is not None:
        numbers.append(column.centre)
    return all(0 <= number <= 1 for number in numbers)


def _category_table(values: Sequence[Any], refuses_others: bool) -> InputTable:
    key = "categories" if refuses_others else "seen"
    return {"type": "category", key: list(values), "example": values[0]}


def merge_inputs(project: Project, fitted: Mapping[str, AnyInput]) -> dict[str, AnyInput]:
    """The project's inputs; a category without declared values takes those of ``fitted``, which the model knows.

    Raises ImportRefused when the model takes a column that the project does not name.
    """
    missing = []
    for name, field in fitted.items():
        if name not in project.inputs and not isinstance(field, Identifier):
            missing.append(name)
    if missing:
        raise ImportRefused(
            f"The model takes {', '.join(missing)}, which the contract of {project.name} does not name; "
            "add them to its [inputs], in project.toml or in the file of --contract."
        )
    inputs: dict[str, AnyInput] = {}
    for name, field in project.inputs.items():
        inputs[name] = _merged(field, fitted.get(name))
    return inputs


def _merged(declared: AnyInput, fitted: AnyInput | None) -> AnyInput:
    if isinstance(declared, Category) and isinstance(fitted, Category) and declared.categories is None:
        return declared.model_copy(update={"seen": fitted.known})
    return declared


def new_project(name: str, inputs: Mapping[str, AnyInput], threshold: float | None) -> Project:
    """The project of an imported model, before anybody edits it. Raises ImportRefused."""
    model = {"kind": "imported", "threshold": threshold}
    try:
        return Project.model_validate({"project": {"name": name}, "inputs": inputs, "model": model})
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        advice = "declare what the files cannot tell in a contract of your own: --contract project.toml"
        if item["loc"][0] == "project":
            advice = "give another --name: lower-case letters, digits, - and _, with a letter first"
        raise ImportRefused(
            f"No project can be made: {'.'.join(map(str, item['loc']))}: {item['msg']}; {advice}."
        ) from None


def draft_contract(project: Project, inputs: Mapping[str, AnyInput], classes: tuple[Scalar, ...]) -> Contract:
    """The contract of a version of ``project``. Raises ImportRefused."""
    if len(classes) != 2 and project.model.threshold is not None:
        raise ImportRefused(
            f"[model] threshold is for two classes, and this model has {len(classes) or 'none'}; leave it out of "
            "the contract, and --threshold out of the command."
        )
    outputs = project.outputs or _imported_outputs(inputs, classes)
    try:
        return project.draft(dict(inputs), classes).model_copy(update={"outputs": outputs})
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        raise ImportRefused(
            f"No contract can be made: {'.'.join(map(str, item['loc']))}: {item['msg']}; declare the inputs and "
            "outputs in a contract of your own: --contract project.toml."
        ) from None


def _imported_outputs(inputs: Mapping[str, AnyInput], classes: tuple[Scalar, ...]) -> dict[str, AnyOutput]:
    """The prediction and its probability, after the row's identifier under its input's name when there is one."""
    outputs = default_outputs(KINDS["imported"], classes)
    for name, field in inputs.items():
        if isinstance(field, Identifier):
            return {name: Output.model_validate({"from": "identifier", "input": name}), **outputs}
    return outputs
