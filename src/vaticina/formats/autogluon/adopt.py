"""A folder that AutoGluon saved elsewhere (``runs/``): its contract, read from the predictor, and the model itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vaticina.contract import Contract, Project
from vaticina.contract.fields import AnyInput
from vaticina.errors import BundleCorrupt, ForeignVersion, ImportRefused, PickleRefused
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.autogluon import graph
from vaticina.formats.autogluon.audit import audited
from vaticina.formats.autogluon.model import AutogluonModel, open_predictor
from vaticina.formats.columns import Columns
from vaticina.formats.contract_draft import INPUTS, draft_contract, merged_inputs, new_project
from vaticina.formats.plausible_rows import plausible_rows
from vaticina.formats.source import fingerprint
from vaticina.pickles.guard import guarded
from vaticina.progress import Report

KINDS = {"int": "integer", "float": "number", "bool": "flag", "category": "category", "object": "category"}
"""AutoGluon's raw types, and ours."""

CONVERTER_FILES = (graph,)
"""Converters of our own classes, registered by being imported."""


def adopt_predictor(adoption: Adoption, report: Report) -> AdoptedModel:
    """The predictor in the adoption's folder, once all of its pickles were audited.

    Raises:
        PickleRefused: a pickle wants a name that is not listed.
        ForeignVersion: another AutoGluon made it; both versions are named.
        ImportRefused: it is damaged, or takes what no contract can say.
    """
    folder = adoption.source.place
    report("reading the files without opening them", 0.0)
    files = adoption.source.read()
    names = frozenset(audited(files, adoption.allow))
    report("opening the predictor", 0.1)
    predictor = _opened(folder, names)
    report("inferring the contract", 0.3)
    inputs = INPUTS.validate_python({name: _table(predictor, name) for name in predictor.original_features})
    if adoption.project is None:
        inputs = adoption.complete_inputs(inputs)
    else:
        inputs = merged_inputs(adoption.project, inputs)
    contract = _contract(predictor, adoption, inputs)
    notes = ("which inputs may be missing stands in no file: write optional = true where they may",)
    project = adoption.project or new_project(adoption.name, inputs, contract.model.threshold)
    return AdoptedModel(
        model=AutogluonModel(predictor, contract),
        project=project,
        contract=contract,
        rows=plausible_rows(contract, Columns((), named=True)),
        training={
            "estimator": "imported",
            "imported": [folder.name],
            "opened_with": {"autogluon.tabular": files["version.txt"].decode().strip()},
            "notes": list(notes),
        },
        data={"files": fingerprint(files)},
        notes=notes,
    )


def _opened(folder: Path, names: frozenset[str]) -> Any:
    try:
        with guarded(names):
            return open_predictor(folder)
    except PermissionError as error:
        raise PickleRefused(f"{folder} is not opened: {error}.") from None
    except BundleCorrupt as error:
        raise ForeignVersion(error.message) from None


def _table(predictor: Any, name: str) -> Mapping[str, Any]:
    """The input's table for a column of the predictor's."""
    kind = KINDS.get(predictor.feature_metadata_in.get_feature_type_raw(name))
    special = predictor.feature_metadata_in.get_feature_types_special(name)
    if kind is None or {"text", "datetime_as_object", "image_path"} & set(special):
        raise ImportRefused(f"The predictor's column {name!r} is a text or a time, which cannot be imported.")
    if kind != "category":
        return {"type": kind}
    known = _categories(predictor, name)
    if not all(isinstance(value, str) for value in known):
        raise ImportRefused(f"The predictor's column {name!r} has categories that are no texts; save them as texts.")
    return {"type": "category", "seen": sorted(known), "example": known[0]} if known else {"type": "category"}


def _categories(predictor: Any, name: str) -> list[Any]:
    """The categories that AutoGluon tells apart; of a column of two it names the one that counts as true."""
    stages = getattr(predictor._learner.feature_generator, "generators", [])
    for generator in (one for stage in stages for one in stage):
        known = (getattr(generator, "category_map", None) or {}).get(name)
        if known is not None:
            return list(known)
        if name in (getattr(generator, "_bool_features", None) or {}):
            return [generator._bool_features[name]]
    return []


def _contract(predictor: Any, adoption: Adoption, inputs: dict[str, AnyInput]) -> Contract:
    classes = tuple(getattr(label, "item", lambda own=label: own)() for label in predictor.class_labels or ())
    threshold = adoption.threshold or _threshold(predictor, classes)
    base = adoption.project or new_project(adoption.name, inputs, None)
    project = base.model_copy(
        update={
            "model": base.model.model_copy(update={"threshold": base.model.threshold or threshold}),
            "data": base.data.model_copy(update={"positive": _positive(base, predictor, classes)}),
        }
    )
    return draft_contract(project, inputs, classes)


def _positive(project: Project, predictor: Any, classes: tuple[Any, ...]) -> Any:
    if len(classes) != 2:
        return None
    return project.data.positive or classes[list(predictor.class_labels).index(predictor.positive_class)]


def _threshold(predictor: Any, classes: tuple[Any, ...]) -> float | None:
    if len(classes) != 2 or predictor.decision_threshold == 0.5:
        return None
    return float(predictor.decision_threshold)
