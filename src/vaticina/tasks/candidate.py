"""A candidate: a model that is ready to be published as a version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vaticina.contract import Bundle, Contract, Runtime
from vaticina.contract.bundle import Example

Metrics = Mapping[str, Any]

Compare = Callable[[Bundle, Runtime], tuple[Metrics, Metrics] | None]
"""The candidate's metrics and those of another version, on rows that both can be judged by; None without such rows."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """The form in which a model is served.

    ``family`` names who loads it; ``files`` are the bundle's. ``runtime`` is the same model, already loaded.
    ``verification`` reports how it was compared with the original, or why it is not compiled.
    """

    family: str
    files: dict[str, bytes]
    runtime: Runtime
    verification: dict[str, Any]


def no_comparison(bundle: Bundle, runtime: Runtime) -> None:
    """For candidates that were measured on no rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model with its contract, and everything that its version's manifest will tell.

    ``examples`` are rows with its answers. ``training`` tells how it came to be, ``data`` what it was made of.
    ``metrics`` are empty where no rows were held out. ``artefacts`` are more files for the bundle. ``compare`` judges
    it beside another version.
    """

    contract: Contract
    served: ServedModel
    examples: tuple[Example, ...]
    training: Mapping[str, Any]
    data: Mapping[str, Any]
    metrics: Metrics = field(default_factory=dict)
    baseline: Mapping[str, Any] = field(default_factory=dict)
    artefacts: Mapping[str, bytes] = field(default_factory=dict)
    compare: Compare = no_comparison
