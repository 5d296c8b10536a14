"""The contract of somebody's model, from what its parts know: names, categories, classes."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from vaticina.contract import Contract, Project
from vaticina.contract.contract import AnyOutput, Output
from vaticina.contract.fields import AnyInput, Category, Flag, Identifier, Scalar
from vaticina.contract.kinds import KINDS
from vaticina.contract.project import default_outputs
from vaticina.errors import ImportRefused
from vaticina.formats.columns import Columns, Known
from vaticina.formats.estimators.frame_model import Column

NAMES_A_ROW = re.compile(r"(^|[_\s-])(id|ID|Id|uuid|key)$|[a-z](ID|Id)$")
"""Names of columns that hold who a row is about."""

MANY = 20
"""A column called so, and taken for a category by the model, named its rows if it had more categories than this."""

NUMBERED = "{i}"
"""The name of a row that has none: its place in the request, from 0."""

Table = dict[str, Any]

INPUTS: TypeAdapter[dict[str, AnyInput]] = TypeAdapter(dict[str, AnyInput])


def draft_inputs(columns: Columns, identifier: str) -> dict[str, AnyInput]:
    """The inputs that the model needs, with one more that names the row, called ``identifier``, unless that is empty
    or a column names it already."""
    tables = {one.name: table for one in columns.known if (table := _table(one)) is not None}
    if identifier and identifier not in tables and not any(t["type"] == "identifier" for t in tables.values()):
        tables[identifier] = _named_row()
    return INPUTS.validate_python(tables)


def _table(one: Known) -> Table | None:
    """The input's table; None for a column that no part uses."""
    if names_rows(one):
        return _named_row()
    if not one.used:
        return None
    optional: Table = {"optional": True} if one.gaps else {}
    if one.values is None:
        return {"type": "number", **_seen(one), **optional}
    if all(isinstance(value, bool) for value in one.values):
        return {"type": "flag", **optional}
    return {
        "type": "category",
        "categories" if one.closed else "seen": one.values,
        "example": one.values[0],
        **optional,
    }


def names_rows(one: Known) -> bool:
    """Whether a column holds who a row is about: by its name, when no part uses it or one took it for a category."""
    texts = one.values is not None and len(one.values) > MANY and isinstance(one.values[0], str) and not one.closed
    return bool(NAMES_A_ROW.search(one.name)) and (texts or not one.used)


def _named_row() -> Table:
    return {"type": "identifier", "optional": True, "default": NUMBERED}


def _seen(one: Known) -> Table:
    table: Table = {"seen": list(one.reach)} if one.reach else {}
    middle = sum(one.reach) / 2 if one.reach else 0.0
    return {**table, "example": round(middle if one.centre is None else one.centre, 6)}


def merged_inputs(project: Project, learnt: Mapping[str, AnyInput]) -> dict[str, AnyInput]:
    """The project's own inputs, with the categories that this model knows where none are declared.

    Raises ImportRefused when the model takes a column that the project does not name.
    """
    missing = [name for name, one in learnt.items() if name not in project.inputs and not isinstance(one, Identifier)]
    if missing:
        raise ImportRefused(
            f"The model takes {', '.join(missing)}, which the contract of {project.name} does not name; "
            "add them to its [inputs]."
        )
    return {name: _relearnt(own, learnt.get(name)) for name, own in project.inputs.items()}


def _relearnt(own: AnyInput, learnt: AnyInput | None) -> AnyInput:
    if isinstance(own, Category) and isinstance(learnt, Category) and own.categories is None:
        return own.model_copy(update={"seen": learnt.known})
    return own


def new_project(name: str, inputs: Mapping[str, AnyInput], threshold: float | None) -> Project:
    """The project of an imported model, before anybody edits it. Raises ImportRefused."""
    model = {"kind": "imported", "threshold": threshold}
    try:
        return Project.model_validate({"project": {"name": name}, "inputs": inputs, "model": model})
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        raise ImportRefused(f"No project can be made: {'.'.join(map(str, item['loc']))}: {item['msg']}.") from None


def draft_contract(project: Project, inputs: Mapping[str, AnyInput], classes: tuple[Scalar, ...]) -> Contract:
    """The contract of a version of ``project``. Raises ImportRefused."""
    model = project.model
    if len(classes) != 2 and model.threshold is not None:
        raise ImportRefused(f"[model] threshold is for two classes, and this model has {len(classes) or 'none'}.")
    outputs = project.outputs or named_outputs(inputs, classes)
    try:
        return project.draft(dict(inputs), classes).model_copy(update={"outputs": outputs})
    except ValidationError as error:
        raise ImportRefused(f"No contract can be made: {error.errors(include_url=False)[0]['msg']}.") from None


def named_outputs(inputs: Mapping[str, AnyInput], classes: tuple[Scalar, ...]) -> dict[str, AnyOutput]:
    """The name of the row, under its input's name, before the prediction and its probability."""
    outputs = default_outputs(KINDS["imported"], classes)
    named = next((name for name, one in inputs.items() if isinstance(one, Identifier)), None)
    if named is None:
        return outputs
    return {named: Output.model_validate({"from": "identifier", "input": named}), **outputs}


def table_columns(contract: Contract, columns: Columns) -> list[Column]:
    """Where each column of the model's table stands in the encoded matrix."""
    places = {column.input: at for at, column in enumerate(contract.columns)}
    used = [one for one in columns.known if one.used]
    return [
        Column(name=one.name, at=places.get(one.name), values=_values(contract.inputs[one.name], one)) for one in used
    ]


def _values(own: AnyInput, one: Known) -> list[Any] | None:
    if isinstance(own, Category):
        return list(own.known)
    if isinstance(own, Flag):
        return [False, True]
    return list(one.values or ()) if isinstance(own, Identifier) else None


def classes_of(model: Any) -> tuple[Scalar, ...]:
    """The labels in the order of the model's probabilities; none for a model of numbers. Raises ImportRefused."""
    if hasattr(model, "classes_"):
        if not hasattr(model, "predict_proba"):
            raise ImportRefused(f"{type(model).__name__} knows no probabilities; only models that do are served.")
        return tuple(value.item() if isinstance(value, np.generic) else value for value in model.classes_)
    if type(model).__name__ != "Booster":
        return ()
    objective, count = _objective(model)
    if objective.startswith(("binary", "multi")):
        return tuple(range(max(2, count)))
    return ()


def _objective(booster: Any) -> tuple[str, int]:
    """The objective of LightGBM's or XGBoost's booster, and how many classes it has."""
    if hasattr(booster, "dump_model") and hasattr(booster, "num_model_per_iteration"):
        return str(booster.dump_model(num_iteration=1).get("objective", "")), int(booster.num_model_per_iteration())
    learner = json.loads(booster.save_config())["learner"]
    return str(learner["objective"]["name"]), int(learner["learner_model_param"]["num_class"])


def unused(columns: Columns) -> Sequence[str]:
    """The columns that no part of the model uses, and that name no row."""
    return [one.name for one in columns.known if not one.used and not names_rows(one)]
