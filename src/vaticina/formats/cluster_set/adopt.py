"""How a set of clusters is adopted: from its files to one model that is compared with the original."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from vaticina.contract import Matrix, Outputs, Project
from vaticina.contract.fields import Identifier, Integer, Number
from vaticina.errors import ImportRefused
from vaticina.foreign.open_pickles import OpenedPickles, open_pickles
from vaticina.formats.adoption import AdoptedModel, Adoption, AskOriginal
from vaticina.formats.cluster_set.files import set_files, set_fingerprint
from vaticina.formats.cluster_set.model import ClusterSet, cluster_set
from vaticina.formats.source import fingerprint
from vaticina.progress import Report

EXAMPLE_ROWS = 4
"""Rows that go into a manifest."""


def adopt_set(adoption: Adoption, report: Report) -> AdoptedModel:
    """The set in the adoption's files as one model. A project's inputs must be the set's columns.

    Raises:
        PickleRefused, ForeignVersion, MissingExtra: as ``open_pickles``.
        ImportRefused: a file is missing or holds something else.
    """
    report("reading the files without opening them", 0.0)
    files = adoption.source.read()
    ordered: dict[str, bytes] = {}
    for name in set_files(files):
        ordered[name] = files[name]
    opened = open_pickles(ordered, adoption.isolation, adoption.allow, adoption.command)
    report("inferring the contract", 0.3)
    features = None
    if adoption.project is not None:
        features = _features(adoption.project)
    clusters = cluster_set(opened.objects, features)
    project = adoption.project or _draft_project(adoption.name, clusters, sorted(adoption.allow))
    model = project.model.model_copy(update={"kind": "clusters", "clusters": len(clusters.model.numbers)})
    contract = project.draft().model_copy(update={"model": model})
    contract.check_outputs()
    rows = clusters.rows()
    columns = [column.name for column in contract.columns]
    return AdoptedModel(
        model=clusters.model,
        project=project,
        contract=contract,
        rows=rows,
        training={
            "estimator": "imported set of clusters",
            "files": fingerprint(ordered),
            "opened_with": opened.libraries or "the versions installed here",
        },
        data={"source": str(adoption.source.place), "files": fingerprint(files), "fingerprint": set_fingerprint(files)},
        ask_original=_ask_original(clusters, opened),
        is_rebuilt=True,
        example_rows=[dict(zip(columns, row, strict=True)) for row in rows[:EXAMPLE_ROWS].tolist()],
    )


def _draft_project(name: str, clusters: ClusterSet, allow: Sequence[str]) -> Project:
    """A project for a set that has none: its columns are numbers, and it answers as its kind does by default."""
    means = clusters.model.scaler.mean_.tolist()
    inputs: dict[str, dict[str, Any]] = {}
    for column, mean in zip(clusters.columns, means, strict=True):
        inputs[column] = {"type": "number", "example": float(f"{mean:.4g}")}
    fields = {
        "project": {"name": name},
        "inputs": inputs,
        "model": {"kind": "clusters", "clusters": len(clusters.model.numbers)},
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
    features: list[str] = []
    others: list[str] = []
    for name, field in project.inputs.items():
        if isinstance(field, Number | Integer):
            features.append(name)
        elif not isinstance(field, Identifier):
            others.append(name)
    if others or project.model.kind != "clusters":
        message = (
            f'A set of clusters takes numbers, and is served as [model] kind = "clusters"; {project.name} has the kind '
            f"{project.model.kind!r}"
        )
        if others:
            message += f" and other inputs: {', '.join(others)}"
        raise ImportRefused(f"{message}.")
    return features


def _ask_original(clusters: ClusterSet, opened: OpenedPickles) -> AskOriginal:
    """How the original is asked: in the interpreter of its versions, or the objects themselves."""
    foreign = opened.foreign

    def ask_here(matrix: Matrix) -> Outputs:
        return clusters.outputs(_answers(clusters, opened.objects, matrix))

    if foreign is None:
        return ask_here

    def ask_there(matrix: Matrix) -> Outputs:
        return clusters.outputs(foreign.answers(clusters.ask, list(np.ascontiguousarray(matrix.T))))

    return ask_there


def _answers(clusters: ClusterSet, objects: Mapping[str, Any], matrix: Matrix) -> dict[str, NDArray[Any]]:
    """The document's steps on the opened objects, for ``matrix`` (n, columns): each row's cluster and decision (n,)."""
    scaled = objects[clusters.ask["scaler"]].transform(matrix[:, clusters.ask["order"]])
    cluster = objects[clusters.ask["kmeans"]].predict(scaled)
    decision = np.empty(len(matrix))
    for number, file in clusters.ask["clusters"].items():
        is_member = cluster == int(number)
        if is_member.any():
            package = objects[file]
            indices = list(map(clusters.columns.index, package["features"]))
            rows = package["scaler"].transform(matrix[is_member][:, indices])
            decision[is_member] = package["model"].decision_function(rows)
    return {"cluster": np.asarray(cluster, dtype=np.int64), "decision": decision}
