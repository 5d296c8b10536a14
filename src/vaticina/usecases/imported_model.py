"""An imported model as plain data: what the process that opened the files gives to the one that publishes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from vaticina.contract import Contract
from vaticina.contract.bundle import Example, FileName
from vaticina.errors import ImportRefused
from vaticina.usecases.import_report import ImportReport

FACTS = "facts.json"
FILES = "files"
"""What stands in the folder that a child process fills."""


class ImportFacts(BaseModel):
    """Everything about an imported model but the bytes of its bundle, whose names are ``files``.

    ``family`` is the runtime that loads them. ``project_text`` is the project.toml of a project that is new.
    ``keeps_files`` says whether the model's own files are copied into the project. The other fields are those of a
    ``Candidate``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    contract: Contract
    family: str
    files: tuple[FileName, ...]
    verification: dict[str, Any]
    examples: tuple[Example, ...]
    training: dict[str, Any]
    data: dict[str, Any]
    project_text: str
    keeps_files: bool
    report: ImportReport


@dataclass(frozen=True, slots=True)
class ImportedModel:
    """A model that was opened, compiled and verified. ``files`` (name -> bytes) are those of its bundle."""

    facts: ImportFacts
    files: Mapping[str, bytes]

    def write(self, folder: Path) -> None:
        """Writes the model into ``folder``, as ``read_imported`` takes it."""
        for name, data in self.files.items():
            file = folder / FILES / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        (folder / FACTS).write_text(self.facts.model_dump_json(by_alias=True), encoding="utf-8")


def read_imported(folder: Path) -> ImportedModel:
    """The model that a child process wrote into ``folder``.

    The child opened a stranger's files, so nothing that it wrote is trusted: all of it is plain data of known types,
    and every file stands in the folder itself. Raises ImportRefused.
    """
    try:
        facts = ImportFacts.model_validate_json(_read_inside(folder, FACTS))
    except ValidationError as error:
        item = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, item["loc"]))
        raise ImportRefused(f"The import gave back no model: {place}: {item['msg']}; import it again.") from None
    files: dict[str, bytes] = {}
    for name in facts.files:
        files[name] = _read_inside(folder / FILES, name)
    return ImportedModel(facts, files)


def _read_inside(folder: Path, name: str) -> bytes:
    """The bytes of a file in ``folder``. Raises ImportRefused when it is none, or a link."""
    file = folder / name
    is_inside = file.is_file() and file.resolve() == folder.resolve() / name
    if not is_inside:
        raise ImportRefused(f"The import gave back no file {name}; import the model again.")
    return file.read_bytes()
