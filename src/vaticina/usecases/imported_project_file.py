"""The folder of a project whose models are made elsewhere: its project.toml, and the artefacts themselves."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from vaticina.contract import Project
from vaticina.contract.contract import AnyOutput
from vaticina.contract.project import FORMAT, PROJECT_FILE, parse_project
from vaticina.errors import ProjectError
from vaticina.usecases.project_file import input_table, table

MODELS = "models"
"""The folder of a project that its artefacts are copied to."""

ABOUT_INPUTS = (
    "What a prediction is made from, as the model's own parts know it. `seen` categories are those it was fitted to;",
    "any other is answered, and marked in the history. Declare `min`, `max` or `categories` to refuse values.",
)


def write_project(imported: Any, folder: Path, allow: Sequence[str], contract: Path | None) -> None:
    """Writes ``folder``'s project.toml: the ``contract`` given, or the one inferred. Raises ProjectError."""
    file = folder / PROJECT_FILE
    text = contract.read_text(encoding="utf-8") if contract is not None else written(imported, allow)
    parse_project(text, file)  # what cannot be read is not written
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written: {error.strerror}.") from None


def written(imported: Any, allow: Sequence[str]) -> str:
    """The text of ``project.toml``."""
    project: Project = imported.project
    contract = imported.contract
    document = tomlkit.document()
    document.add("format", tomlkit.item(FORMAT))
    document.add("project", table({"name": project.name, "port": project.project.port}))
    if project.contract.envelope is not None:
        envelope = tomlkit.inline_table()
        envelope.update(project.contract.envelope.model_dump())
        document.add("contract", _one("envelope", envelope))
    document.add("import", table({"models": MODELS, "allow": list(allow) or None}))
    document.add(tomlkit.nl())
    for line in ABOUT_INPUTS:
        document.add(tomlkit.comment(line))
    inputs = tomlkit.table(is_super_table=True)
    for name, field in contract.inputs.items():
        inputs.add(name, input_table(field, None))
    document.add("inputs", inputs)
    document.add("model", table({"kind": "imported", "threshold": project.model.threshold}))
    document.add("outputs", _outputs(contract.outputs))
    return tomlkit.dumps(document)


def _one(name: str, value: Any) -> Table:
    found = tomlkit.table()
    found.add(name, value)
    return found


def _outputs(outputs: dict[str, AnyOutput]) -> Table:
    found = tomlkit.table()
    for name, output in outputs.items():
        if output.input is None:
            found.add(name, output.quantity)
            continue
        both = tomlkit.inline_table()
        both.update({"from": output.quantity, "input": output.input})
        found.add(name, both)
    return found


def keep_artefacts(files: Sequence[Path], folder: Path, project: Project) -> None:
    """Copies ``files`` into the project's folder of models, unless they lie there. Raises ProjectError."""
    if project.imports.models is None or "://" in project.imports.models:
        return
    place = folder / project.imports.models
    try:
        place.mkdir(parents=True, exist_ok=True)
        for file in files:
            if file.resolve().parent != place.resolve():
                shutil.copyfile(file, place / file.name)
    except OSError as error:
        raise ProjectError(f"{place} cannot be written: {error.strerror}.") from None
