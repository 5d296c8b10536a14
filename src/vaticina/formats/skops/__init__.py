"""Models of scikit-learn in skops files."""

from collections.abc import Mapping

from vaticina.formats.adoption import Adoption, OpenedFiles
from vaticina.formats.estimators import EstimatorFormat

ZIP = b"PK\x03\x04"


class SkopsFormat(EstimatorFormat):
    """Zips of arrays and a schema, as skops writes them."""

    name = "skops"
    suffixes: tuple[str, ...] = (".skops",)

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether the file is a zip."""
        return head.startswith(ZIP)

    def open_files(self, files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
        """The objects in the files, whose every name is on our list."""
        from vaticina.formats.skops.file import load_skops

        objects = {name: load_skops(data, name, adoption.allow) for name, data in files.items()}
        return OpenedFiles(objects, {name: {"file": name, "kind": self.name} for name in files})
