"""Versions and projects that an earlier Vaticina wrote: all load, answer as they did, are promoted and rolled back."""

import asyncio
import json
import pickletools
from pathlib import Path
from typing import Any

import pytest

from tests.compat.old_versions import ANSWERS, ARTEFACTS, PROJECTS, answers, assert_same, copied, manifests
from vaticina.bootstrap import COMPILED, Workspace
from vaticina.contract import load_project
from vaticina.formats import FORMATS
from vaticina.usecases.train import SeriesRequest, train, train_collection

pytestmark = pytest.mark.slow

FAMILIES = {*COMPILED, *(format_.family for format_ in FORMATS.values() if format_.family)}

OUR_CLASSES = {
    "vaticina.runtimes.calibrated": {"CalibratedClassifier"},
    "vaticina.runtimes.clusters": {"ClusterAnomaly", "Member"},
    "vaticina.runtimes.framed": {"Framed"},
}
"""Our classes by their modules as pickles of 0.1.0 name them, wherever they are now."""


def texts(pickle: bytes) -> set[str]:
    """Every text in a pickle; the names of classes and of their modules are among them."""
    return {argument for _, argument, _ in pickletools.genops(pickle) if isinstance(argument, str)}


def test_every_family_and_every_class_of_ours_is_among_them() -> None:
    written = [manifest for project in PROJECTS for manifest in manifests(project).values()]
    assert {manifest["runtime"] for manifest in written} == FAMILIES
    models = ARTEFACTS.glob("projects/*/.vaticina/registry/*/versions/*/model.pkl")
    found = set().union(*(texts(model.read_bytes()) for model in models))
    assert {text for text in found if text.startswith("vaticina.")} == set(OUR_CLASSES)
    for names in OUR_CLASSES.values():
        assert names <= found


@pytest.mark.parametrize("project", PROJECTS)
def test_the_project_file_is_read(project: str) -> None:
    read = load_project(ARTEFACTS / "projects" / project)
    assert read.name == project
    for manifest in manifests(project).values():
        assert list(read.inputs) == list(manifest["contract"]["inputs"])
        assert list(read.outputs) == list(manifest["contract"]["outputs"])


@pytest.mark.parametrize("project", PROJECTS)
def test_each_version_answers_as_its_examples_say(project: str, tmp_path: Path) -> None:
    workspace = Workspace(copied(project, tmp_path))
    registry = workspace.registry()
    assert [manifest.version for manifest in registry.versions(project)] == list(manifests(project))
    for version, manifest in manifests(project).items():
        assert registry.verify(project, version) == []
        loaded = workspace.versions().load(version)
        rows = [loaded.validator.check(example["input"]) for example in manifest["examples"]]
        outputs = loaded.outputs(loaded.encoder.matrix(rows))
        found = [outputs.row(index) for index in range(len(rows))]
        loaded.runtime.close()
        assert_same(found, [example["outputs"] for example in manifest["examples"]])


@pytest.mark.parametrize("project", PROJECTS)
def test_each_version_is_promoted_rolled_back_and_served(project: str, tmp_path: Path) -> None:
    folder = copied(project, tmp_path)
    registry = Workspace(folder).registry()
    earlier, later = manifests(project)
    assert registry.resolve(project, "production") == later
    assert registry.rollback(project).version == earlier
    check_answers(folder, earlier)
    assert registry.promote(project, later).version == later
    check_answers(folder, later)


def check_answers(folder: Path, version: str) -> None:
    """The server of ``folder`` answers with ``version`` what it answered when the folder was written, and records."""
    expected: list[dict[str, Any]] = json.loads((folder / ANSWERS).read_text(encoding="utf-8"))[version]
    before = recorded(folder)
    assert_same(answers(folder, [one["input"] for one in expected]), (version, [one["answer"] for one in expected]))
    assert recorded(folder) == before + len(expected)


def recorded(folder: Path) -> int:
    """How many predictions the project's history holds."""
    workspace = Workspace(folder)
    history = workspace.history()
    total = history.total(workspace.project.name)
    history.close()
    return total


def test_a_project_is_trained_again_and_goes_back_to_an_old_version(tmp_path: Path) -> None:
    workspace = Workspace(copied("table", tmp_path))
    _, later = manifests("table")
    published = train(workspace)
    assert published.refusal is None
    assert workspace.registry().rollback("table").version == later


def test_a_new_window_joins_those_of_an_old_version(tmp_path: Path) -> None:
    """It is trained on the collections that were kept beside them."""
    workspace = Workspace(copied("window", tmp_path))
    assert asyncio.run(documents(workspace)) == 120
    published, _ = train_collection(workspace, "sensor_data", SeriesRequest(options={"window_size": 4}))
    assert [window.size for window in published.manifest.contract.windows] == [5, 3, 4]
    for size in (5, 3):
        old = next(ARTEFACTS.glob(f"projects/window/.vaticina/registry/**/window-{size}.onnx"))
        bundle = workspace.registry().fetch("window", published.manifest.version)
        assert bundle.read(old.name) == old.read_bytes()


async def documents(workspace: Workspace) -> int:
    """How many documents the collection holds."""
    collections = workspace.collections()
    information = await collections.info("sensor_data")
    await collections.close()
    return information.documents
