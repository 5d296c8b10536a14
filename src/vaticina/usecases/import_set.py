"""``vaticina import FOLDER`` of a set of clusters: the documented files of contugas."""

from pathlib import Path
from typing import Any

import tomlkit

from vaticina.bootstrap import Workspace
from vaticina.contract import Manifest, Project
from vaticina.contract.project import FORMAT, PROJECT_FILE, parse_project
from vaticina.errors import ImportRefused, ProjectError
from vaticina.formats.cluster_set.files import belongs, is_cluster_set
from vaticina.inlet import import_set, sets
from vaticina.usecases.project_file import input_table, table


def holds_set(place: Path) -> bool:
    """Whether ``place`` is a folder with a file of such a set."""
    return place.is_dir() and is_cluster_set(path.name for path in place.iterdir())


def take_set(place: Path, target: Path, project: Project | None, how: Any, allow: frozenset[str]) -> Manifest:
    """Imports the set in the folder ``place`` into ``project``, or into a new one in ``target``, and promotes it.

    Raises RegistryError, among them what tells why the set is not taken, ProjectError and MissingExtra.
    """
    try:
        files = {path.name: path.read_bytes() for path in place.iterdir() if belongs(path.name)}
    except OSError as error:
        raise ImportRefused(f"{place} cannot be read: {error.strerror}.") from None
    taken = import_set(files, project or target.name, how, f"vaticina import {place} --name {target.name}", allow)
    if not (target / PROJECT_FILE).exists():
        _write(taken.project, target)
    published: Manifest = sets(Workspace(target)).publish(taken, str(place))
    return published


def _write(project: Project, target: Path) -> None:
    text = written(project)
    parse_project(text, target / PROJECT_FILE)  # what cannot be read is not written
    try:
        target.mkdir(parents=True, exist_ok=True)
        (target / PROJECT_FILE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ProjectError(f"{target} cannot be written: {error.strerror}.") from None


def written(project: Project) -> str:
    """The text of ``project.toml``."""
    document = tomlkit.document()
    document.add("format", tomlkit.item(FORMAT))
    document.add("project", table({"name": project.name, "port": project.project.port}))
    if project.imports.allow:
        document.add("import", table({"allow": list(project.imports.allow)}))
    inputs = tomlkit.table(is_super_table=True)
    for name, field in project.inputs.items():
        inputs.add(name, input_table(field, None))
    document.add("inputs", inputs)
    document.add("model", table({"kind": "clusters", "clusters": project.model.clusters}))
    document.add("outputs", table({name: output.quantity for name, output in project.outputs.items()}))
    return tomlkit.dumps(document)
