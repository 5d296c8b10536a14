"""How an estimator of somebody else is adopted: its files opened, its contract drafted, its parts made one model."""

from collections.abc import Mapping, Sequence
from typing import Any

from vaticina.contract import Contract, Matrix, Project
from vaticina.contract.fields import AnyInput, Scalar
from vaticina.errors import ImportRefused
from vaticina.formats import preparation_columns, tree_columns, wrapper_columns
from vaticina.formats.adoption import AdoptedModel, Adoption, AskOriginal, FileFormat, OpenedFiles
from vaticina.formats.columns import FittedTable, read_fitted_table
from vaticina.formats.contract_draft import draft_contract, draft_inputs, merge_inputs, new_project
from vaticina.formats.estimators import category_graph, frame_graph
from vaticina.formats.estimators.boosters import booster_notes
from vaticina.formats.estimators.bundle_parts import PartPlace, bundle_notes, object_at, part_places
from vaticina.formats.estimators.categories import as_pandas_categories, check_categories, with_categories
from vaticina.formats.estimators.classes import check_one_target, classes_of
from vaticina.formats.estimators.frame_columns import column_notes, frame_columns
from vaticina.formats.estimators.frame_model import FrameModel
from vaticina.formats.estimators.missing_values import required_inputs, without_optional
from vaticina.formats.estimators.original import OriginalModel, ask_elsewhere
from vaticina.formats.estimators.steps import steps_of
from vaticina.formats.estimators.threshold import OwnThreshold, own_threshold
from vaticina.formats.plausible_rows import plausible_rows
from vaticina.formats.source import fingerprint
from vaticina.progress import Report

CONVERTER_FILES = (category_graph, frame_graph)
"""Converters of our own classes, registered by being imported."""

LEARNER_FILES = (preparation_columns, tree_columns, wrapper_columns)
"""What reads the columns of preparations, and of models that hold other models, registered by being imported."""


def adopt_estimator(adoption: Adoption, report: Report) -> AdoptedModel:
    """The model in the adoption's files, once all of them were audited.

    Raises:
        PickleRefused, ForeignVersion, MissingExtra: as the formats of the files do.
        ImportRefused: the files hold no model, or one that does not fit the contract.
    """
    report("reading the files without opening them", 0.0)
    files = adoption.source.read()
    opened = open_by_format(files, adoption)
    report("inferring the contract", 0.3)
    places = part_places(opened.objects, list(files), adoption.keys)
    parts = flatten_parts([object_at(opened.objects, place) for place in places])
    table = read_fitted_table(parts)
    check_categories(parts[0], table, adoption.project)
    project, inputs = _project_and_inputs(adoption, table)
    threshold = _own_threshold(adoption, parts[-1])
    contract = _contract(project, inputs, classes_of(parts[-1]), threshold)
    model = FrameModel(with_categories(parts, table, contract), frame_columns(contract, table), table.has_names)
    rows = plausible_rows(contract, table)
    if adoption.project is None:
        required = required_inputs(model, contract, rows)
        project = project.model_copy(update={"inputs": without_optional(project.inputs, required)})
        contract = _contract(project, without_optional(inputs, required), contract.classes, threshold)
        rows = plausible_rows(contract, table)
    model.answers_labels = model.answers_labels and model.predicts_classes(rows[:1])
    decides = model.answers_labels and (threshold is not None or contract.model.threshold is None)
    notes = (*column_notes(table, contract, adoption.identifier, threshold), *booster_notes(parts[-1]))
    notes = (*notes, *bundle_notes(opened.objects, places))
    return AdoptedModel(
        model=model,
        project=project,
        contract=contract,
        rows=rows,
        training={
            "estimator": f"{type(parts[-1]).__module__}.{type(parts[-1]).__qualname__}",
            "imported": [opened.facts[name] for name in files],
            "opened_with": dict(opened.libraries),
            "notes": list(notes),
        },
        data={"files": fingerprint(files)},
        notes=notes,
        ask_original=_ask_original(opened, places, model, contract, rows, decides=decides),
        is_rebuilt=opened.original is not None,
        constants=table.constants(),
    )


def _own_threshold(adoption: Adoption, model: Any) -> OwnThreshold | None:
    """The model's own threshold, unless somebody chose another, or another positive class."""
    threshold = own_threshold(model)
    project = adoption.project
    if threshold is None or adoption.threshold is not None:
        return None
    if project is not None and project.model.threshold is not None:
        return None
    if project is not None and project.data.positive not in (None, threshold.positive):
        return None
    return threshold


def _contract(
    project: Project, inputs: Mapping[str, AnyInput], classes: tuple[Scalar, ...], threshold: OwnThreshold | None
) -> Contract:
    """The contract of a version of ``project``, with the model's own threshold. Raises ImportRefused."""
    if threshold is not None:
        model = project.model.model_copy(update={"threshold": threshold.value})
        data = project.data.model_copy(update={"positive": threshold.positive})
        project = project.model_copy(update={"model": model, "data": data})
    return draft_contract(project, inputs, classes)


def open_by_format(files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
    """The objects in ``files``, each opened by its own format. Raises as the formats do."""
    objects: dict[str, Any] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    public: dict[str, Any] = {}
    original = None
    libraries: dict[str, str] = {}
    for file_format, group in _grouped(files, adoption.file_formats):
        opened = file_format.open_files(group, adoption)
        objects.update(opened.objects)
        facts.update(opened.facts)
        public.update(opened.public)
        original = opened.original or original
        libraries = dict(opened.libraries) or libraries
    return OpenedFiles(objects, facts, original, libraries, public)


def _grouped(
    files: Mapping[str, bytes], formats: Mapping[str, FileFormat]
) -> list[tuple[FileFormat, dict[str, bytes]]]:
    """The files by their formats: those of one format are opened together."""
    groups: dict[str, tuple[FileFormat, dict[str, bytes]]] = {}
    for name, data in files.items():
        file_format = formats[name]
        _, group = groups.setdefault(file_format.name, (file_format, {}))
        group[name] = data
    return list(groups.values())


def flatten_parts(objects: Sequence[Any]) -> list[Any]:
    """The transformers and the model, last; a pipeline at the end is taken apart. Raises ImportRefused."""
    *parts, last = objects
    parts += steps_of(last)
    for part in parts[:-1]:
        if not hasattr(part, "transform"):
            raise ImportRefused(
                f"{type(part).__name__} stands before the model, but transforms nothing; name the model's file first, "
                "and a fitted transformer by --preprocessor."
            )
    if not hasattr(parts[-1], "predict"):
        raise ImportRefused(
            f"The last part is a {type(parts[-1]).__name__}, which predicts nothing; name the model's file first, and "
            "what prepares its rows by --preprocessor."
        )
    return parts


def _project_and_inputs(adoption: Adoption, table: FittedTable) -> tuple[Project, dict[str, AnyInput]]:
    """The project that adopts the model, drafted where there is none, and the version's inputs."""
    inputs = draft_inputs(table, adoption.identifier)
    if adoption.project is not None:
        return adoption.project, merge_inputs(adoption.project, inputs)
    inputs = adoption.complete_inputs(inputs)
    return new_project(adoption.name, inputs, adoption.threshold), inputs


def _ask_original(
    opened: OpenedFiles,
    places: Sequence[PartPlace],
    model: FrameModel,
    contract: Contract,
    rows: Matrix,
    *,
    decides: bool,
) -> AskOriginal:
    """How the files' own objects are asked: here, or in the interpreter of their versions. Raises ImportRefused."""
    if opened.original is not None:
        return ask_elsewhere(opened.original, places, model.columns, contract, decides=decides)
    public = {**opened.objects, **opened.public}
    objects = [object_at(public, place) for place in places]
    columns = as_pandas_categories(model)
    original = OriginalModel(objects, columns, contract, has_names=model.named, decides=decides)
    check_one_target(objects[-1], original.targets(rows[:1]))
    return original.ask
