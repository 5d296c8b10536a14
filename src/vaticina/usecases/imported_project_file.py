"""The folder of a project whose models are made elsewhere: its project.toml, and the model files themselves."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import Table

from vaticina.contract import Project
from vaticina.contract.bundle import sha256
from vaticina.contract.contract import AnyOutput
from vaticina.contract.project import FORMAT, PROJECT_FILE
from vaticina.errors import ImportRefused, ProjectError
from vaticina.formats.adoption import AdoptedModel
from vaticina.formats.format import Format
from vaticina.formats.source import Source, read_file
from vaticina.usecases.project_file import input_table, table

MODELS = "models"
"""The folder of a project that its model files are copied to."""

ABOUT_INPUTS = (
    "What a prediction is made from, as the model's own parts know it. `seen` categories are those it was fitted to;",
    "any other is answered, and marked in the history. Declare `min`, `max` or `categories` to refuse values.",
)


def contract_text(file: Path) -> str:
    """The text of the project.toml that somebody gave. Raises ProjectError."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ProjectError(f"{file} cannot be read: {error.strerror}.") from None


def write_project(text: str, folder: Path) -> None:
    """Writes ``folder``'s project.toml, whole or not at all. Raises ProjectError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / PROJECT_FILE, text.encode())
    except OSError as error:
        raise ProjectError(f"{folder} cannot be written: {error.strerror}.") from None


def project_text(adopted: AdoptedModel, format_: Format, allow: Sequence[str], keys: Sequence[str] = ()) -> str:
    """The text of ``project.toml``."""
    project, contract = adopted.project, adopted.contract
    document = tomlkit.document()
    document.add("format", tomlkit.item(FORMAT))
    document.add("project", table({"name": project.name, "port": project.project.port}))
    imports: dict[str, object] = {"models": MODELS if format_.keeps_files else None, "allow": list(allow) or None}
    imports["key"] = list(keys) or None
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


def keep_files(source: Source, folder: Path, project: Project, hashes: Mapping[str, str]) -> None:
    """Copies the source's files into the project's folder of models, unless they lie there.

    ``hashes`` are the sha256 by name of the files that were imported. Raises ImportRefused when a file is another by
    now, and ProjectError.
    """
    if project.imports.models is None or project.imports.bucket is not None:
        return
    place = folder / project.imports.models
    try:
        place.mkdir(parents=True, exist_ok=True)
        for file in source.files:
            if file.resolve().parent != place.resolve():
                _write(place / file.name, _imported_bytes(source, file, hashes))
    except OSError as error:
        raise ProjectError(f"{place} cannot be written: {error.strerror}.") from None


def _imported_bytes(source: Source, file: Path, hashes: Mapping[str, str]) -> bytes:
    """The bytes of a file. Raises ImportRefused when they are not those that were imported."""
    data = read_file(file)
    if sha256(data) != hashes.get(source.name(file)):
        raise ImportRefused(f"{file} was changed while it was imported; import it again when it is whole.")
    return data


def _write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
