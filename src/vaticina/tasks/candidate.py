"""A candidate: a model that is ready to be published as a version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vaticina.contract import Bundle, Contract, Runtime
from vaticina.contract.bundle import Example
from vaticina.tasks.served_model import ServedFiles

Measurements = Mapping[str, object]
"""Metrics by name, as a manifest holds them: each a number, or a mapping of numbers."""

Compare = Callable[[Bundle, Runtime], tuple[Measurements, Measurements] | None]
"""The candidate's metrics and those of another version, on rows that both can be judged by; None without such rows."""


def no_comparison(bundle: Bundle, runtime: Runtime) -> None:
    """For candidates that were measured on no rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model with its contract, and everything that its version's manifest will say of it.

    ``examples`` are rows with its answers. ``training`` says how it was made, ``data`` what it was made from.
    ``metrics`` are empty where no rows were held out. ``artefacts`` are more files for the bundle. ``compare`` measures
    it beside another version.
    """

    contract: Contract
    served: ServedFiles
    examples: tuple[Example, ...]
    training: Mapping[str, object]
    data: Mapping[str, object]
    metrics: Measurements = field(default_factory=dict)
    baseline: Mapping[str, object] = field(default_factory=dict)
    artefacts: Mapping[str, bytes] = field(default_factory=dict)
    compare: Compare = no_comparison
