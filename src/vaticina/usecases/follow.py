"""Following: the versions that a server answers with, kept up to date with a bucket or a folder of models."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from vaticina.bootstrap import Workspace
from vaticina.errors import ImportRefused
from vaticina.formats import find_source, is_whole
from vaticina.formats.source import Source
from vaticina.serving.bucket_versions import BucketVersions
from vaticina.serving.folder_versions import FolderVersions
from vaticina.serving.follower import VersionSource
from vaticina.settings import own_command


def followed_versions(workspace: Workspace) -> VersionSource:
    """The versions in the registry; new models in the project's bucket or folder become versions by other processes.

    Those processes may hold training libraries; this one never does.
    """
    imports, folder = workspace.project.imports, workspace.project.folder
    if imports.models is None:
        return workspace.versions()
    if imports.bucket is not None:
        every = imports.every if imports.watch else math.inf
        return BucketVersions(workspace.versions(), pull_command(workspace), every)
    if not imports.watch:
        return workspace.versions()
    models = folder / imports.models
    command = own_command("import", models, "--into", folder, "--new-only")
    return FolderVersions(
        workspace.versions(), partial(newest_files, models), partial(_is_imported, workspace), command
    )


def pull_command(workspace: Workspace) -> list[str]:
    """What pulls the project's models in a process of its own."""
    return own_command("models", "pull", workspace.project.folder)


def newest_files(folder: Path) -> Sequence[Path]:
    """The files of the whole model in ``folder``; none while it holds none, or more than one."""
    try:
        source = find_source(folder)
        if is_whole(source):
            return source.files
    except (ImportRefused, OSError):  # the files may be moved while they are looked at
        pass
    return ()


def _is_imported(workspace: Workspace, files: Sequence[Path]) -> bool:
    """Whether a version was made of these files of the project's folder of models. Raises RegistryError."""
    source = Source(workspace.project.folder / str(workspace.project.imports.models), tuple(files))
    return version_of_files(workspace, source.fingerprint()) is not None


def version_of_files(workspace: Workspace, file_hashes: Mapping[str, str]) -> str | None:
    """The newest version that was made of files with these sha256, by name, if any was. Raises RegistryError."""
    for manifest in reversed(workspace.registry().versions(workspace.project.name)):
        # sets of clusters were once noted with their training alone
        if dict(file_hashes) in (manifest.data.get("files"), manifest.training.get("files")):
            return manifest.version
    return None
