"""Adopting a model that was made elsewhere: recognised, audited, opened, compiled, verified, released."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vaticina.bootstrap import Workspace
from vaticina.contract import Project, load_project
from vaticina.contract.bundle import Example
from vaticina.contract.project import PROJECT_FILE
from vaticina.errors import ImportRefused, ProjectError
from vaticina.foreign.isolation import Isolation
from vaticina.formats import check_servable, file_formats, find_source, recognise
from vaticina.formats.adoption import AdoptedModel, Adoption, CompleteInputs
from vaticina.formats.format import Format
from vaticina.formats.source import Source
from vaticina.jobs.lock import file_lock
from vaticina.pickles.allowed_names import check_allowed
from vaticina.progress import Report, no_report
from vaticina.settings import pyenv_root, read_settings, user_cache
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.examples import answered_examples
from vaticina.tasks.served_model import ServedModel
from vaticina.usecases.imported_project_file import keep_files, write_project
from vaticina.usecases.owner_comparison import served_as_the_file_answers
from vaticina.usecases.release import Published, release


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """A model at ``place`` that becomes a version of the project in the folder ``target``, which may not exist yet.

    ``files`` are those of the folder ``place`` that are the model, where the caller knows. ``contract`` is a
    project.toml with what the files cannot tell. ``origin`` tells people where the files come from,
    when it is not ``place``. The other fields are those of ``Adoption``.
    """

    place: Path
    target: Path
    isolation: Isolation
    files: tuple[Path, ...] = ()
    preprocessor: Path | None = None
    contract: Path | None = None
    allow: frozenset[str] = frozenset()
    identifier: str = ""
    threshold: float | None = None
    complete_inputs: CompleteInputs = dict
    origin: str = ""

    def source(self) -> Source:
        """The files of the model. Raises ImportRefused when there is none at ``place``, or more than one."""
        if self.files:
            return Source(self.place, self.files)
        return find_source(self.place, self.preprocessor)

    @property
    def exists(self) -> bool:
        """Whether the project is there already."""
        return (self.target / PROJECT_FILE).exists()


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A model that was adopted but is not compiled yet, with where it comes from."""

    request: ImportRequest
    source: Source
    format: Format
    adopted: AdoptedModel
    allow: frozenset[str]


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


def adopt(request: ImportRequest, report: Report = no_report) -> Published:
    """Opens the model, compiles it, and publishes and promotes a version of it. Raises as its two steps do."""
    return publish_model(open_model(request, report), report)


def open_model(request: ImportRequest, report: Report = no_report) -> OpenedModel:
    """The model at the request's place, audited and opened, with its contract. Nothing is written.

    Raises:
        ImportRefused: there is no model, or one of no known format, or one that does not fit the contract.
        PickleRefused, ForeignVersion, MissingExtra: as the format's ``adopt``.
        ProjectError: the project trains its own models, or takes another kind.
    """
    source = request.source()
    format_ = recognise(source)
    project = _project(request, format_)
    _check_contract(request, project)
    allow = request.allow.union(project.imports.allow if project else ())
    check_allowed(allow)
    adoption = Adoption(
        source=source,
        name=request.target.name,
        isolation=request.isolation,
        project=project,
        allow=allow,
        identifier=request.identifier,
        threshold=request.threshold,
        complete_inputs=request.complete_inputs,
        file_formats=file_formats(source),
        command=_command(request),
    )
    return OpenedModel(request, source, format_, format_.adopt(adoption, report), allow)


def _check_contract(request: ImportRequest, project: Project | None) -> None:
    """Raises ImportRefused for a contract that allows names: it may come from whoever made the model."""
    if request.exists or project is None:
        return
    names = sorted(set(project.imports.allow) - request.allow)
    if names:
        options = " ".join(f"--allow {name}" for name in names)
        raise ImportRefused(
            f"{request.contract} allows {', '.join(names)}, which only you may; leave [import] allow out of it, or, if "
            f"you know these classes and trust them, add {options}."
        )


def _command(request: ImportRequest) -> str:
    """The command that a refusal tells the user to run."""
    if request.exists:
        return f"vaticina import {request.place} --into {request.target}"
    return f"vaticina import {request.place} --name {request.target.name}"


def _project(request: ImportRequest, format_: Format) -> Project | None:
    """The contract that is there already: the project's own, or the file that was given."""
    if request.exists:
        project = load_project(request.target)
        if project.model.kind != format_.kind:
            raise ProjectError(
                f'{format_.name} models are served as [model] kind = "{format_.kind}"; {project.name} has the kind '
                f"{project.model.kind!r}. Import the model into a new project: "
                f"vaticina import {request.place} --name NAME."
            )
        return project
    return load_project(request.contract) if request.contract is not None else None


def publish_model(opened: OpenedModel, report: Report = no_report) -> Published:
    """Compiles and verifies the model, writes the project where there is none, and publishes and promotes a version.

    Raises:
        ImportRefused: what would be served does not answer what the file answers, or not what its contract allows.
        PickleRefused: it is not compiled, and is no pickle that a server opens by the list.
        RegistryError: the store does not answer.
    """
    request, adopted = opened.request, opened.adopted
    report("compiling and verifying", 0.5)
    served = served_as_the_file_answers(adopted)
    check_servable(served.family, served.files, opened.allow)
    candidate = Candidate(
        contract=adopted.contract,
        served=served,
        examples=_examples(adopted, served),
        training=adopted.training,
        data={**adopted.data, **({"source": request.origin} if request.origin else {})},
    )
    if not request.exists:
        write_project(adopted, opened.format, request.target, sorted(opened.allow), request.contract)
    if opened.format.keeps_files:
        keep_files(opened.source.files, request.target, load_project(request.target))
    note = f"imported from {request.origin or request.place}"
    return release(Workspace(request.target), candidate, report, note=note)


def _examples(adopted: AdoptedModel, served: ServedModel) -> tuple[Example, ...]:
    """What the version answers to its examples. Raises ImportRefused when it answers nothing."""
    try:
        return answered_examples(adopted.contract, served.runtime, adopted.example_rows)
    except Exception as error:  # a model of others raises what it pleases
        row = adopted.contract.example()
        raise ImportRefused(f"The model does not answer {row}, which its contract allows: {error}.") from None


@contextmanager
def import_lock(workspace: Workspace) -> Iterator[None]:
    """One import into a project at a time, so that several servers make one version of the same files."""
    with file_lock(workspace.places.state / "import.lock"):
        yield
