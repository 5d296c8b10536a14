"""LightGBM's own text files: data, no code."""

from vaticina.errors import ImportRefused
from vaticina.formats.estimators import SingleFileFormat

FIRST_LINE = b"tree\n"


class LightGBMFormat(SingleFileFormat):
    """Boosters as ``Booster.save_model`` writes them."""

    name = "lightgbm"
    suffixes: tuple[str, ...] = (".txt",)

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether the file begins as LightGBM's do, or is called like one."""
        return head.startswith(FIRST_LINE) or name.lower().endswith(self.suffixes)

    def open_file(self, data: bytes, name: str, allow: frozenset[str]) -> object:
        """The booster in the file. Raises ImportRefused and MissingExtra."""
        from vaticina.formats.lightgbm.file import read_booster

        if not data.startswith(FIRST_LINE):
            raise ImportRefused(f"{name} is no model that LightGBM wrote as text.")
        return read_booster(data, name)
