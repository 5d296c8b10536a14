"""The composition root's other half: how models that were made elsewhere come into a project.

What opens, rebuilds and compiles them is imported when there is something to import, and not before.
"""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from vaticina.bootstrap import SERVED_FORM, Workspace, git_commit, resolve
from vaticina.contract import Project
from vaticina.serving.bucket_versions import BucketVersions
from vaticina.serving.folder_versions import FolderVersions
from vaticina.serving.follower import VersionSource
from vaticina.serving.slot import examples
from vaticina.settings import own_command, pyenv_root, user_cache

FINGERPRINT = "vaticina.formats.source:fingerprint"
NEWEST_FILES = "vaticina.formats.source:newest_files"
CHECK_OUTPUTS = "vaticina.usecases.train:check_outputs"
IMPORT_SET = "vaticina.formats.cluster_set.adopt:import_set"
ISOLATION = "vaticina.foreign.isolation:Isolation"
SETS = "vaticina.usecases.take_set:Sets"


def followed(workspace: Workspace) -> VersionSource:
    """The project's versions, kept up to date with the bucket, or the folder, that its models are in."""
    imports = workspace.project.imports
    if imports.models is None:
        return workspace.versions()
    if imports.bucket is None:
        return _watched(workspace, imports.models) if imports.watch else workspace.versions()
    return BucketVersions(workspace.versions(), pull_command(workspace), imports.every if imports.watch else math.inf)


def _watched(workspace: Workspace, models: str) -> VersionSource:
    """The versions, and those made of new files in the folder ``models`` of the project."""
    folder = workspace.project.folder
    command = own_command("import", folder / models, "--into", folder, "--new-only")
    newest = partial(resolve(NEWEST_FILES), folder / models)
    return FolderVersions(workspace.versions(), newest, partial(_is_imported, workspace), command)


def _is_imported(workspace: Workspace, files: Sequence[Path]) -> bool:
    return imported_as(workspace, resolve(FINGERPRINT)(files)) is not None


def imported_as(workspace: Workspace, fingerprint: Mapping[str, str]) -> str | None:
    """The version that was made of files with this sha256 each, by name; None when none was. Raises RegistryError."""
    versions = workspace.registry().versions(workspace.project.name)
    made = [one.version for one in versions if one.data.get("files") == fingerprint]
    return made[-1] if made else None


def pull_command(workspace: Workspace) -> list[str]:
    """What pulls the project's models in a process of its own, which may hold training libraries."""
    return own_command("models", "pull", workspace.project.folder)


def sets(workspace: Workspace) -> Any:
    """What imports sets of files into the project's registry: an ``importing.taking.Sets``."""

    def import_own(files: Mapping[str, bytes]) -> Any:
        return import_set(files, workspace.project, isolation(workspace))

    return resolve(SETS)(
        project=workspace.project,
        registry=workspace.registry(),
        state=workspace.places.state,
        import_set=import_own,
        examples=examples,
        commit=git_commit(workspace.project.folder),
    )


def import_set(
    files: Mapping[str, bytes], project: Project | str, how: Any, command: str = "", allow: frozenset[str] = frozenset()
) -> Any:
    """The documented set of clusters in ``files``, compiled and verified: an ``importing.imported_set.ImportedSet``.

    Raises RegistryError, ProjectError and MissingExtra.
    """
    taken = resolve(IMPORT_SET)(files, project, how, resolve(SERVED_FORM), command, allow)
    resolve(CHECK_OUTPUTS)(taken.contract)
    return taken


def isolation(workspace: Workspace, **known: Any) -> Any:
    """How files of other versions are opened for the project: an ``importing.isolation.Isolation``.

    ``known`` wins over what ``[import]`` says. Raises MissingExtra.
    """
    imports = workspace.project.imports
    options = {"python": imports.python, "more": imports.versions, **known}
    roots = (pyenv_root(workspace.settings),)
    return resolve(ISOLATION)(cache=user_cache(workspace.settings), roots=roots, **options)
