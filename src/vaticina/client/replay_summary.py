"""The tally of a replay: what was answered, how fast, how rightly, and what went wrong."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isclose
from typing import Any

import numpy as np

PERCENTILES = (50, 90, 95, 99)


@dataclass(slots=True)
class Fault:
    """A kind of error: how often it was met, and what it said first."""

    count: int
    example: str


@dataclass(slots=True)
class Agreement:
    """Answers against the truth in ``column``; for a quantity, ``distance`` adds up how far off they were."""

    column: str
    is_number: bool
    compared: int = 0
    equal: int = 0
    distance: float = 0.0

    def note(self, truth: Any, answer: Any) -> None:
        """Counts one answer; what cannot be compared is not counted."""
        if self.is_number:
            if isinstance(answer, int | float) and (number := _as_number(truth)) is not None:
                self.compared += 1
                self.distance += abs(number - answer)
            return
        self.compared += 1
        self.equal += is_same(truth, answer)

    def summary(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        told: dict[str, Any] = {"label": self.column, "compared": self.compared}
        if self.is_number:
            return {**told, "mean_absolute_error": self.distance / self.compared if self.compared else None}
        return {**told, "equal": self.equal, "share": self.equal / self.compared if self.compared else None}


@dataclass(slots=True)
class Tally:
    """Counts as answers come. ``seconds`` runs from the first request to the last answer; latencies hold retries."""

    count: int
    answered: int = 0
    retries: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    faults: dict[str, Fault] = field(default_factory=dict)
    agreement: Agreement | None = None
    answers: list[Any] = field(default_factory=list)
    """Every answer in the order of the requests, if they are kept; ``{"error": …}`` for one that failed."""

    @property
    def failed(self) -> int:
        """How many requests ended without an answer."""
        return sum(fault.count for fault in self.faults.values())

    def fail(self, kind: str, message: str) -> None:
        """Counts an error of ``kind``."""
        found = self.faults.setdefault(kind, Fault(0, message))
        found.count += 1

    def percentiles(self) -> Mapping[str, float]:
        """Latencies of the answers in milliseconds: p50, p90, p95, p99 and the largest; none without an answer."""
        if not self.latencies:
            return {}
        found = np.percentile(self.latencies, [*PERCENTILES, 100]) * 1_000
        names = [*(f"p{at}" for at in PERCENTILES), "max"]
        return dict(zip(names, map(float, found), strict=True))

    def summary(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "count": self.count,
            "answered": self.answered,
            "failed": self.failed,
            "retries": self.retries,
            "seconds": self.seconds,
            "per_second": self.answered / self.seconds if self.seconds else 0.0,
            "latency_ms": dict(self.percentiles()),
            "errors": {kind: {"count": f.count, "example": f.example} for kind, f in self.faults.items()},
            "agreement": self.agreement.summary() if self.agreement else None,
            "interrupted": self.interrupted,
        }


def is_same(truth: Any, answer: Any) -> bool:
    """Whether a label in a table is the one answered: as numbers if both are, else as texts without outer spaces."""
    left, right = _as_number(truth), _as_number(answer)
    if left is not None and right is not None:
        return isclose(left, right)
    return str(truth).strip().casefold() == str(answer).strip().casefold()


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
