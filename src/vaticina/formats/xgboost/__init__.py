"""XGBoost's own JSON and UBJSON files: data, no code."""

from vaticina.formats.estimators import SingleFileFormat


class XGBoostFormat(SingleFileFormat):
    """Boosters and estimators as their ``save_model`` writes them."""

    name = "xgboost"
    suffixes: tuple[str, ...] = (".json", ".ubj")

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether the file is called like one of XGBoost's, or begins as JSON does."""
        return name.lower().endswith(self.suffixes) or head.startswith(b"{")

    def open_file(self, data: bytes, name: str, allow: frozenset[str]) -> object:
        """The estimator or the booster in the file. Raises ImportRefused and MissingExtra."""
        from vaticina.formats.xgboost.file import read_model

        return read_model(data, name)
