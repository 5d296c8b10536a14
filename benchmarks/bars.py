"""The bars: ratios between contenders that Vaticina promises, or aims at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from benchmarks.summary import Summary

Figure = Literal["rate", "p99", "alone_p50", "startup", "memory"]
_WORDS = {
    "rate": "req/s at 64 connections",
    "p99": "p99 at 64 connections",
    "alone_p50": "p50 at one connection",
    "startup": "time to the first answer",
    "memory": "MB of memory",
}


@dataclass(frozen=True)
class Bar:
    """`figure` of one contender, divided by another's, must be at least or at most `limit`.

    Without `other`, the figure itself is compared. A bar not yet `promised` is an aim: shown, never failed.
    """

    figure: Figure
    side: Literal["≥", "≤"]
    limit: float
    other: str | None = None
    name: str = "medico"
    promised: bool = True

    def value(self, summaries: Mapping[str, Summary]) -> float | None:
        """What was measured; None when one of the two did not take part."""
        if self.name not in summaries or (self.other is not None and self.other not in summaries):
            return None
        own = float(getattr(summaries[self.name], self.figure))
        return own / float(getattr(summaries[self.other], self.figure)) if self.other else own

    def holds(self, value: float) -> bool:
        """Whether a measured value clears the bar."""
        return value >= self.limit if self.side == "≥" else value <= self.limit

    def verdict(self, value: float) -> str:
        """pass, FAIL, or for an aim: reached, not yet."""
        if self.promised:
            return "pass" if self.holds(value) else "FAIL"
        return "aim, reached" if self.holds(value) else "aim, not yet"

    def __str__(self) -> str:
        against = f" × {self.other}'s" if self.other else ""
        return f"{self.name}: {_WORDS[self.figure]} {self.side} {self.limit:g}{against}"


FOUNDATION = (
    Bar("rate", "≥", 8, "handwritten"),
    Bar("p99", "≤", 0.25, "handwritten"),
)
"""What the first release keeps: natively served, one commit a batch."""

FAST_PATH = (
    Bar("rate", "≥", 0.42, "bare"),
    Bar("rate", "≥", 2, "fastapi"),
    Bar("rate", "≥", 80, "handwritten"),
    Bar("p99", "≤", 1.5, "fastapi"),
    Bar("alone_p50", "≤", 2, "fastapi"),
    Bar("startup", "≤", 2.5, "fastapi"),
    Bar("memory", "≤", 135),
)
"""What compiled models are to keep."""

PEERS = (
    Bar("rate", "≥", 2, "mosec"),
    *(Bar("rate", "≥", 8, peer) for peer in ("bentoml", "mlserver", "litserve", "ray", "mlflow")),
)
"""What compiled models are to keep beside other model servers."""

_FLOORS = (
    Bar("rate", "≥", 0.42, "mixed-bare", "mixed"),
    Bar("rate", "≥", 2, "mixed-fastapi", "mixed"),
    Bar("rate", "≥", 80, "mixed-handwritten", "mixed"),
    Bar("p99", "≤", 1.5, "mixed-fastapi", "mixed"),
    Bar("alone_p50", "≤", 2, "mixed-fastapi", "mixed", promised=False),
    Bar("startup", "≤", 2.5, "mixed-fastapi", "mixed"),
    Bar("memory", "≤", 135, name="mixed", promised=False),
)
VARIANTS = (
    Bar("rate", "≥", 0.6, "sync-floor", "medico-sync"),
    Bar("rate", "≥", 0.6, "medico", "medico-postgres"),
    Bar("rate", "≥", 1, "medico-1worker", "medico-2workers"),
    Bar("p99", "≤", 2, "medico-1worker", "medico-2workers"),
    Bar("rate", "≥", 1.5, "slow-1worker", "slow-2workers"),
    *_FLOORS,
)
"""What other ways of running medico are to keep, and a second model with categories and missing values."""

GLUON = (
    Bar("rate", "≥", 15, "original", "worker"),
    Bar("rate", "≥", 15, "persisted", "worker", promised=False),
    Bar("rate", "≥", 15, "original", "compiled"),
)
"""What a model of AutoGluon is to keep beside the original design."""

GROWTH = (
    Bar("rate", "≥", 0.9, "empty", "long"),
    Bar("rate", "≥", 0.95, "projects-1", "projects-50", promised=False),
    Bar("rate", "≥", 0.95, "projects-1", "projects-200", promised=False),
)
"""What a long history and many projects may cost."""


def failed(bars: tuple[Bar, ...], summaries: Mapping[str, Summary]) -> list[Bar]:
    """The promised bars that were measured and not cleared."""
    values = ((bar, bar.value(summaries)) for bar in bars if bar.promised)
    return [bar for bar, value in values if value is not None and not bar.holds(value)]
