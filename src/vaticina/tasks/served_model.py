"""A served model: a model in the form in which servers load it."""

from dataclasses import dataclass
from typing import Any

from vaticina.contract import Runtime


@dataclass(frozen=True, slots=True)
class ServedModel:
    """The files of a bundle, and the same model already loaded.

    ``family`` names the runtime that loads ``files`` (name -> content). ``verification`` is the report on how the
    compiled model was compared with the original, or says why it is not compiled.
    """

    family: str
    files: dict[str, bytes]
    runtime: Runtime
    verification: dict[str, Any]
