"""How a set of clusters is adopted: from its files to one model that is compared with the original."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import ValidationError

from vaticina.contract import Matrix, Project
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
    names = set_files(files)
    ordered = {name: files[name] for name in names}
    opened = open_pickles(ordered, adoption.isolation, adoption.allow, adoption.command)
    report("inferring the contract", 0.3)
    clusters = cluster_set(opened.objects, _features(adoption.project) if adoption.project else None)
    project = adoption.project or _drafted_project(adoption.name, clusters, sorted(adoption.allow))
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
        example_rows=[dict(zip(columns, row, strict=True)) for row in rows[:EXAMPLE_ROWS].tolist()],
    )


def _drafted_project(name: str, clusters: ClusterSet, allow: Sequence[str]) -> Project:
    """A project for a set that has none: its columns are numbers, and it answers as its kind does by default."""
    scaler = clusters.model.scaler
    inputs = {
        column: {"type": "number", "example": float(f"{mean:.4g}")}
        for column, mean in zip(clusters.columns, scaler.mean_, strict=True)
    }
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
    features = {name: field for name, field in project.inputs.items() if not isinstance(field, Identifier)}
    other = [name for name, field in features.items() if not isinstance(field, Number | Integer)]
    if other or project.model.kind != "clusters":
        raise ImportRefused(
            f'A set of clusters takes numbers, and is served as [model] kind = "clusters"; {project.name} has the kind '
            f"{project.model.kind!r}" + (f" and other inputs: {', '.join(other)}." if other else ".")
        )
    return list(features)


def _ask_original(whole: ClusterSet, opened: OpenedPickles) -> AskOriginal:
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
