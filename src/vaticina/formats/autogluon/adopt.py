"""A folder that AutoGluon saved elsewhere (``runs/``): its contract, read from the predictor, and the model itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vaticina.contract import Contract
from vaticina.contract.fields import AnyInput, Scalar
from vaticina.errors import BundleCorrupt, ForeignVersion, ImportRefused, PickleRefused
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.autogluon import graph
from vaticina.formats.autogluon.audit import audit_predictor
from vaticina.formats.autogluon.ensemble import bool_features, feature_generators
from vaticina.formats.autogluon.model import AutogluonModel, open_predictor
from vaticina.formats.columns import FittedTable, are_all, plain_value
from vaticina.formats.contract_draft import INPUTS, InputTable, draft_contract, merge_inputs, new_project
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
    names = frozenset(audit_predictor(files, adoption.allow))
    report("opening the predictor", 0.1)
    predictor = _open(folder, names)
    report("inferring the contract", 0.3)
    inputs = _inputs(predictor, adoption)
    contract = _contract(predictor, adoption, inputs)
    notes = ("which inputs may be missing stands in no file: write optional = true where they may",)
    project = adoption.project or new_project(adoption.name, inputs, contract.model.threshold)
    model = AutogluonModel(predictor, contract)
    decides = adoption.threshold is None and (adoption.project is None or adoption.project.model.threshold is None)
    return AdoptedModel(
        model=model,
        project=project,
        contract=contract,
        rows=plausible_rows(contract, FittedTable((), has_names=True)),
        training={
            "estimator": "imported",
            "imported": [folder.name],
            "opened_with": {"autogluon.tabular": files["version.txt"].decode().strip()},
            "notes": list(notes),
        },
        data={"files": fingerprint(files)},
        notes=notes,
        ask_original=model.ask_owner if decides else model.predict,
    )


def _open(folder: Path, names: frozenset[str]) -> Any:
    """The predictor in ``folder``, whose pickles import no name but ``names``. Raises PickleRefused, ForeignVersion."""
    try:
        with guarded(names):
            return open_predictor(folder)
    except PermissionError as error:
        raise PickleRefused(f"{folder} is not opened: {error}.") from None
    except BundleCorrupt as error:
        raise ForeignVersion(error.message) from None


def _inputs(predictor: Any, adoption: Adoption) -> dict[str, AnyInput]:
    """The inputs: the project's own, or those that the predictor tells."""
    tables: dict[str, InputTable] = {}
    for name in predictor.original_features:
        tables[name] = _input_table(predictor, name)
    inputs = INPUTS.validate_python(tables)
    if adoption.project is None:
        return adoption.complete_inputs(inputs)
    return merge_inputs(adoption.project, inputs)


def _input_table(predictor: Any, name: str) -> InputTable:
    """The input for a column of the predictor's. Raises ImportRefused for a text or a time."""
    kind = KINDS.get(predictor.feature_metadata_in.get_feature_type_raw(name))
    special = predictor.feature_metadata_in.get_feature_types_special(name)
    if kind is None or {"text", "datetime_as_object", "image_path"} & set(special):
        raise ImportRefused(
            f"The predictor's column {name!r} is a text or a time, which cannot be imported; fit the predictor "
            "without it."
        )
    if kind != "category":
        return {"type": kind}
    categories = _categories(predictor, name)
    if not are_all(categories, str):
        raise ImportRefused(
            f"The predictor's column {name!r} has categories that are no texts; fit the predictor to their texts."
        )
    if not categories:
        return {"type": "category"}
    return {"type": "category", "seen": sorted(categories), "example": categories[0]}


def _categories(predictor: Any, name: str) -> list[Any]:
    """The categories that AutoGluon tells apart; of a column of two it names the one that counts as true."""
    for generator in feature_generators(predictor):
        categories = (getattr(generator, "category_map", None) or {}).get(name)
        if categories is not None:
            return list(categories)
    true_values = bool_features(predictor)
    if name in true_values:
        return [true_values[name]]
    return []


def _contract(predictor: Any, adoption: Adoption, inputs: dict[str, AnyInput]) -> Contract:
    """The contract with the predictor's classes, positive class and threshold, where the project sets none."""
    classes = tuple(map(plain_value, predictor.class_labels or ()))
    project = adoption.project or new_project(adoption.name, inputs, None)
    model, data = project.model, project.data
    if model.threshold is None:
        threshold = adoption.threshold or _threshold(predictor, classes)
        model = model.model_copy(update={"threshold": threshold})
    positive = None
    if len(classes) == 2:
        positive = data.positive or classes[list(predictor.class_labels).index(predictor.positive_class)]
    data = data.model_copy(update={"positive": positive})
    return draft_contract(project.model_copy(update={"model": model, "data": data}), inputs, classes)


def _threshold(predictor: Any, classes: Sequence[Scalar]) -> float | None:
    """The threshold that AutoGluon calibrated; None when it did not."""
    if len(classes) != 2 or predictor.decision_threshold == 0.5:
        return None
    return float(predictor.decision_threshold)
