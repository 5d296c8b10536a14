"""XGBoost's own JSON and UBJSON files: data, no code."""

from collections.abc import Mapping

from vaticina.formats.adoption import Adoption, OpenedFiles
from vaticina.formats.estimators import EstimatorFormat


class XGBoostFormat(EstimatorFormat):
    """Boosters as ``Booster.save_model`` writes them."""

    name = "xgboost"
    suffixes: tuple[str, ...] = (".json", ".ubj")

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether the file is called like one of XGBoost's, or begins as JSON does."""
        return name.lower().endswith(self.suffixes) or head.startswith(b"{")

    def open_files(self, files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
        """The boosters in the files."""
        from vaticina.formats.xgboost.file import read_booster

        objects = {name: read_booster(data, name) for name, data in files.items()}
        return OpenedFiles(objects, {name: {"file": name, "kind": self.name} for name in files})
