"""A served model: a model in the form in which servers load it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vaticina.contract import Runtime


@dataclass(frozen=True, slots=True)
class ServedFiles:
    """The files of a bundle.

    ``family`` names the runtime that loads ``files`` (name -> content). ``verification`` is the report on how the
    compiled model was compared with the original, or says why it is not compiled.
    """

    family: str
    files: Mapping[str, bytes]
    verification: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ServedModel(ServedFiles):
    """The files of a bundle, and the same model already loaded."""

    runtime: Runtime
