"""What an import is asked for: where the model's files are, and which project they become a version of."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vaticina.contract import Project, load_project
from vaticina.contract.project import PROJECT_FILE
from vaticina.foreign.isolation import Isolation
from vaticina.formats import find_source
from vaticina.formats.adoption import CompleteInputs
from vaticina.formats.source import Source
from vaticina.settings import pyenv_root, read_settings, user_cache

SECTIONS_OF_THE_SERVER = frozenset({"history", "gate", "security", "serving", "root"})
"""Tables of project.toml that tell nothing of the model; the first may hold a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """A model at ``place`` that becomes a version of the project in the folder ``target``, which may not exist yet.

    ``files`` are those of the folder ``place`` that are the model, where the caller knows. ``contract`` is a
    project.toml with what the files cannot tell. ``origin`` tells people where the files come from,
    when it is not ``place``. ``rows`` is a table of the owner's own rows that the version is checked on, and
    ``expected`` one with the answers to them. The other fields are those of ``Adoption``.
    """

    place: Path
    target: Path
    isolation: Isolation
    files: tuple[Path, ...] = ()
    preprocessor: Path | None = None
    contract: Path | None = None
    allow: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()
    identifier: str = ""
    threshold: float | None = None
    complete_inputs: CompleteInputs = dict
    origin: str = ""
    rows: Path | None = None
    expected: Path | None = None

    def source(self) -> Source:
        """The files of the model. Raises ImportRefused when there is none at ``place``, or more than one."""
        if self.files:
            return Source(self.place, self.files)
        return find_source(self.place, self.preprocessor)

    def with_files(self) -> "ImportRequest":
        """The same request for the files that are there now: a newer model beside them is another import's."""
        return replace(self, files=self.source().files)

    @property
    def exists(self) -> bool:
        """Whether the project is there already."""
        return (self.target / PROJECT_FILE).exists()

    @property
    def command(self) -> str:
        """The command that a refusal tells the user to run."""
        words = ["vaticina", "import", str(self.place)]
        if self.preprocessor is not None:
            words += ["--preprocessor", str(self.preprocessor)]
        if self.exists:
            return shlex.join([*words, "--into", str(self.target)])
        return shlex.join([*words, "--name", self.target.name])

    def project(self) -> Project | None:
        """The contract that is there already: the project's own, or the file that was given. Raises ProjectError."""
        if self.exists:
            return load_project(self.target)
        if self.contract is not None:
            return load_project(self.contract)
        return None


def isolation_of(
    project: Project | None,
    *,
    always: bool = False,
    never: bool = False,
    python: str | None = None,
    versions: tuple[str, ...] = (),
) -> Isolation:
    """How files of other versions are opened: as given, else as the project says of its files.

    The environments are kept for all projects of this user.
    """
    settings = read_settings()
    return Isolation(
        cache=user_cache(settings),
        roots=(pyenv_root(settings),),
        always=always,
        never=never,
        python=python or (project.imports.python if project else None),
        more=versions or (project.imports.versions if project else ()),
    )


def written_project(project: Project) -> dict[str, Any]:
    """``project`` as JSON, without what only its server needs to know."""
    fields = project.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=set(SECTIONS_OF_THE_SERVER))
    return {**fields, "folder": str(project.folder)}


def read_project(fields: Mapping[str, Any]) -> Project:
    """The project that ``written_project`` wrote."""
    return Project.model_validate(fields)
