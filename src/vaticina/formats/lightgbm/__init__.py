"""LightGBM's own text files: data, no code."""

from collections.abc import Mapping

from vaticina.errors import ImportRefused
from vaticina.formats.adoption import Adoption, OpenedFiles
from vaticina.formats.estimators import EstimatorFormat

FIRST_LINE = b"tree\n"


class LightGBMFormat(EstimatorFormat):
    """Boosters as ``Booster.save_model`` writes them."""

    name = "lightgbm"
    suffixes: tuple[str, ...] = (".txt",)

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether the file begins as LightGBM's do, or is called like one."""
        return head.startswith(FIRST_LINE) or name.lower().endswith(self.suffixes)

    def open_files(self, files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
        """The boosters in the files."""
        from vaticina.formats.lightgbm.file import read_booster

        for name, data in files.items():
            if not data.startswith(FIRST_LINE):
                raise ImportRefused(f"{name} is no model that LightGBM wrote as text.")
        objects = {name: read_booster(data, name) for name, data in files.items()}
        return OpenedFiles(objects, {name: {"file": name, "kind": self.name} for name in files})
