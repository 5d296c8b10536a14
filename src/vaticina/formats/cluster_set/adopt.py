"""The documented set of files, from bytes to a compiled model that was compared with the original."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from vaticina.contract import Contract, Matrix, Outputs, Project
from vaticina.contract.fields import Identifier, Integer, Number
from vaticina.errors import ImportRefused
from vaticina.foreign.isolation import Isolation, OpenedPickles, open_pickles
from vaticina.formats.cluster_set.files import fingerprint, set_files
from vaticina.formats.cluster_set.model import ClusterSet, cluster_set

Compile = Callable[..., Any]
"""``compilation.served.served_form``, which stands beside this part."""

OUTPUTS = {"cluster": "cluster", "prediccion": "anomaly"}
"""What the document answers."""


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """``served`` is the compiled set of ``project``; ``rows`` (n, columns) are some of its kind.

    ``facts`` tell where it comes from; ``fingerprint`` tells its files from any others.
    """

    project: Project
    contract: Contract
    served: Any
    rows: Matrix
    facts: Mapping[str, Any]
    fingerprint: str


def import_set(
    files: Mapping[str, bytes],
    project: Project | str,
    isolation: Isolation,
    compile_form: Compile,
    command: str = "",
    allow: frozenset[str] = frozenset(),
) -> ImportedSet:
    """The set in ``files`` (name -> bytes) for ``project``, whose inputs are the set's columns.

    A name instead of a project is that of a new one, drafted from the set. ``allow`` are more exact names, beside the
    project's own; ``command`` is what a refusal tells the user to run.

    Raises:
        PickleRefused, ForeignVersion, MissingExtra: as ``open_pickles``.
        ImportRefused: a file is missing or holds something else, or the compiled set answers otherwise.
    """
    names = set_files(files)
    own = () if isinstance(project, str) else project.imports.allow
    opened = open_pickles({name: files[name] for name in names}, isolation, allow.union(own), command)
    whole = cluster_set(opened.objects, None if isinstance(project, str) else _features(project))
    if isinstance(project, str):
        project = drafted(project, whole, sorted(allow))
    model = project.model.model_copy(update={"kind": "clusters", "clusters": len(whole.model.numbers)})
    contract = project.draft().model_copy(update={"model": model})
    rows = whole.rows()
    served = compile_form(whole.model, contract, rows, _original(whole, opened))
    if served.runtime != "onnx":
        raise ImportRefused(f"The set is not taken in: {served.verification['reason']}.")
    return ImportedSet(project, contract, served, rows, _facts(files, names, opened), fingerprint(files))


def drafted(name: str, whole: ClusterSet, allow: Sequence[str]) -> Project:
    """A project for a set that has none: its columns are numbers, and its answers the document's."""
    scaler = whole.model.scaler
    inputs = {
        column: {"type": "number", "example": float(f"{mean:.4g}")}
        for column, mean in zip(whole.columns, scaler.mean_, strict=True)
    }
    fields = {
        "project": {"name": name},
        "inputs": inputs,
        "model": {"kind": "clusters", "clusters": len(whole.model.numbers)},
        "outputs": OUTPUTS,
        "import": {"allow": list(allow)},
    }
    try:
        return Project.model_validate(fields)
    except ValidationError as error:
        raise ImportRefused(
            f"No project can be made of the set: {error.errors(include_url=False)[0]['msg']}."
        ) from None


def _features(project: Project) -> list[str]:
    """The inputs that a set takes: all but what names a row. Raises ImportRefused for one that is no number."""
    features = {name: field for name, field in project.inputs.items() if not isinstance(field, Identifier)}
    other = [name for name, field in features.items() if not isinstance(field, Number | Integer)]
    if other or project.model.kind != "clusters":
        raise ImportRefused(
            f'A set of clusters takes numbers, and is served as [model] kind = "clusters"; {project.name} has the kind '
            f"{project.model.kind!r}" + (f" and other inputs: {', '.join(other)}." if other else ".")
        )
    return list(features)


def _original(whole: ClusterSet, opened: OpenedPickles) -> Callable[[Matrix], Outputs]:
    """How the original is asked: in the interpreter of its versions, or the objects themselves."""
    foreign = opened.foreign
    if foreign is None:
        return lambda matrix: whole.outputs(_asked(whole, opened.objects, matrix))
    return lambda matrix: whole.outputs(foreign.answers(whole.ask, list(np.ascontiguousarray(matrix.T))))


def _asked(whole: ClusterSet, objects: Mapping[str, Any], matrix: Matrix) -> dict[str, Any]:
    """The steps of the document on the objects as they were opened here."""
    scaled = objects[whole.ask["scaler"]].transform(matrix[:, whole.ask["order"]])
    cluster = objects[whole.ask["kmeans"]].predict(scaled)
    decision = np.empty(len(matrix))
    for number, name in whole.ask["clusters"].items():
        inside = cluster == int(number)
        if inside.any():
            package = objects[name]
            own = matrix[inside][:, [whole.columns.index(column) for column in package["features"]]]
            decision[inside] = package["model"].decision_function(package["scaler"].transform(own))
    return {"cluster": np.asarray(cluster, dtype=np.int64), "decision": decision}


def _facts(files: Mapping[str, bytes], names: list[str], opened: OpenedPickles) -> dict[str, Any]:
    return {
        "estimator": "imported set of clusters",
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in names},
        "opened_with": opened.libraries or "the versions installed here",
    }
