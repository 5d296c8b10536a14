"""Pulling: the models in a project's bucket, brought into its registry."""

import re
from dataclasses import dataclass
from pathlib import Path

from vaticina.bootstrap import Workspace
from vaticina.contract import Project
from vaticina.errors import ImportRefused, ProjectError, RegistryError, VersionNotFound
from vaticina.formats import is_whole
from vaticina.progress import Report, no_report
from vaticina.registry.store import Store
from vaticina.serving.registry_versions import ALIAS
from vaticina.settings import read_settings, user_cache
from vaticina.usecases.bucket_mirror import BucketMirror
from vaticina.usecases.follow import version_of_files
from vaticina.usecases.import_process import run_import
from vaticina.usecases.import_request import ImportRequest, isolation_of
from vaticina.usecases.publish_import import import_lock, publish_import

NO_FILE_NAME = re.compile(r"[^A-Za-z0-9.-]+")
"""Characters of a URL that do not go into a folder's name."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """``version`` is what the files are, ``is_new`` whether it was made now; ``warning`` why the bucket gave none."""

    version: str
    is_new: bool
    warning: str = ""


def open_mirror(project: Project) -> BucketMirror:
    """The mirror of the project's bucket. Raises ProjectError when it names none."""
    url = project.imports.bucket
    if url is None:
        raise ProjectError(
            f'{project.folder / "project.toml"}: [import] models names no bucket; write models = "s3://BUCKET/FOLDER/".'
        )
    return BucketMirror(Store(url), _local_folder(project.imports.local, url))


def _local_folder(local: str | None, url: str) -> Path:
    """Where the bucket's files are kept: as the project says, else in a folder of this user's cache."""
    if local is not None:
        return Path(local).expanduser()
    return user_cache(read_settings()) / "buckets" / NO_FILE_NAME.sub("_", url)


def pull(
    workspace: Workspace, *, present: bool = False, mirror: BucketMirror | None = None, report: Report = no_report
) -> Pulled:
    """The version of the bucket's models as they are now, imported unless the registry has it.

    With ``present``, a model that is whole on this machine is taken as it is; the bucket is asked when it is not.
    ``mirror`` is the project's own unless another is given.

    Raises:
        SettingsError: the folder on this machine is not this user's alone.
        RegistryError: the bucket does not answer, and no whole model is here.
        ImportRefused, PickleRefused, ForeignVersion, MissingExtra: the model cannot be imported.
    """
    mirror = mirror or open_mirror(workspace.project)
    with import_lock(workspace):
        warning = _refreshed(mirror, present=present)
        pulled = _imported(workspace, mirror, report)
    _promote_first(workspace, pulled.version)
    return Pulled(pulled.version, pulled.is_new, warning)


def _refreshed(mirror: BucketMirror, *, present: bool) -> str:
    """Brings the mirror up to date where that is due; why it was not possible, when what is here can be used."""
    whole = _is_whole(mirror)
    if present and whole:
        mirror.check_private()
        return ""
    try:
        mirror.refresh()
    except RegistryError as error:
        if type(error) is not RegistryError or not whole:
            raise
        return f"{error.message} The files on this machine are used."
    return ""


def _is_whole(mirror: BucketMirror) -> bool:
    """Whether the mirror holds a model with all of its files."""
    try:
        return is_whole(mirror.source())
    except (ImportRefused, OSError):
        return False


def _imported(workspace: Workspace, mirror: BucketMirror, report: Report) -> Pulled:
    source = mirror.source()
    version = version_of_files(workspace, source.fingerprint())
    if version is not None:
        return Pulled(version, is_new=False)
    project = workspace.project
    request = ImportRequest(
        place=mirror.folder,
        files=source.files,
        target=project.folder,
        isolation=isolation_of(project),
        origin=project.imports.models or "",
    )
    published = publish_import(request, run_import(request, report), report)
    return Pulled(published.manifest.version, is_new=True)


def _promote_first(workspace: Workspace, version: str) -> None:
    """Lets ``version`` answer when nothing does."""
    registry, name = workspace.registry(), workspace.project.name
    try:
        registry.resolve(name, ALIAS)
    except VersionNotFound:
        registry.promote(name, version, note="pulled")
