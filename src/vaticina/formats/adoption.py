"""Adopting a model of somebody else: what is asked for, and what comes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from vaticina.contract import Contract, Matrix, Outputs, Project
from vaticina.contract.fields import AnyInput
from vaticina.formats.source import Source

if TYPE_CHECKING:  # a server opens no stranger's files
    from vaticina.foreign.interpreter import ForeignInterpreter
    from vaticina.foreign.isolation import Isolation

CompleteInputs = Callable[[Mapping[str, AnyInput]], dict[str, AnyInput]]
"""Adds to the inputs of a drafted project what no file tells, such as the ranges of numbers."""

AskOriginal = Callable[[Matrix], Outputs]
"""What the file's owner gets to encoded rows (n, columns), through the public API of the model's library."""


@dataclass(frozen=True, slots=True)
class OpenedFiles:
    """The object in each file, by the file's name, and the facts that a version tells of the file.

    ``original`` asks the files' own objects in an interpreter of their versions, where the objects here are only
    rebuilt from them; ``libraries`` are those versions. ``public`` are the objects by which an owner asks a file, by
    the file's name, where these are others than ``objects``.
    """

    objects: Mapping[str, Any]
    facts: Mapping[str, Mapping[str, Any]]
    original: "ForeignInterpreter | None" = None
    libraries: Mapping[str, str] = field(default_factory=dict)
    public: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class FileFormat(Protocol):
    """A format of single files, each of which holds an estimator or a transformer."""

    name: str

    def recognises_file(self, name: str, head: bytes) -> bool:
        """Whether a file is of this format, by its name and its first bytes."""
        ...

    def open_files(self, files: Mapping[str, bytes], adoption: "Adoption") -> OpenedFiles:
        """The objects in ``files`` (name -> bytes), each audited before any of them is opened.

        Raises PickleRefused, ForeignVersion, ImportRefused and MissingExtra.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A model of somebody else that is to be adopted.

    ``project`` holds the contract that exists already; without one, a project called ``name`` is drafted, whose rows
    are named by the input ``identifier``, and whose positive class is answered from ``threshold`` on. ``allow`` are
    names that pickles may import beside the list. ``keys`` lead to the parts of a file that holds a dict, in the order
    in which rows pass them. ``isolation`` says how files of other versions are opened.
    ``file_formats`` tells the format of each file by its name, where files are opened one by one. ``command`` is what a
    refusal tells the user to run.
    """

    source: Source
    name: str
    isolation: "Isolation"
    project: Project | None = None
    allow: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()
    identifier: str = ""
    threshold: float | None = None
    complete_inputs: CompleteInputs = dict
    file_formats: Mapping[str, FileFormat] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedModel:
    """A model that was audited and opened, with its contract.

    ``rows`` (n, columns) are encoded rows of its kind, on which the forms of it are compared; ``constants`` are, by the
    input of a number, the values that the model treats in a way of their own. ``training`` and ``data`` are what a
    manifest tells of where it comes from; ``notes`` are for people. ``ask_original`` asks the files' own objects as
    their owner does: with raw rows, for labels and probabilities, or values. A ``model`` that ``is_rebuilt`` from
    objects that only another interpreter opens is served compiled or not at all. ``example_rows`` go into the manifest
    beside the contract's own example.
    """

    model: Any
    project: Project
    contract: Contract
    rows: Matrix
    training: Mapping[str, Any]
    data: Mapping[str, Any]
    ask_original: AskOriginal
    is_rebuilt: bool = False
    constants: Mapping[str, Sequence[float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    example_rows: Sequence[Mapping[str, Any]] = ()
