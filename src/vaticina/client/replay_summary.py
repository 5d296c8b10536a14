"""The summary of a replay: how many requests were answered, how fast, how correctly, and which errors there were."""

from array import array
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isclose
from typing import Any

import numpy as np

PERCENTILES = (50, 90, 95, 99)


@dataclass(slots=True)
class ErrorCount:
    """A kind of error: how often it happened, and the first message."""

    count: int
    example: str


@dataclass(slots=True)
class Agreement:
    """Answers compared with the true labels in ``column``.

    ``distance`` is the sum of absolute errors, when the answer is a number; ``equal`` counts equal classes.
    """

    column: str
    is_number: bool
    compared: int = 0
    equal: int = 0
    distance: float = 0.0

    def note(self, truth: Any, answer: Any) -> None:
        """Counts one answer. A number is not counted when one of the two is not a number."""
        if not self.is_number:
            self.compared += 1
            self.equal += is_same(truth, answer)
            return
        number = _as_number(truth)
        if number is not None and isinstance(answer, int | float):
            self.compared += 1
            self.distance += abs(number - answer)

    def as_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        counts: dict[str, Any] = {"label": self.column, "compared": self.compared}
        if self.is_number:
            return {**counts, "mean_absolute_error": self.mean(self.distance)}
        return {**counts, "equal": self.equal, "share": self.mean(self.equal)}

    def mean(self, total: float) -> float | None:
        """``total`` for each answer that was compared; None when there was none."""
        if not self.compared:
            return None
        return total / self.compared


@dataclass(slots=True)
class ReplaySummary:
    """What was counted so far. ``seconds`` runs from the first request to the last answer.

    ``latencies`` are in seconds, and include retries.
    """

    count: int
    answered: int = 0
    retries: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    errors: dict[str, ErrorCount] = field(default_factory=dict)
    """By kind of error."""
    agreement: Agreement | None = None
    answers: list[Any] = field(default_factory=list)
    """With ``keep_answers``, every answer in the order of the requests; ``{"error": …}`` for one that failed."""

    @property
    def failed(self) -> int:
        """How many requests ended without an answer."""
        return sum(error.count for error in self.errors.values())

    def fail(self, kind: str, message: str) -> None:
        """Counts an error of ``kind``."""
        error = self.errors.setdefault(kind, ErrorCount(0, message))
        error.count += 1

    def percentiles(self) -> Mapping[str, float]:
        """Latencies of the answers in milliseconds: p50, p90, p95, p99 and the largest; none without an answer."""
        if not self.latencies:
            return {}
        milliseconds = np.percentile(self.latencies, [*PERCENTILES, 100]) * 1_000
        names = [*(f"p{percentile}" for percentile in PERCENTILES), "max"]
        return dict(zip(names, milliseconds.tolist(), strict=True))

    def as_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        return {
            "count": self.count,
            "answered": self.answered,
            "failed": self.failed,
            "retries": self.retries,
            "seconds": self.seconds,
            "per_second": self.answered / self.seconds if self.seconds else 0.0,
            "latency_ms": dict(self.percentiles()),
            "errors": {kind: asdict(error) for kind, error in self.errors.items()},
            "agreement": self.agreement.as_dict() if self.agreement else None,
            "interrupted": self.interrupted,
        }


def is_same(truth: Any, answer: Any) -> bool:
    """Whether two labels are the same: as numbers if both are numbers, else as texts without outer spaces or case."""
    left, right = _as_number(truth), _as_number(answer)
    if left is not None and right is not None:
        return isclose(left, right)
    return str(truth).strip().casefold() == str(answer).strip().casefold()


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
