"""Publishing an imported model: what the child process gave back is checked, kept in the project and released.

The project's file is written last, so an import that is killed leaves no project that the next one would stumble over.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from vaticina.bootstrap import COMPILED, Workspace
from vaticina.contract import Project
from vaticina.contract.project import PROJECT_FILE, parse_project
from vaticina.errors import ImportRefused
from vaticina.formats import format_of_family
from vaticina.jobs.lock import file_lock
from vaticina.progress import Report, no_report
from vaticina.settings import read_settings
from vaticina.tasks.candidate import Candidate
from vaticina.tasks.served_model import ServedFiles
from vaticina.usecases.import_report import REPORT_FILE
from vaticina.usecases.import_request import ImportRequest
from vaticina.usecases.imported_model import ImportedModel, ImportFacts
from vaticina.usecases.imported_project_file import contract_text, keep_files, write_project
from vaticina.usecases.release import Published, release


def publish_import(request: ImportRequest, imported: ImportedModel, report: Report = no_report) -> Published:
    """Publishes and promotes a version of the project, which is written where there is none.

    Raises:
        ImportRefused: the version answers the owner's rows otherwise than the files do, or what was given back does not
            fit the request.
        ProjectError: the project cannot be written.
        RegistryError: the store does not answer.
    """
    facts = imported.facts
    _check_rows_agree(facts)
    text = _new_project_text(request, facts)
    workspace = _workspace(request, text)
    _check_facts(facts, workspace.project)
    if facts.keeps_files:
        keep_files(request.source(), request.target, workspace.project, facts.data.get("files", {}))
    published = release(
        workspace, _candidate(imported), report, note=f"imported from {request.origin or request.place}"
    )
    if text is not None:
        write_project(text, request.target)
    return published


def _check_rows_agree(facts: ImportFacts) -> None:
    """Raises ImportRefused when a row of the owner is answered otherwise."""
    check = facts.report.check
    if check is not None and check.differ:
        raise ImportRefused(
            f"{check.differ} of {check.rows} rows of {check.table} are answered otherwise, so nothing was published: "
            f"{check.differences[0]}."
        )


def _new_project_text(request: ImportRequest, facts: ImportFacts) -> str | None:
    """The project.toml of a new project: the contract that was given, or the one inferred; None where one is there."""
    if request.exists:
        return None
    if request.contract is not None:
        return contract_text(request.contract)
    return facts.project_text


def _workspace(request: ImportRequest, text: str | None) -> Workspace:
    """The workspace of the project, whose file may not be written yet. Raises ProjectError and ImportRefused."""
    if text is None:
        return Workspace(request.target)
    project = parse_project(text, request.target / PROJECT_FILE)
    if not request.allow.issuperset(project.imports.allow):
        raise ImportRefused(f"The import of {request.place} gave back a project that allows more names than you did.")
    return Workspace(request.target, read_settings(request.target), project)


def _check_facts(facts: ImportFacts, project: Project) -> None:
    """Raises ImportRefused for a version that no server of the project would load."""
    if facts.contract.name != project.name:
        raise ImportRefused(f"The import gave back a model of {facts.contract.name!r}, not of {project.name!r}.")
    if facts.family not in COMPILED and format_of_family(facts.family) is None:
        raise ImportRefused(
            f"The import gave back a model of the runtime {facts.family!r}, which is not installed here."
        )


def _candidate(imported: ImportedModel) -> Candidate:
    facts = imported.facts
    artefacts: Mapping[str, bytes] = {REPORT_FILE: facts.report.written()}
    return Candidate(
        contract=facts.contract,
        served=ServedFiles(facts.family, imported.files, facts.verification),
        examples=facts.examples,
        training=facts.training,
        data=facts.data,
        artefacts=artefacts,
    )


@contextmanager
def import_lock(workspace: Workspace) -> Iterator[None]:
    """One import into a project at a time, so that several servers make one version of the same files."""
    with file_lock(workspace.places.state / "import.lock"):
        yield
