"""The folder of a project whose models are made elsewhere: its project.toml, and the model files themselves."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from vaticina.contract import Project
from vaticina.contract.contract import AnyOutput
from vaticina.contract.project import FORMAT, PROJECT_FILE, parse_project
from vaticina.errors import ProjectError
from vaticina.formats.adoption import AdoptedModel
from vaticina.formats.format import Format
from vaticina.usecases.project_file import input_table, table

MODELS = "models"
"""The folder of a project that its model files are copied to."""

ABOUT_INPUTS = (
    "What a prediction is made from, as the model's own parts know it. `seen` categories are those it was fitted to;",
    "any other is answered, and marked in the history. Declare `min`, `max` or `categories` to refuse values.",
)


def write_project(
    adopted: AdoptedModel, format_: Format, folder: Path, allow: Sequence[str], contract: Path | None
) -> None:
    """Writes ``folder``'s project.toml: the ``contract`` given, or the one inferred. Raises ProjectError."""
    file = folder / PROJECT_FILE
    if contract is None:
        text = project_text(adopted, format_, allow)
    else:
        text = contract.read_text(encoding="utf-8")
    parse_project(text, file)  # what cannot be read is not written
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written: {error.strerror}.") from None


def project_text(adopted: AdoptedModel, format_: Format, allow: Sequence[str]) -> str:
    """The text of ``project.toml``."""
    project, contract = adopted.project, adopted.contract
    document = tomlkit.document()
    document.add("format", tomlkit.item(FORMAT))
    document.add("project", table({"name": project.name, "port": project.project.port}))
    imports = {"models": MODELS if format_.keeps_files else None, "allow": list(allow) or None}
    if any(imports.values()):
        document.add("import", table(imports))
    document.add(tomlkit.nl())
    for line in ABOUT_INPUTS:
        document.add(tomlkit.comment(line))
    inputs = tomlkit.table(is_super_table=True)
    for name, field in contract.inputs.items():
        inputs.add(name, input_table(field, None))
    document.add("inputs", inputs)
    document.add("model", table(_model(project, format_)))
    document.add("outputs", _outputs(contract.outputs))
    return tomlkit.dumps(document)


def _model(project: Project, format_: Format) -> dict[str, Any]:
    """The kind of model, and those of its settings that the file declares."""
    declared = project.model.model_dump(exclude_unset=True, exclude_none=True)
    return {**declared, "kind": format_.kind}


def _table_of(values: Mapping[str, Any]) -> Table:
    section = tomlkit.table()
    for name, value in values.items():
        section.add(name, value)
    return section


def _outputs(outputs: Mapping[str, AnyOutput]) -> Table:
    values: dict[str, Any] = {}
    for name, output in outputs.items():
        values[name] = output.quantity
        if output.input is not None:
            values[name] = tomlkit.inline_table()
            values[name].update({"from": output.quantity, "input": output.input})
    return _table_of(values)


def keep_files(files: Sequence[Path], folder: Path, project: Project) -> None:
    """Copies ``files`` into the project's folder of models, unless they lie there. Raises ProjectError."""
    if project.imports.models is None or project.imports.bucket is not None:
        return
    place = folder / project.imports.models
    try:
        place.mkdir(parents=True, exist_ok=True)
        for file in files:
            if file.resolve().parent != place.resolve():
                shutil.copyfile(file, place / file.name)
    except OSError as error:
        raise ProjectError(f"{place} cannot be written: {error.strerror}.") from None
