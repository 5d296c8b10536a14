"""A model made elsewhere, ready to be compiled, verified and published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaticina.contract import Contract, Matrix, Outputs, Project
from vaticina.contract.fields import AnyInput
from vaticina.errors import ImportRefused
from vaticina.foreign.isolation import Isolation
from vaticina.formats.columns import find_columns
from vaticina.formats.contract_draft import (
    classes_of,
    drafted_contract,
    drafted_inputs,
    merged_inputs,
    new_project,
    table_columns,
    unused,
)
from vaticina.formats.open_files import Opened, open_files
from vaticina.formats.plausible_rows import plausible_rows
from vaticina.formats.sklearn.frame_model import Framed, with_none
from vaticina.formats.sklearn.native import label_of
from vaticina.formats.source import Artefacts

Report = Callable[[str, float], None]
Complete = Callable[[Mapping[str, AnyInput]], dict[str, AnyInput]]


REFUSED = Isolation(cache=Path(), never=True)
"""Pickles of other versions are not opened."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to import: the files, and the names allowed beside the list.

    ``project`` holds the contract that is there already; without one, a project called ``name`` is drafted, whose rows
    are named by the input ``identifier``, and whose positive class is answered from ``threshold`` on. ``isolation``
    says how pickles of other versions are opened. ``complete`` adds to the inputs of a drafted project what no file
    tells.
    """

    artefacts: Artefacts
    name: str
    project: Project | None = None
    allow: frozenset[str] = frozenset()
    identifier: str = ""
    threshold: float | None = None
    isolation: Isolation = REFUSED
    complete: Complete = dict


@dataclass(frozen=True, slots=True)
class Imported:
    """``model`` in the manner of ours, its ``project`` and ``contract``, encoded ``rows`` (n, columns) of its kind.

    ``facts`` are what a manifest says of where it comes from; ``notes`` what people should be told. ``original``
    asks the model in the interpreter it was opened in, where that is not this one.
    """

    model: Any
    project: Project
    contract: Contract
    rows: Matrix
    facts: Mapping[str, Any]
    notes: tuple[str, ...]
    original: Callable[[Matrix], Outputs] | None = None


def import_model(wanted: Wanted, report: Report) -> Imported:
    """The model in ``wanted``'s files, once all of them were audited.

    Raises:
        PickleRefused, ForeignVersion, MissingExtra: as ``open_files``.
        ImportRefused: the files hold no model, or one that does not fit the contract.
    """
    report("reading the files without opening them", 0.0)
    opened = open_files(wanted.artefacts.files, wanted.allow, wanted.isolation)
    report("inferring the contract", 0.3)
    parts = flat_parts(opened.objects)
    columns = find_columns(parts)
    classes = classes_of(parts[-1])
    learnt = drafted_inputs(columns, wanted.identifier)
    inputs = wanted.complete(learnt) if wanted.project is None else merged_inputs(wanted.project, learnt)
    project = wanted.project or new_project(wanted.name, inputs, wanted.threshold)
    contract = drafted_contract(project, inputs, classes)
    model = Framed(parts, table_columns(contract, columns), columns.named)
    facts: dict[str, Any] = {
        "files": list(opened.facts),
        "sha256": wanted.artefacts.fingerprint(),
        "libraries": opened.libraries,
    }
    facts["estimator"] = f"{type(parts[-1]).__module__}.{type(parts[-1]).__qualname__}"
    notes = [f"no part of the model uses {name}, so it is no input" for name in unused(columns)]
    if columns.guessed:
        notes.append("the files hold no names of columns, so they are called x0, x1, …: name them with --contract")
    original = _original(opened, model, contract)
    return Imported(model, project, contract, plausible_rows(contract, columns), facts, tuple(notes), original)


def _original(opened: Opened, model: Framed, contract: Contract) -> Callable[[Matrix], Outputs] | None:
    """How the files' own objects are asked in the interpreter of their version; None when they are those here."""
    foreign = opened.foreign
    if foreign is None:
        return None
    ask = {
        "parts": [str(fact["file"]) for fact in opened.facts],
        "columns": [column["name"] for column in model.columns],
    }

    def outputs(matrix: Matrix) -> Outputs:
        found = foreign.answers(ask, [with_none(column) for column in model.decoded(matrix)])
        if not contract.classes:
            return Outputs(len(matrix), {"value": found["value"].reshape(len(matrix))})
        shares = found["probabilities"]
        return Outputs(len(matrix), {"label": label_of(shares, contract), "probabilities": shares})

    return outputs


def flat_parts(objects: tuple[Any, ...]) -> list[Any]:
    """The transformers and the model, last; a pipeline at the end is taken apart. Raises ImportRefused."""
    *before, last = objects
    if isinstance(last, dict):
        raise ImportRefused("The file holds a dict, not a model; save the fitted model itself.")
    steps = [step for _, step in last.steps] if hasattr(last, "steps") else [last]
    parts = [*before, *(step for step in steps if step is not None and step != "passthrough")]
    for part in parts[:-1]:
        if not hasattr(part, "transform"):
            raise ImportRefused(f"{type(part).__name__} stands before the model, but transforms nothing.")
    if not hasattr(parts[-1], "predict"):
        raise ImportRefused(f"The last part is a {type(parts[-1]).__name__}, which predicts nothing.")
    return parts
