"""Models that are Python objects asked as scikit-learn's are, alone or behind a preprocessor, whatever file holds them.

This file is light; what opens files is imported when it is asked for.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping

from vaticina.contract import Bundle, Runtime
from vaticina.formats.adoption import AdoptedModel, Adoption, OpenedFiles
from vaticina.formats.source import Source
from vaticina.progress import Report


class EstimatorFormat(ABC):
    """The part of a format that all files of estimators share.

    A format adds ``name``, ``suffixes`` and the methods of ``FileFormat``.
    """

    name: str
    suffixes: tuple[str, ...]
    kind = "imported"
    family = "native"
    keeps_files = True

    def files_among(self, names: Collection[str]) -> Collection[str]:
        """None: these formats are single files."""
        return ()

    @abstractmethod
    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether a file is of this format, by its name and its first bytes."""

    def recognises(self, source: Source) -> bool:
        """Whether the model's own file is of this format."""
        return source.model.is_file() and self.recognises_file(source.model.name, source.head(source.model))

    def is_whole(self, source: Source) -> bool:
        """A pair is only found when both of its files are there."""
        return True

    def adopt(self, adoption: Adoption, report: Report) -> AdoptedModel:
        """The model in the source's files, once all of them were audited."""
        from vaticina.formats.estimators.adopt import adopt_estimator

        return adopt_estimator(adoption, report)

    def check_files(self, files: Mapping[str, bytes], allow: frozenset[str]) -> None:
        """Raises PickleRefused unless a server would open the pickle among ``files``."""
        from vaticina.pickles.audit import load_pickle
        from vaticina.tasks.native_runtime import PICKLE_FILE

        load_pickle(files[PICKLE_FILE], "the model, which is not compiled,", allow)

    def load(self, bundle: Bundle, allow: frozenset[str]) -> Runtime:
        """The fitted model itself, opened through the audit."""
        from vaticina.formats.estimators.load import load_native

        return load_native(bundle, allow)


class SingleFileFormat(EstimatorFormat):
    """Formats whose files are opened one by one. A format adds ``open_file``."""

    @abstractmethod
    def open_file(self, data: bytes, name: str, allow: frozenset[str]) -> object:
        """The object in a file. Raises PickleRefused, ForeignVersion, ImportRefused and MissingExtra."""

    def open_files(self, files: Mapping[str, bytes], adoption: Adoption) -> OpenedFiles:
        """The object in each of the files (name -> bytes). Raises as ``open_file`` does."""
        objects: dict[str, object] = {}
        facts: dict[str, Mapping[str, str]] = {}
        for name, data in files.items():
            objects[name] = self.open_file(data, name, adoption.allow)
            facts[name] = {"file": name, "kind": self.name}
        return OpenedFiles(objects, facts)
