"""Adopting a model that was made elsewhere: its files recognised, audited, opened, compiled and verified.

These steps run in a process of their own, which ``import_process`` starts: they open a stranger's files. Nothing is
published here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vaticina.contract import Project
from vaticina.contract.bundle import Example
from vaticina.contract.notation import PLAIN
from vaticina.errors import ImportRefused, ProjectError
from vaticina.formats import check_servable, file_formats, recognise
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.format import Format
from vaticina.formats.source import Source
from vaticina.pickles.allowed_names import check_allowed
from vaticina.progress import Report, no_report
from vaticina.tasks.examples import answered_examples
from vaticina.tasks.served_model import ServedModel
from vaticina.usecases.check_rows import OwnTables, check_rows
from vaticina.usecases.import_report import ImportReport
from vaticina.usecases.import_request import ImportRequest
from vaticina.usecases.imported_model import ImportedModel, ImportFacts
from vaticina.usecases.imported_project_file import project_text
from vaticina.usecases.owner_comparison import served_as_the_file_answers
from vaticina.usecases.row_check import RowCheck


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A model that was adopted but is not compiled yet, with where it comes from.

    ``project`` is the project that adopts it, None when it is new. ``allow`` are the names that its pickles may import
    beside the list.
    """

    request: ImportRequest
    source: Source
    format: Format
    adopted: AdoptedModel
    project: Project | None
    allow: frozenset[str]


def adopt_model(request: ImportRequest, project: Project | None, report: Report = no_report) -> ImportedModel:
    """The model at the request's place as plain data. Raises as its two steps do."""
    return compile_model(open_model(request, project, report), report)


def open_model(request: ImportRequest, project: Project | None, report: Report = no_report) -> OpenedModel:
    """The model at the request's place, audited and opened, with its contract. Nothing is written.

    ``project`` holds the contract that is there already, if any.

    Raises:
        ImportRefused: there is no model, or one of no known format, or one that does not fit the contract.
        PickleRefused, ForeignVersion, MissingExtra: as the format's ``adopt``.
        ProjectError: the project trains its own models, or takes another kind.
    """
    source = request.source()
    format_ = recognise(source)
    if project is not None and request.exists:
        _check_kind(project, format_, request)
    _check_contract(request, project)
    allow = request.allow.union(project.imports.allow if project else ())
    check_allowed(allow)
    adoption = Adoption(
        source=source,
        name=request.target.name,
        isolation=request.isolation,
        project=project,
        allow=allow,
        keys=request.keys or (project.imports.key if project else ()),
        identifier=request.identifier,
        threshold=request.threshold,
        complete_inputs=request.complete_inputs,
        file_formats=file_formats(source),
        command=request.command,
    )
    return OpenedModel(request, source, format_, format_.adopt(adoption, report), project, allow)


def _check_kind(project: Project, format_: Format, request: ImportRequest) -> None:
    """Raises ProjectError when the project takes another kind of model."""
    if project.model.kind != format_.kind:
        raise ProjectError(
            f'{format_.name} models are served as [model] kind = "{format_.kind}"; {project.name} has the kind '
            f"{project.model.kind!r}. Import the model into a new project: "
            f"vaticina import {request.place} --name NAME."
        )


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


def compile_model(opened: OpenedModel, report: Report = no_report) -> ImportedModel:
    """The model compiled and verified, with its examples and its answers to the owner's own rows.

    Raises:
        ImportRefused: what would be served does not answer what the file answers, or not what its contract allows.
        PickleRefused: it is not compiled, and is no pickle that a server opens by the list.
        DataError: the owner's table cannot be read.
    """
    request, adopted = opened.request, opened.adopted
    report("compiling and verifying", 0.5)
    served = served_as_the_file_answers(adopted)
    check_servable(served.family, served.files, _allowed_by_server(opened))
    examples = _examples(adopted, served)
    row_check = None
    if request.rows is not None:
        report(f"checking the rows of {request.rows.name}", 0.85)
        tables = OwnTables(request.rows, request.expected, opened.project.data if opened.project else PLAIN)
        row_check = check_rows(adopted, served, tables)
    text = ""
    if opened.project is None:
        text = project_text(adopted, opened.format, sorted(opened.allow), request.keys)
    facts = ImportFacts(
        contract=adopted.contract,
        family=served.family,
        files=tuple(served.files),
        verification=served.verification,
        examples=examples,
        training=dict(adopted.training),
        data=_data(opened),
        project_text=text,
        keeps_files=opened.format.keeps_files,
        report=_report(opened, served, row_check),
    )
    return ImportedModel(facts, served.files)


def _allowed_by_server(opened: OpenedModel) -> frozenset[str]:
    """The names that a server of the project lets its pickles import beside the list."""
    if opened.project is None:
        return opened.allow
    return frozenset(opened.project.imports.allow)


def _examples(adopted: AdoptedModel, served: ServedModel) -> tuple[Example, ...]:
    """What the version answers to its examples. Raises ImportRefused when it answers nothing."""
    try:
        return answered_examples(adopted.contract, served.runtime, adopted.example_rows)
    except Exception as error:  # a model of others raises what it pleases
        row = adopted.contract.example()
        raise ImportRefused(
            f"The model does not answer {row}, which its contract allows: {error}; declare other types, ranges "
            "or categories for these columns with --contract."
        ) from None


def _data(opened: OpenedModel) -> dict[str, Any]:
    """What a manifest tells of where the model comes from."""
    data = dict(opened.adopted.data)
    if opened.request.origin:
        data["source"] = opened.request.origin
    return data


def _report(opened: OpenedModel, served: ServedModel, row_check: RowCheck | None) -> ImportReport:
    """The report of the import, as the version keeps it."""
    training: Mapping[str, Any] = opened.adopted.training
    hashes: Mapping[str, str] = opened.adopted.data.get("files", {})
    files: list[Any] = training.get("imported") or [{"file": name} for name in hashes]
    return ImportReport(
        format=opened.format.name,
        source=opened.request.origin or str(opened.request.place),
        files=files,
        versions=training.get("opened_with", {}),
        runtime=served.family,
        compiled=served.family == "onnx",
        reason=served.verification.get("reason"),
        verification=served.verification,
        notes=tuple(opened.adopted.notes),
        warnings=_warnings(row_check),
        check=row_check,
    )


def _warnings(row_check: RowCheck | None) -> tuple[str, ...]:
    """What should not be overlooked of the owner's own rows."""
    if row_check is None or not row_check.refused:
        return ()
    first = row_check.refusals[0]
    return (
        f"the contract refuses {row_check.refused} rows of {row_check.table}, the first in line {first.line}: "
        f"{first.message}",
    )
