"""What every format of model files offers."""

from collections.abc import Collection, Mapping
from typing import Protocol, runtime_checkable

from vaticina.contract import Bundle, Runtime
from vaticina.formats.adoption import AdoptedModel, Adoption
from vaticina.formats.source import Source
from vaticina.progress import Report


@runtime_checkable
class Format(Protocol):
    """A file format of models: recognises, audits and opens such files, and loads the versions made of them."""

    name: str
    """What people call it."""

    suffixes: tuple[str, ...]
    """The ends of its files' names, such as ``.onnx``: only files that end so are looked for in folders and buckets.

    Empty for a format whose files are selected by ``files_among``.
    """

    kind: str
    """The ``[model] kind`` of projects that take such models: ``imported``, or ``clusters``."""

    family: str
    """The family of runtimes that serves its models where they are not compiled; empty where all must be compiled."""

    keeps_files: bool
    """Whether the files are copied into the project that adopts them."""

    def files_among(self, names: Collection[str]) -> Collection[str]:
        """Those of a folder's ``names`` that together are one model of this format; none for formats of single files.

        A name that ends with ``/`` is a folder's, and stands for all files in it.
        """
        ...

    def recognises(self, source: Source) -> bool:
        """Whether ``source`` is of this format, by names and first bytes. Nothing is opened."""
        ...

    def is_whole(self, source: Source) -> bool:
        """Whether no file of the model is seen to be missing. Nothing is opened."""
        ...

    def adopt(self, adoption: Adoption, report: Report) -> AdoptedModel:
        """The model in the source, audited before anything of it is opened.

        Raises:
            PickleRefused: a file wants a name that is not listed, or is damaged.
            ForeignVersion: the versions installed here cannot read it, and it is not to be isolated.
            ImportRefused: it holds no model, or one that does not fit the contract.
            MissingExtra: a library of the model is not installed.
        """
        ...

    def check_files(self, files: Mapping[str, bytes], allow: frozenset[str]) -> None:
        """Raises PickleRefused unless a server would open a bundle of ``family`` with these files."""
        ...

    def load(self, bundle: Bundle, allow: frozenset[str]) -> Runtime:
        """The runtime of a bundle of ``family``. Raises BundleCorrupt, PickleRefused and MissingExtra."""
        ...
