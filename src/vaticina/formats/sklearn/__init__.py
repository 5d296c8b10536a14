"""Models of scikit-learn, and of libraries that follow it, in pickle and joblib files."""

from collections.abc import Mapping

from vaticina.formats.adoption import Adoption, OpenedFiles
from vaticina.formats.estimators import EstimatorFormat


class PickleFormat(EstimatorFormat):
    """Pickles of any protocol, and joblib files."""

    name = "pickle"
    suffixes: tuple[str, ...] = (".pkl", ".pickle", ".joblib")

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Any file that no other format recognises: the audit tells whether it is a pickle."""
        return True

    def open_files(self, files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
        """The objects in the pickles, opened here or in an interpreter of their versions."""
        from vaticina.formats.sklearn.file import open_pickle_files

        return open_pickle_files(files, adoption)
