"""The local cache: bundles on this machine, and which of them answered last."""

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
    """``{project}/versions/{version}/…`` and ``{project}/last_good/{alias}`` in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def bundle(self, project: str, version: str) -> Bundle | None:
        """The bundle, if all of it is here and no byte was changed."""
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
        """An empty folder to fill; at the end it becomes the version's. Raises RegistryError when it cannot.

        Where the version's folder is already there, made by another process or damaged, each file is exchanged in
        its place, so that whoever reads it meanwhile finds the old file or the new one.
        """
        with self._writing():
            parent = self._folder / project / VERSIONS
            parent.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".receiving-", dir=parent))
        try:
            with self._writing():
                yield folder
                _settle(folder, parent / version)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def remember(self, project: str, alias: str, version: str) -> None:
        """Notes that ``version`` answered well under ``alias``. Raises RegistryError when it cannot be written."""
        with self._writing():
            folder = self._folder / project / LAST_GOOD
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".", delete=False, encoding="utf-8") as file:
                json.dump({"version": version}, file)
            Path(file.name).replace(folder / alias)

    def last_good(self, project: str, alias: str) -> Bundle | None:
        """The bundle that answered last under ``alias``, if it is still whole."""
        try:
            version = json.loads((self._folder / project / LAST_GOOD / alias).read_text("utf-8"))["version"]
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return self.bundle(project, version) if isinstance(version, str) and is_version(version) else None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RegistryError(
                f"The cache {self._folder} cannot be written: {error.strerror or error}; check its disk and rights."
            ) from None


def _settle(folder: Path, home: Path) -> None:
    try:
        folder.rename(home)
    except OSError:
        if not home.is_dir():
            raise
        for file in [path for path in folder.rglob("*") if path.is_file()]:
            place = home / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
