"""Models of scikit-learn in skops files."""

from vaticina.formats.estimators import SingleFileFormat

ZIP = b"PK\x03\x04"


class SkopsFormat(SingleFileFormat):
    """Zips of arrays and a schema, as skops writes them."""

    name = "skops"
    suffixes: tuple[str, ...] = (".skops",)

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether the file is a zip."""
        return head.startswith(ZIP)

    def open_file(self, data: bytes, name: str, allow: frozenset[str]) -> object:
        """The object in the file, whose every name is on our list. Raises as ``load_skops`` does."""
        from vaticina.formats.skops.file import load_skops

        return load_skops(data, name, allow)
