"""The documented set of files, from bytes to a compiled model that was compared with the original."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaticina.contract import Contract, Matrix, Outputs, Project
from vaticina.errors import ImportRefused
from vaticina.importing.cluster_set import ClusterSet, cluster_set
from vaticina.importing.isolation import Isolation, Opened, open_files
from vaticina.importing.set_files import fingerprint, set_files

Compile = Callable[..., Any]
"""``compilation.served.served_form``, which stands beside this part."""

OUTPUTS = {"cluster": "cluster", "prediccion": "anomaly"}
"""What the document answers."""


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """``served`` is the compiled set; ``rows`` (n, columns) some of its kind; ``facts`` tell where it comes from."""

    contract: Contract
    served: Any
    rows: Matrix
    facts: Mapping[str, Any]
    fingerprint: str


def import_set(
    files: Mapping[str, bytes], project: Project, isolation: Isolation, compile_form: Compile, command: str = ""
) -> ImportedSet:
    """The set in ``files`` (name -> bytes) for ``project``, whose inputs are the set's columns.

    Raises:
        PickleRefused, ForeignVersion, MissingExtra: as ``open_files``.
        ImportRefused: a file is missing or holds something else, or the compiled set answers otherwise.
    """
    names = set_files(files)
    opened = open_files({name: files[name] for name in names}, isolation, frozenset(project.imports.allow), command)
    whole = cluster_set(opened.objects, list(project.inputs))
    model = project.model.model_copy(update={"kind": "clusters", "clusters": len(whole.model.numbers)})
    contract = project.draft().model_copy(update={"model": model})
    rows = whole.rows()
    served = compile_form(whole.model, contract, rows, _original(whole, opened))
    if served.runtime != "onnx":
        raise ImportRefused(f"The set is not taken in: {served.verification['reason']}.")
    return ImportedSet(contract, served, rows, _facts(files, names, opened), fingerprint(files))


def _original(whole: ClusterSet, opened: Opened) -> Callable[[Matrix], Outputs]:
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


def _facts(files: Mapping[str, bytes], names: list[str], opened: Opened) -> dict[str, Any]:
    return {
        "estimator": "imported set of clusters",
        "files": {name: hashlib.sha256(files[name]).hexdigest() for name in names},
        "opened_with": opened.libraries or "the versions installed here",
    }
