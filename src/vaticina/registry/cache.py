"""The cache on this machine: downloaded bundles, and which of them answered last."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vaticina.contract import Bundle
from vaticina.contract.bundle import MANIFEST
from vaticina.errors import RegistryError, VaticinaError
from vaticina.registry.version_id import is_version, read_sealed

VERSIONS = "versions"
LAST_GOOD = "last_good"


class BundleCache:
    """Bundles in a folder: ``{project}/versions/{version}/…`` and ``{project}/last_good/{alias}``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def bundle(self, project: str, version: str) -> Bundle | None:
        """The bundle; None unless all its files are here and none was changed."""
        folder = self._folder / project / VERSIONS / version
        try:
            manifest = read_sealed((folder / MANIFEST).read_bytes(), project, version)
            bundle = Bundle(folder, manifest)
            bundle.verify()
        except (OSError, VaticinaError):
            return None
        return bundle

    @contextmanager
    def receiving(self, project: str, version: str) -> Iterator[Path]:
        """An empty folder to write a version into; at the end of the block it becomes the version's folder.

        When that folder exists already, made by another process or damaged, its files are replaced one by one, so that
        a reader finds the old file or the new one. Raises RegistryError when the cache cannot be written.
        """
        with self._writing():
            parent = self._folder / project / VERSIONS
            parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".receiving-", dir=parent))
        try:
            with self._writing():
                yield folder
                _move_into(folder, parent / version)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def remember(self, project: str, alias: str, version: str) -> None:
        """Notes that ``version`` answered correctly under ``alias``. Raises RegistryError when it cannot be written."""
        with self._writing():
            folder = self._folder / project / LAST_GOOD
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".", delete=False, encoding="utf-8") as file:
                json.dump({"version": version}, file)
            Path(file.name).replace(folder / alias)

    def last_good(self, project: str, alias: str) -> Bundle | None:
        """The bundle that answered last under ``alias``; None when there is none, or it was changed."""
        try:
            version = json.loads((self._folder / project / LAST_GOOD / alias).read_text("utf-8"))["version"]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        if isinstance(version, str) and is_version(version):
            return self.bundle(project, version)
        return None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RegistryError(
                f"The cache {self._folder} cannot be written: {error.strerror or error}; check its disk and rights."
            ) from None


def _move_into(source: Path, target: Path) -> None:
    """Renames the folder ``source`` to ``target``; replaces the files of ``target`` when it exists."""
    try:
        source.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        for path in list(source.rglob("*")):
            if path.is_file():
                replaced = target / path.relative_to(source)
                replaced.parent.mkdir(parents=True, exist_ok=True)
                path.replace(replaced)
