"""The results of measuring a model: its metrics, each a number with a confidence interval."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Metric:
    """A value with its 95 % confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured on ``rows`` held-out rows; ``per_class`` has precision, recall, f1 and rows for each class."""

    rows: int
    values: Mapping[str, Metric]
    per_class: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, dict[str, float]]:
        """Plain values for a manifest: ``{name: {"value", "low", "high"}}``."""
        return {name: asdict(metric) for name, metric in self.values.items()}
